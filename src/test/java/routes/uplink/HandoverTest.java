package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HandoverTest {
  @Test
  void oneTaskTakesAllWaitingItems() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    List<Integer> taken = new ArrayList<>();
    Handover<Integer> handover = new Handover<>(tasks::add, taken::add);

    IntStream.range(0, 100).forEach(handover::add);
    handover.handOver();
    handover.handOver();
    assertThat(tasks).hasSize(1);
    tasks.poll().run();

    assertThat(taken).isEqualTo(IntStream.range(0, 100).boxed().toList());
    assertThat(tasks).as("the standby task").hasSize(1);
  }

  @Test
  void aTaskEndsAfterABatch() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    List<Integer> taken = new ArrayList<>();
    Handover<Integer> handover = new Handover<>(tasks::add, taken::add);

    IntStream.range(0, 1_000).forEach(handover::add);
    handover.handOver();
    tasks.poll().run();
    assertThat(taken).hasSizeLessThan(1_000);
    while (!tasks.isEmpty()) {
      tasks.poll().run();
    }

    assertThat(taken).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
  }

  @Test
  void aBlockingItemDoesNotDelayOthers() {
    CountDownLatch open = new CountDownLatch(1);
    List<Integer> taken = new CopyOnWriteArrayList<>();
    try (ElasticPool pool = new ElasticPool("handover", 4)) {
      Handover<Integer> handover =
          new Handover<>(
              pool,
              item -> {
                if (item < 2) {
                  awaitOpen(open);
                }
                taken.add(item);
              });
      IntStream.range(0, 10).forEach(handover::add);
      handover.handOver();

      await().atMost(Duration.ofSeconds(60)).until(() -> taken.size() == 8);
      open.countDown();
      await().atMost(Duration.ofSeconds(60)).until(() -> taken.size() == 10);
    }
  }

  private static void awaitOpen(CountDownLatch open) {
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
