package routes.sandbox;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A TCP proxy on loopback that injects network faults, named as in toxiproxy. Faults in one
 * direction are {@link Toxics}; faults in both directions are here.
 */
public final class FaultProxy implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
  private final Set<Flow> flows = ConcurrentHashMap.newKeySet();
  private final Toxics upstream = new Toxics(this::changed);
  private final Toxics downstream = new Toxics(this::changed);
  private final List<AutoCloseable> hole = new ArrayList<>();
  private final int port = Ports.free();
  private volatile int target;
  private Channel server;

  /**
   * @param target the server's port
   */
  public FaultProxy(int target) {
    this.target = target;
    this.server = listen();
  }

  /** A proxy that simulates distance: every byte takes half the round trip each way. */
  public static FaultProxy faraway(int target, Duration roundTrip) {
    FaultProxy proxy = new FaultProxy(target);
    proxy.upstream.latency(roundTrip.dividedBy(2), Duration.ZERO);
    proxy.downstream.latency(roundTrip.dividedBy(2), Duration.ZERO);
    return proxy;
  }

  public int port() {
    return port;
  }

  /** From the client to the server. */
  public Toxics upstream() {
    return upstream;
  }

  /** From the server to the client. */
  public Toxics downstream() {
    return downstream;
  }

  /** Directs new connections to another server. */
  public void target(int port) {
    target = port;
  }

  /** Connections end, and new ones are refused. */
  public synchronized void down() {
    unbind();
    cut();
  }

  /** Connections hang, and new ones get no answer at all. */
  public synchronized void blackHole() {
    upstream.timeout();
    downstream.timeout();
    unbind();
    try {
      // Linux does not answer a SYN while the backlog of a listening socket is full.
      hole.add(bound(() -> new ServerSocket(port, 1, LOOPBACK)));
      for (int i = 0; i < 2; i++) {
        hole.add(new Socket(LOOPBACK, port));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void unbind() {
    server.close().syncUninterruptibly();
  }

  /**
   * A closed socket keeps its port until the selector's next round, and until every process that is
   * being started has closed its inherited copy.
   */
  private static <S> S bound(Callable<S> bind) {
    return Awaitility.await("the port is free again")
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .ignoreExceptionsInstanceOf(BindException.class)
        .until(bind, socket -> true);
  }

  /** Every connection ends with RST. */
  public void cut() {
    channels.forEach(Flow::endWithRst);
    channels.forEach(channel -> channel.close().awaitUninterruptibly());
  }

  /** Removes all faults. */
  public synchronized void heal() {
    try {
      for (AutoCloseable each : hole) {
        each.close();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    hole.clear();
    upstream.clear();
    downstream.clear();
    if (!server.isOpen()) {
      server = listen();
    }
  }

  private void changed() {
    loop.execute(() -> flows.forEach(Flow::pass));
  }

  private Channel listen() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    connect(client);
                  }
                });
    return bound(() -> bootstrap.bind(LOOPBACK, port).syncUninterruptibly().channel());
  }

  private void connect(Channel client) {
    keep(client);
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.AUTO_READ, false)
        .handler(new ChannelInboundHandlerAdapter())
        .connect(LOOPBACK, target)
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              Channel server = connected.channel();
              if (connected.isSuccess() && client.isOpen()) {
                keep(server);
                join(client, server, upstream);
                join(server, client, downstream);
              } else {
                server.close();
                Flow.reset(client);
              }
            });
  }

  private void keep(Channel channel) {
    channels.add(channel);
    channel.closeFuture().addListener(closed -> channels.remove(channel));
  }

  private void join(Channel from, Channel to, Toxics toxics) {
    Flow flow = new Flow(from, to, toxics);
    flows.add(flow);
    from.closeFuture().addListener(closed -> to.closeFuture().addListener(c -> flows.remove(flow)));
    from.pipeline().addLast(flow);
    flow.pass();
  }

  @Override
  public void close() {
    heal();
    server.close().awaitUninterruptibly();
    cut();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
