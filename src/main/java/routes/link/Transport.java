package routes.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The byte stream between this device and the broker: TCP, TLS 1.2 or later with the host name
 * checked, and WebSocket over either.
 */
final class Transport {
  /** The least time for one address: enough for two retransmissions of a lost SYN. */
  private static final long LEAST_MILLIS = 5_000;

  private static final long CLOSE_MILLIS = 500;

  /**
   * Bytes queued for the socket: writing pauses above the second number and resumes at the first.
   */
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(128 << 10, 512 << 10);

  private static final int HEAD_LIMIT = 16_384;

  private final ConnectionSettings settings;
  private final Dialer.Prepared prepared;
  private final Executor blocking;
  private final long end = System.nanoTime() + ConnectionPolicy.CONNECT_TIMEOUT.toNanos();

  /**
   * @param blocking runs the CPU-bound part of a TLS handshake
   */
  Transport(ConnectionSettings settings, Dialer.Prepared prepared, Executor blocking) {
    this.settings = settings;
    this.prepared = prepared;
    this.blocking = blocking;
  }

  /**
   * Connects, directly or through a proxy, to the first of the host's addresses that answers. Java
   * lists IPv4 before IPv6 addresses, whatever this machine is connected to, and one of several
   * servers may be down.
   */
  void open(Session session) {
    open(prepared.addresses(), 0, null, session);
  }

  private void open(InetAddress[] addresses, int index, Throwable first, Session session) {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (session.over() || index == addresses.length || index > 0 && left <= 0) {
      session.end(new Reasons(settings).of(first));
      return;
    }
    long share = Math.max(LEAST_MILLIS, left / (addresses.length - index));
    int limit = (int) Math.max(1, Math.min(left, share));
    InetSocketAddress target = new InetSocketAddress(addresses[index], settings.url().port());
    ProxyHandler proxy = null;
    if (settings.policy().proxy().isPresent()) {
      Proxy way = settings.policy().proxy().get();
      InetSocketAddress at = new InetSocketAddress(addresses[index], way.port());
      proxy = way.handler(at, prepared.proxy(), limit);
      target = InetSocketAddress.createUnresolved(settings.url().host(), settings.url().port());
    }
    new Bootstrap()
        .group(LinkLoop.netty())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, limit)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
        .handler(new FirstHandlers(proxy))
        .resolver(NoopAddressResolverGroup.INSTANCE)
        .connect(target)
        .addListener(
            (ChannelFuture connected) -> {
              if (!connected.isSuccess()) {
                Throwable why = first == null ? connected.cause() : first;
                open(addresses, index + 1, why, session);
              } else if (session.over()) {
                connected.channel().close();
              } else {
                fill(connected.channel(), session);
              }
            });
  }

  /** Adds the proxy's handler; the others are added once connected. */
  private static final class FirstHandlers extends ChannelInitializer<Channel> {
    private final ProxyHandler proxy;

    /**
     * @param proxy null for none
     */
    FirstHandlers(ProxyHandler proxy) {
      this.proxy = proxy;
    }

    @Override
    protected void initChannel(Channel channel) {
      if (proxy != null) {
        channel.pipeline().addLast(proxy);
      }
    }
  }

  private void fill(Channel channel, Session session) {
    ChannelPipeline pipeline = channel.pipeline();
    int largest = settings.policy().largestPacket();
    if (prepared.tls() != null) {
      pipeline.addLast(tls());
    }
    if (settings.url().scheme().webSocket) {
      pipeline.addLast(webSocket(2 * largest + HEAD_LIMIT));
    }
    // The gate enforces the limit; the decoder does not count the packet's header.
    pipeline.addLast(
        new PacketGate(largest), new MqttDecoder(largest), MqttEncoder.INSTANCE, session);
  }

  private SslHandler tls() {
    SSLEngine engine = prepared.tls().createSSLEngine(settings.url().host(), settings.url().port());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(settings.alpn().toArray(String[]::new));
    engine.setSSLParameters(parameters);
    SslHandler handler = new SslHandler(engine, blocking);
    handler.setHandshakeTimeoutMillis(ConnectionPolicy.CONNECT_TIMEOUT.toMillis());
    handler.setCloseNotifyFlushTimeoutMillis(CLOSE_MILLIS);
    return handler;
  }

  private ChannelHandler[] webSocket(int largestFrame) {
    BrokerUrl url = settings.url();
    // java.net.URI rejects hosts with an underscore, as container networks have them.
    String host = url.host().replace('_', '-');
    WebSocketClientProtocolConfig config =
        WebSocketClientProtocolConfig.newBuilder()
            .webSocketUri(new BrokerUrl(url.scheme(), host, url.port(), url.path()).toString())
            .customHeaders(new DefaultHttpHeaders().set(HttpHeaderNames.HOST, url.address()))
            .subprotocol("mqtt")
            .maxFramePayloadLength(largestFrame)
            .handshakeTimeoutMillis(ConnectionPolicy.CONNECT_TIMEOUT.toMillis())
            .build();
    return new ChannelHandler[] {
      new HttpClientCodec(),
      new HttpObjectAggregator(HEAD_LIMIT),
      new WebSocketClientProtocolHandler(config),
      new Frames()
    };
  }

  /** MQTT in binary frames (MQTT 5, 6), however the server splits it. */
  private static final class Frames extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    @Override
    protected void encode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out) {
      out.add(new BinaryWebSocketFrame(bytes.retain()));
    }

    @Override
    protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
      out.add(frame.content().retain());
    }
  }
}
