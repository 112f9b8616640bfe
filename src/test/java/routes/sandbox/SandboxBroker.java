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
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * An in-process broker for MQTT 5 and 3.1.1, the base of the stand-in clouds, which override the
 * policy points {@code on...}. Accepts QoS 0, 1 and 2, sends QoS 0 and 1. Supports sessions that
 * survive their connection, retained messages, wills and shared subscriptions.
 */
public class SandboxBroker implements AutoCloseable {
  private final AtomicInteger takeovers = new AtomicInteger();

  /** A policy's answer that sends no response. */
  public static final int SILENCE = -1;

  /** A policy's answer that ends the connection, in MQTT 5 with {@link #NOT_AUTHORIZED}. */
  public static final int DISCONNECT = -2;

  /** Reason codes (MQTT 5, 2.4). */
  public static final int SUCCESS = 0;

  public static final int CLIENT_ID_INVALID = 0x85;
  public static final int BAD_USER_NAME_OR_PASSWORD = 0x86;
  public static final int NOT_AUTHORIZED = 0x87;
  public static final int SESSION_TAKEN_OVER = 0x8E;

  private static final String LOCALHOST = "localhost";
  private static final int LARGEST_PACKET = 1 << 20;

  /** Session of a 3.1.1 client, which cannot specify an expiry. */
  private static final long USUAL_EXPIRY = 3_600;

  private static final int MOST_REFUSALS = 1_000;

  /** How long a port may be in use, and the time between two attempts to bind it. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final Map<String, SessionState> sessions = new ConcurrentHashMap<>();
  private final Map<String, Arrived> retained = new LinkedHashMap<>();
  private final Map<String, Integer> turns = new HashMap<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final List<Consumer<String>> refusalListeners = new CopyOnWriteArrayList<>();
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final List<Consumer<Arrived>> listeners = new CopyOnWriteArrayList<>();
  private SSLContext tls;
  private boolean clientCertificate;
  private String webSocket;
  private boolean difficultWebSocket;
  private String[] protocols = {};
  private String host = LOCALHOST;
  private volatile Channel server;
  private String reason;
  private int vacated;

  /**
   * Uses TLS instead of TCP. Call before the start.
   *
   * @param clientCertificate whether a client must send a certificate
   */
  public SandboxBroker withTls(SSLContext tls, boolean clientCertificate) {
    this.tls = tls;
    this.clientCertificate = clientCertificate;
    return this;
  }

  /** Serves MQTT over WebSocket at a path such as /mqtt. Call before the start. */
  public SandboxBroker withWebSocket(String path) {
    webSocket = path;
    return this;
  }

  /**
   * Makes a WebSocket ping its client first and split each packet in two. Call before the start.
   */
  public SandboxBroker withDifficultWebSocket() {
    difficultWebSocket = true;
    return this;
  }

  boolean difficultWebSocket() {
    return difficultWebSocket;
  }

  /**
   * Requires clients to request one of these protocols by ALPN (RFC 7301). Call before the start.
   */
  public SandboxBroker withProtocols(String... alpn) {
    protocols = alpn;
    return this;
  }

  /**
   * Sets the host name that clients use. Any name other than localhost opens it to the network.
   * Call before the start.
   */
  public SandboxBroker at(String host) {
    this.host = host;
    return this;
  }

  protected String host() {
    return host;
  }

  /** Starts for clients that use the name {@code host}. */
  public void open(String host, int port, Consumer<Arrived> listener) {
    at(host).listen(listener).start(port);
  }

  public String url() {
    return (tls == null ? "tcp://" : "ssl://") + host + ":" + port();
  }

  /** Listens on the port, or on a free one if the port is in use or 0; on loopback only. */
  public SandboxBroker start(int port) {
    ChannelFuture bound = bind(port).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      bound = bind(0).syncUninterruptibly();
    }
    server = bound.channel();
    return this;
  }

  private ChannelFuture bind(int port) {
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
    return bootstrap.bind(address, port);
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
      // The selector is not called if a client offers nothing.
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
      WebSocketFrames.addTo(channel.pipeline(), webSocket, difficultWebSocket);
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

  /** Reports each message that arrives, on the broker's thread, before its PUBACK. */
  public SandboxBroker listen(Consumer<Arrived> listener) {
    listeners.add(listener);
    return this;
  }

  /** Reports each refusal to the listener, in one line, on the broker's thread. */
  public void listenToRefusals(Consumer<String> listener) {
    refusalListeners.add(listener);
  }

  /** The refusals so far with their reasons, one line each; bounded. */
  public List<String> refusals() {
    return refusals;
  }

  /** Records why something is refused. An MQTT 5 client receives it in CONNACK or DISCONNECT. */
  protected void refused(String why) {
    reason = why;
    if (refusals.size() < MOST_REFUSALS) {
      refusals.add(why);
    }
    refusalListeners.forEach(listener -> listener.accept(why));
  }

  /**
   * @return the answer
   */
  protected int refused(String why, int answer) {
    refused(why);
    return answer;
  }

  /** Returns the last refusal as Reason String (MQTT 5, 3.14.2.2.3), once. */
  MqttProperties reason() {
    if (reason == null) {
      return MqttProperties.NO_PROPERTIES;
    }
    MqttProperties properties = new MqttProperties();
    properties.add(
        new StringProperty(MqttPropertyType.REASON_STRING.value(), "sandbox: refused: " + reason));
    reason = null;
    return properties;
  }

  /** Called for a client's TCP connection before a byte is read. */
  protected void onAccept(Channel channel) {}

  /**
   * @return reason code of the CONNACK (MQTT 5, 3.2.2.2), translated for a client of 3.1.1
   */
  protected int onConnect(Connect connect) {
    return SUCCESS;
  }

  /** The CONNACK return code for a refused 3.1.1 client (3.2.2.3). */
  protected int returnCode(int reason) {
    return switch (reason) {
      case 0x84 -> 1;
      case CLIENT_ID_INVALID -> 2;
      case BAD_USER_NAME_OR_PASSWORD -> 4;
      case NOT_AUTHORIZED -> 5;
      default -> 3;
    };
  }

  /** The CONNACK properties for an MQTT 5 client (3.2.2.3): by default Receive Maximum. */
  protected MqttProperties announce(Connect connect) {
    MqttProperties properties = new MqttProperties();
    properties.add(new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), receiveMaximum()));
    return properties;
  }

  /** How many QoS 1 and 2 messages a client may send before one is acknowledged (MQTT 5, 4.9). */
  protected int receiveMaximum() {
    return 100;
  }

  /** The highest topic alias that a client may use (MQTT 5, 3.2.2.3.8); 0 for none. */
  protected int topicAliasMaximum() {
    return 0;
  }

  /** Whether a SUBSCRIBE may have an identifier (MQTT 5, 3.2.2.3.12). */
  protected boolean subscriptionIdentifiers() {
    return true;
  }

  /** The id assigned to a client that sends none. */
  protected String spareId() {
    return "auto-" + UUID.randomUUID();
  }

  /** Seconds for which a session outlives its connection (MQTT 5, 3.1.2.11.2). */
  protected long sessionExpiry(Connect connect) {
    return connect.version() == 5
        ? connect.property(MqttPropertyType.SESSION_EXPIRY_INTERVAL, 0)
        : connect.cleanStart() ? 0 : USUAL_EXPIRY;
  }

  /** Whether a subscription gets a topic's messages. */
  protected boolean matches(String filter, String topic) {
    return TopicFilter.matches(filter, topic);
  }

  /** Whether a new subscription gets the message that a topic retained. */
  protected boolean sendsRetained(String filter, String topic) {
    return matches(filter, topic);
  }

  /** Called when a client's will is due. */
  protected void onWill(Connect client, Arrived will) {
    arrived(will);
    onPublished(client, will);
  }

  /** The filters that a client is subscribed to, those of an earlier connection included. */
  protected Set<String> subscriptions(Connect client) {
    return sessions.get(client.clientId()).subscriptions.keySet();
  }

  /**
   * The keep-alive in seconds. A client that is silent for one and a half times as long is
   * disconnected; 0 means never.
   */
  protected int keepAlive(Connect connect) {
    return connect.keepAlive();
  }

  /** Called when the client has its CONNACK. */
  protected void onConnected(Connect connect) {}

  /** Called when the connection has ended, whichever side ended it. */
  protected void onClosed(Connect client) {}

  /** Called when the client has sent DISCONNECT (MQTT 5, 3.14). */
  protected void onDisconnect(Connect client) {}

  /**
   * @return reason code of the PUBACK or PUBREC (MQTT 5, 3.4.2.1). 0x80 and above don't exist in
   *     3.1.1: the connection is closed (3.1.1, 4.8). Or {@link #SILENCE} or {@link #DISCONNECT}.
   */
  protected int onPublish(Connect client, Arrived message) {
    return SUCCESS;
  }

  /** Forwards an accepted message: by default to every client with a matching subscription. */
  protected void onPublished(Connect client, Arrived message) {
    publish(message);
  }

  /**
   * Checks a whole SUBSCRIBE before its filters are checked one by one.
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

  /** Called when the client has its SUBACK for this filter. */
  protected void onSubscribed(Connect client, String filter) {}

  protected void onUnsubscribed(Connect client, String filter) {}

  /** Whether a message may be sent to this client, whose subscription matches. */
  protected boolean mayReceive(Connect client, String topic) {
    return true;
  }

  /**
   * Sends to every client with a matching subscription; also used for messages from the cloud
   * itself.
   */
  public void publish(Arrived message) {
    loop.execute(() -> spread(message));
  }

  private void spread(Arrived message) {
    if (message.retain()) {
      if (message.payload().length == 0) {
        retained.remove(message.topic());
      } else {
        retained.put(message.topic(), message);
      }
    }
    Map<String, List<SessionState>> groups = new LinkedHashMap<>();
    for (SessionState session : sessions.values()) {
      session.offer(message);
      session.subscriptions.forEach(
          (filter, subscription) -> {
            if (subscription.shared() && matches(subscription.filter(), message.topic())) {
              groups.computeIfAbsent(filter, name -> new ArrayList<>()).add(session);
            }
          });
    }
    groups.forEach((filter, members) -> inTurn(filter, members, message));
  }

  /** Sends to one member of a group; to a disconnected one only if all are. */
  private void inTurn(String filter, List<SessionState> members, Arrived message) {
    List<SessionState> here = members.stream().filter(each -> each.connection != null).toList();
    List<SessionState> able = here.isEmpty() ? members : here;
    SessionState next = able.get(turns.merge(filter, 1, Integer::sum) % able.size());
    next.offerShared(message, next.subscriptions.get(filter));
  }

  /** Sends retained messages of matching topics; none to a group (MQTT 5, 4.8.2). */
  void sendRetained(SessionState session, Subscription subscription, boolean fresh) {
    if (!subscription.shared()) {
      List.copyOf(retained.values())
          .forEach(message -> session.offerRetained(message, subscription, fresh));
    }
  }

  /**
   * Sends to one client if one of its subscriptions matches.
   *
   * @return whether the client is connected
   */
  public boolean publish(String clientId, Arrived message) {
    SessionState session = sessions.get(clientId);
    if (session == null || session.connection == null) {
      return false;
    }
    loop.execute(() -> session.offer(message));
    return true;
  }

  /** Runs a task on the broker's thread. */
  protected ScheduledFuture<?> schedule(Duration delay, Runnable task) {
    return loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Sends DISCONNECT with a reason code (MQTT 5, 3.14.2.1), or nothing in 3.1.1; then closes. */
  public void kick(String clientId, int reasonCode) {
    SessionState session = sessions.get(clientId);
    SandboxSession connection = session == null ? null : session.connection;
    if (connection != null) {
      loop.execute(() -> connection.disconnect(reasonCode));
    }
  }

  /** Connections that ended because another client connected with the same id. */
  public int takeovers() {
    return takeovers.get();
  }

  /** Closes every connection without a DISCONNECT. */
  public void cut() {
    channels.forEach(Channel::close);
  }

  /** Ends every connection and refuses new ones, until {@link #reappear()}. */
  public void disappear() {
    vacated = port();
    server.close().syncUninterruptibly();
    cut();
  }

  /** Listens on the earlier port again; another program may be using it for a moment. */
  public void reappear() {
    reappear(PATIENCE);
  }

  /**
   * @throws IllegalStateException if another program has the port for longer
   */
  public void reappear(Duration patience) {
    long most = patience.dividedBy(PAUSE);
    for (int tries = 0; ; tries++) {
      ChannelFuture bound = bind(vacated).awaitUninterruptibly();
      if (bound.isSuccess()) {
        server = bound.channel();
        return;
      }
      if (tries >= most) {
        throw new IllegalStateException("another program has taken port " + vacated, bound.cause());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Stops reading, like a broker that hangs; TCP stays up. */
  public void pause() {
    channels.forEach(channel -> channel.config().setAutoRead(false));
  }

  public void resume() {
    channels.forEach(channel -> channel.config().setAutoRead(true));
  }

  /** The connected clients. */
  public Set<String> clients() {
    return sessions.entrySet().stream()
        .filter(session -> session.getValue().connection != null)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A second connection with a client id ends the first (MQTT 5, 3.1.4-3).
   *
   * @return whether it resumes an earlier session
   */
  boolean open(SandboxSession connection, Connect connect) {
    SessionState kept = sessions.get(connect.clientId());
    SandboxSession older = kept == null ? null : kept.connection;
    boolean resumed = kept != null && !connect.cleanStart();
    SessionState session = resumed ? kept : new SessionState(this);
    session.attach(connection, connect);
    connection.take(session);
    sessions.put(connect.clientId(), session);
    if (older != null) {
      takeovers.incrementAndGet();
      older.disconnect(SESSION_TAKEN_OVER);
    }
    return resumed;
  }

  /**
   * @param expiry seconds for which the session is kept, unless a newer connection uses it
   */
  void closed(
      SessionState session, SandboxSession connection, Connect client, boolean will, long expiry) {
    boolean current = session.connection == connection;
    if (current) {
      session.connection = null;
    }
    onClosed(client);
    if (loop.isShuttingDown()) {
      return;
    }
    if (will) {
      client.will().ifPresent(each -> bequeath(session, client, each, current, expiry));
    }
    if (current && expiry == 0) {
      sessions.remove(client.clientId(), session);
    } else if (current) {
      session.end =
          schedule(Duration.ofSeconds(expiry), () -> sessions.remove(client.clientId(), session));
    }
  }

  /**
   * Publishes a will after its delay, but no later than the end of the session (MQTT 5, 3.1.3.2.2).
   */
  private void bequeath(
      SessionState session, Connect client, Will will, boolean current, long expiry) {
    long delay = Math.min(will.delay().toSeconds(), expiry);
    if (delay == 0) {
      onWill(client, will.message());
    } else if (current) {
      session.will = schedule(Duration.ofSeconds(delay), () -> onWill(client, will.message()));
    }
  }

  protected void arrived(Arrived message) {
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
