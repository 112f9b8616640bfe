package routes.link;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import routes.log.Loops;

/**
 * The event loop that all links share; it only moves bytes. Netty swallows what a task throws, and
 * the link would stop silently. This class reports it instead.
 */
final class LinkLoop {
  static final String NAME = "mqtt-loop";

  private static final EventLoop LOOP =
      new NioEventLoopGroup(1, new DefaultThreadFactory(NAME, true)).next();

  static {
    LOOP.terminationFuture()
        .addListener(
            ended -> Loops.failed(NAME, new IllegalStateException("the event loop has ended")));
  }

  private LinkLoop() {}

  /** Returns the loop for Netty's channels. */
  static EventLoop netty() {
    return LOOP;
  }

  static void execute(Runnable task) {
    LOOP.execute(Loops.step(NAME, task));
  }

  static Future<?> schedule(Runnable task, long time, TimeUnit unit) {
    return LOOP.schedule(Loops.step(NAME, task), time, unit);
  }
}
