package routes.sandbox;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A TCP proxy that makes a server seem far away: every byte takes half the round trip each way. */
public final class DelayingProxy implements AutoCloseable {
  private final EventLoopGroup loop = new NioEventLoopGroup(1);
  private final long delayMicros;
  private final Channel server;

  /**
   * @param port the server's, on this machine
   */
  public DelayingProxy(int port, Duration roundTrip) {
    this.delayMicros = roundTrip.toNanos() / 2_000;
    this.server =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel client) {
                    connect(client, port);
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  private void connect(Channel client, int port) {
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new Forward(client))
        .connect("127.0.0.1", port)
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                client.pipeline().addLast(new Forward(connected.channel()));
                client.config().setAutoRead(true);
              } else {
                client.close();
              }
            });
  }

  /** One direction. Delays are alike, so that what came first goes first. */
  private final class Forward extends ChannelInboundHandlerAdapter {
    private final Channel to;

    Forward(Channel to) {
      this.to = to;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      later(() -> to.writeAndFlush(bytes));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      later(to::close);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }

    private void later(Runnable task) {
      to.eventLoop().schedule(task, delayMicros, TimeUnit.MICROSECONDS);
    }
  }

  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
