package routes.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * One direction of one connection through a {@link FaultProxy}. Used on the proxy's thread only.
 */
final class Flow extends ChannelInboundHandlerAdapter {
  private static final int MOST_QUEUED = 256 * 1024;

  /**
   * @param bytes null for the end of the connection
   */
  private record Piece(long due, ByteBuf bytes) {}

  private final Channel from;
  private final Channel to;
  private final Toxics toxics;
  private final Queue<Piece> queue = new ArrayDeque<>();
  private long lastDue = System.nanoTime();
  private long passed;
  private int queued;
  private boolean timer;

  Flow(Channel from, Channel to, Toxics toxics) {
    this.from = from;
    this.to = to;
    this.toxics = toxics;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (toxics.resets()) {
      endWithRst(to);
      reset(from);
      to.close();
    } else {
      while (bytes.isReadable()) {
        int size = Math.min(bytes.readableBytes(), toxics.slice());
        add(toxics.delayNanos(), bytes.readRetainedSlice(size));
        lastDue += toxics.busyNanos(size);
        queued += size;
      }
    }
    bytes.release();
    pass();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    add(toxics.closeNanos(), null);
    pass();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  private void add(long delay, ByteBuf bytes) {
    long due = System.nanoTime() + delay;
    lastDue = due - lastDue > 0 ? due : lastDue;
    queue.add(new Piece(lastDue, bytes));
  }

  /** Sends the bytes that are due, and schedules the rest. */
  void pass() {
    boolean held = toxics.held();
    while (!held && !queue.isEmpty() && queue.peek().due - System.nanoTime() <= 0) {
      send(queue.remove().bytes);
    }
    from.config().setAutoRead(!held && queued < MOST_QUEUED);
    if (!held && !timer && !queue.isEmpty()) {
      timer = true;
      long wait = queue.peek().due - System.nanoTime();
      to.eventLoop().schedule(this::wake, Math.max(0, wait), TimeUnit.NANOSECONDS);
    }
  }

  private void wake() {
    timer = false;
    pass();
  }

  private void send(ByteBuf bytes) {
    if (bytes == null) {
      to.close();
      return;
    }
    queued -= bytes.readableBytes();
    passed += bytes.readableBytes();
    long over = passed - toxics.limit();
    if (over > 0) {
      bytes.writerIndex((int) Math.max(bytes.readerIndex(), bytes.writerIndex() - over));
    }
    to.writeAndFlush(bytes);
    if (over >= 0) {
      from.close();
      to.close();
    }
  }

  static void reset(Channel channel) {
    endWithRst(channel);
    channel.close();
  }

  /** Ends the connection with RST instead of FIN, whichever side closes it. */
  static void endWithRst(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // it has just ended
    }
  }
}
