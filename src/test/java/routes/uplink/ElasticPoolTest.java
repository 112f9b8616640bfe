package routes.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import routes.log.Loops;

@Timeout(120)
class ElasticPoolTest {
  private static final int MOST = 4;
  private static final Duration SOON = Duration.ofSeconds(60);

  private final ElasticPool pool = new ElasticPool("elastic", MOST);
  private final CountDownLatch open = new CountDownLatch(1);
  private final AtomicInteger blocked = new AtomicInteger();

  @AfterEach
  void close() {
    open.countDown();
    pool.close();
    Loops.loop("elastic", () -> {}).run();
    Loops.loop("pool watch", () -> {}).run();
  }

  private void block() {
    blocked.incrementAndGet();
    try {
      open.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      blocked.decrementAndGet();
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("elastic "))
        .count();
  }

  @Test
  void stepsThatDoNotBlockShareOneThread() throws Exception {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    for (int round = 0; round < 50; round++) {
      CountDownLatch done = new CountDownLatch(20);
      for (int i = 0; i < 20; i++) {
        pool.execute(
            () -> {
              used.add(Thread.currentThread());
              done.countDown();
            });
      }
      done.await();
    }
    assertThat(used).hasSize(1);
  }

  @Test
  void addsThreadsForBlockingStepsUpToTheLimit() {
    for (int i = 0; i < MOST; i++) {
      pool.execute(this::block);
    }
    await().atMost(SOON).until(() -> blocked.get() == MOST);
    AtomicBoolean beyond = new AtomicBoolean();
    pool.execute(() -> beyond.set(true));
    await().during(Duration.ofMillis(100)).atMost(SOON).until(() -> !beyond.get());
    assertThat(threads()).isEqualTo(MOST);
    open.countDown();
    await().atMost(SOON).untilTrue(beyond);
  }

  @Test
  void aBlockedThreadDelaysTheNextTaskByMillisecondsOnly() {
    AtomicBoolean next = new AtomicBoolean();
    pool.execute(this::block);
    await().atMost(SOON).until(() -> blocked.get() == 1);
    pool.execute(() -> next.set(true));
    await().atMost(Duration.ofSeconds(1)).untilTrue(next);
    assertThat(blocked).hasValue(1);
  }

  @Test
  void tasksStartInTheOrderTheyWereGiven() {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    int tasks = 2_000;
    for (int i = 0; i < tasks; i++) {
      int number = i;
      pool.execute(() -> order.add(number));
    }
    await().atMost(SOON).until(() -> order.size() == tasks);
    assertThat(order).containsExactlyElementsOf(IntStream.range(0, tasks).boxed().toList());
  }

  @Test
  @Tag("slow")
  void idleThreadsEnd() {
    for (int i = 0; i < MOST; i++) {
      pool.execute(this::block);
    }
    await().atMost(SOON).until(() -> blocked.get() == MOST);
    open.countDown();
    await().atMost(Duration.ofSeconds(60)).until(() -> threads() == 0);
    AtomicBoolean ran = new AtomicBoolean();
    pool.execute(() -> ran.set(true));
    await().atMost(SOON).untilTrue(ran);
    assertThat(threads()).isEqualTo(1);
  }

  @Test
  void aTaskThatThrowsIsReportedAndDoesNotAffectOthers() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    pool.execute(
        () -> {
          throw new AssertionError("injected");
        });
    pool.execute(ran::countDown);
    assertThat(ran.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Loops.failed()).containsEntry("elastic", "java.lang.AssertionError: injected");
  }

  @Test
  void anErrorInTheWatchIsReported() {
    ElasticPool watched =
        new ElasticPool(
            "watched",
            MOST,
            task ->
                new Thread(task, "elastic broken") {
                  @Override
                  public State getState() {
                    if (Thread.currentThread().getName().equals("pool watch")) {
                      throw new AssertionError("injected");
                    }
                    return super.getState();
                  }
                });
    watched.execute(this::block);
    watched.execute(() -> {});
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Loops.failed())
                    .containsEntry("pool watch", "java.lang.AssertionError: injected"));
    watched.close();
  }

  @Test
  void closeInterruptsRunningTasksAndDropsWaitingOnes() {
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < MOST; i++) {
      pool.execute(this::block);
    }
    await().atMost(SOON).until(() -> blocked.get() == MOST);
    pool.execute(ran::incrementAndGet);
    pool.close();
    await().atMost(SOON).until(() -> blocked.get() == 0);
    assertThatThrownBy(() -> pool.execute(ran::incrementAndGet))
        .isInstanceOf(RejectedExecutionException.class);
    await().atMost(SOON).until(() -> threads() == 0);
    assertThat(ran).hasValue(0);
  }
}
