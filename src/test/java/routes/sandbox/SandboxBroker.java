package routes.sandbox;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * A broker of MQTT 5 and 3.1.1 in this process: the base of stand-in clouds, which override the
 * policy points {@code on...}. QoS 0, 1 and 2 in, 0 and 1 out; no sessions that outlive their
 * connection, no retained messages, no wills.
 */
public class SandboxBroker implements AutoCloseable {
  /** A policy's answer for: say nothing at all. */
  public static final int SILENCE = -1;

  /** A policy's answer for: end the connection, in MQTT 5 with {@link #NOT_AUTHORIZED}. */
  public static final int DISCONNECT = -2;

  /** Reason codes (MQTT 5, 2.4). */
  public static final int SUCCESS = 0;

  public static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
  public static final int NOT_AUTHORIZED = 0x87;
  public static final int SESSION_TAKEN_OVER = 0x8E;

  private static final String LOCALHOST = "localhost";
  private static final int LARGEST_PACKET = 1 << 20;

  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final Map<String, SandboxSession> sessions = new ConcurrentHashMap<>();
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final List<Consumer<Arrived>> listeners = new CopyOnWriteArrayList<>();
  private SSLContext tls;
  private boolean clientCertificate;
  private String webSocket;
  private String[] protocols = {};
  private String host = LOCALHOST;
  private Channel server;

  /**
   * Before the start: TLS instead of TCP.
   *
   * @param clientCertificate whether a client needs one
   */
  public SandboxBroker withTls(SSLContext tls, boolean clientCertificate) {
    this.tls = tls;
    this.clientCertificate = clientCertificate;
    return this;
  }

  /** Before the start: MQTT in a WebSocket at a path such as /mqtt. */
  public SandboxBroker withWebSocket(String path) {
    webSocket = path;
    return this;
  }

  /** Before the start: with TLS, clients have to ask for one of these by ALPN (RFC 7301). */
  public SandboxBroker withProtocols(String... alpn) {
    protocols = alpn;
    return this;
  }

  /**
   * Before the start: what clients call this machine. Any other name than localhost opens it to the
   * network.
   */
  public SandboxBroker at(String host) {
    this.host = host;
    return this;
  }

  protected String host() {
    return host;
  }

  /** {@link #start} for clients that call this machine {@code host}. */
  public void open(String host, int port, Consumer<Arrived> listener) {
    at(host).listen(listener).start(port);
  }

  public String url() {
    return (tls == null ? "tcp://" : "ssl://") + host + ":" + port();
  }

  /** Listens on the port, or on a free one if it is taken or 0; on this machine alone. */
  public SandboxBroker start(int port) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    accept(channel);
                  }
                });
    String address = host.equals(LOCALHOST) ? "127.0.0.1" : "0.0.0.0";
    ChannelFuture bound = bootstrap.bind(address, port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      bound = bootstrap.bind(address, 0).syncUninterruptibly();
    }
    server = bound.channel();
    return this;
  }

  private void accept(SocketChannel channel) {
    channels.add(channel);
    channel.closeFuture().addListener(closed -> channels.remove(channel));
    if (tls != null) {
      SSLEngine engine = tls.createSSLEngine();
      engine.setUseClientMode(false);
      if (clientCertificate) {
        engine.setNeedClientAuth(true);
      } else {
        engine.setWantClientAuth(asksForCertificate());
      }
      if (protocols.length > 0) {
        engine.setHandshakeApplicationProtocolSelector((tls, offered) -> protocol(offered));
      }
      SslHandler handler = new SslHandler(engine);
      channel.pipeline().addLast("tls", handler);
      // The selector isn't asked when a client offers nothing.
      handler
          .handshakeFuture()
          .addListener(
              done -> {
                if (done.isSuccess()
                    && protocols.length > 0
                    && engine.getApplicationProtocol().isEmpty()) {
                  channel.close();
                }
              });
    }
    if (webSocket != null) {
      WebSocketFrames.addTo(channel.pipeline(), webSocket);
    }
    channel
        .pipeline()
        .addLast(new MqttDecoder(LARGEST_PACKET), MqttEncoder.INSTANCE, new SandboxSession(this));
    onAccept(channel);
  }

  /** Null ends the handshake, with the alert no_application_protocol. */
  private String protocol(List<String> offered) {
    for (String protocol : protocols) {
      if (offered.contains(protocol)) {
        return protocol;
      }
    }
    return null;
  }

  /** Whether the TLS handshake asks for a certificate that a client may lack. */
  protected boolean asksForCertificate() {
    return false;
  }

  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** Tells of each message that arrives, on the broker's thread, before its PUBACK. */
  public SandboxBroker listen(Consumer<Arrived> listener) {
    listeners.add(listener);
    return this;
  }

  /** A client's TCP connection, before a byte of it is read. */
  protected void onAccept(Channel channel) {}

  /**
   * @return reason code of the CONNACK (MQTT 5, 3.2.2.2), translated for a client of 3.1.1
   */
  protected int onConnect(Connect connect) {
    return SUCCESS;
  }

  /** The CONNACK's return code for a client of 3.1.1 (3.2.2.3) that is refused. */
  protected int returnCode(int reason) {
    return switch (reason) {
      case 0x84 -> 1;
      case 0x85 -> 2;
      case BAD_USER_NAME_OR_PASSWORD -> 4;
      case NOT_AUTHORIZED -> 5;
      default -> 3;
    };
  }

  /** The CONNACK's properties for a client of MQTT 5 (3.2.2.3): here Receive Maximum. */
  protected MqttProperties announce(Connect connect) {
    MqttProperties properties = new MqttProperties();
    properties.add(new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), receiveMaximum()));
    return properties;
  }

  /** QoS 1 and 2 messages a client may send before one is acknowledged (MQTT 5, 4.9). */
  protected int receiveMaximum() {
    return 100;
  }

  /** Seconds of silence, times one and a half, that end a connection; 0 for none do. */
  protected int keepAlive(Connect connect) {
    return connect.keepAlive();
  }

  /** The client has its CONNACK. */
  protected void onConnected(Connect connect) {}

  /** The connection has ended, whoever ended it. */
  protected void onClosed(Connect client) {}

  /** The client said DISCONNECT (MQTT 5, 3.14). */
  protected void onDisconnect(Connect client) {}

  /**
   * @return reason code of the PUBACK or PUBREC (MQTT 5, 3.4.2.1). 0x80 and above don't exist in
   *     3.1.1: the connection is closed (3.1.1, 4.8). Or {@link #SILENCE} or {@link #DISCONNECT}.
   */
  protected int onPublish(Connect client, Arrived message) {
    return SUCCESS;
  }

  /** Where a message goes that was taken: here to every client with a matching subscription. */
  protected void onPublished(Connect client, Arrived message) {
    publish(message);
  }

  /**
   * Looks at a whole SUBSCRIBE before its filters are asked for one by one.
   *
   * @param filters as many as the packet has
   * @return {@link #SUCCESS}, {@link #SILENCE} or {@link #DISCONNECT}
   */
  protected int onSubscribe(Connect client, List<String> filters) {
    return SUCCESS;
  }

  /**
   * @return reason code of the SUBACK (MQTT 5, 3.9.3): the granted QoS, 0 or 1, or 0x80 and above;
   *     or {@link #SILENCE}, or {@link #DISCONNECT}
   */
  protected int onSubscribe(Connect client, String filter, int qos) {
    return Math.min(qos, 1);
  }

  /** The client has its SUBACK for this filter. */
  protected void onSubscribed(Connect client, String filter) {}

  protected void onUnsubscribed(Connect client, String filter) {}

  /** Whether a message may go out to this client, whose subscription matches. */
  protected boolean mayReceive(Connect client, String topic) {
    return true;
  }

  /** To every client with a matching subscription; also for messages of the cloud's own. */
  public void publish(Arrived message) {
    loop.execute(() -> sessions.values().forEach(session -> session.deliver(message)));
  }

  /**
   * To one client, if a subscription of its matches.
   *
   * @return whether the client is connected
   */
  public boolean publish(String clientId, Arrived message) {
    SandboxSession session = sessions.get(clientId);
    if (session == null) {
      return false;
    }
    loop.execute(() -> session.deliver(message));
    return true;
  }

  /** Runs a task on the broker's thread. */
  protected ScheduledFuture<?> schedule(Duration delay, Runnable task) {
    return loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** DISCONNECT with a reason code (MQTT 5, 3.14.2.1), in 3.1.1 without a word; then closes. */
  public void kick(String clientId, int reasonCode) {
    SandboxSession session = sessions.get(clientId);
    if (session != null) {
      loop.execute(() -> session.disconnect(reasonCode));
    }
  }

  /** Closes every connection without a word. */
  public void cut() {
    channels.forEach(Channel::close);
  }

  /** Reads no more, as a broker that hangs; TCP stays up. */
  public void pause() {
    channels.forEach(channel -> channel.config().setAutoRead(false));
  }

  public void resume() {
    channels.forEach(channel -> channel.config().setAutoRead(true));
  }

  public Set<String> clients() {
    return Set.copyOf(sessions.keySet());
  }

  /** A second connection with a client id ends the first (MQTT 5, 3.1.4-3). */
  void opened(SandboxSession session, String clientId) {
    SandboxSession older = sessions.put(clientId, session);
    if (older != null) {
      older.disconnect(SESSION_TAKEN_OVER);
    }
  }

  void closed(SandboxSession session, Connect client) {
    sessions.remove(client.clientId(), session);
    onClosed(client);
  }

  void arrived(Arrived message) {
    listeners.forEach(listener -> listener.accept(message));
  }

  @Override
  public void close() {
    if (server != null) {
      server.close().awaitUninterruptibly();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
