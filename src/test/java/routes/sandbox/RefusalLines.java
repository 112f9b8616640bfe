package routes.sandbox;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Prints why a cloud refused something; the same reason at most once per second. */
final class RefusalLines implements Consumer<String> {
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final String cloud;
  private String last = "";
  private long printed;

  RefusalLines(String cloud) {
    this.cloud = cloud;
  }

  @Override
  public synchronized void accept(String why) {
    long now = System.nanoTime();
    if (!why.equals(last) || now - printed > PAUSE) {
      last = why;
      printed = now;
      System.out.println("%s  %-6s  refused: %s".formatted(SampleLines.now(), cloud, why));
    }
  }
}
