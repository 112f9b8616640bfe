package routes.link;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import routes.log.Loops;

/**
 * The event loop that all links share: it only moves bytes. Netty drops what a task throws, and
 * with it the link's next step; here it is reported.
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

  /** For the channels. */
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
