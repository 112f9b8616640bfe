package routes.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import routes.log.CapturedLog;

class HostMetersTest {
  private final CapturedLog log = new CapturedLog(HostMeters.class);
  private final Family first = new Family("first");
  private final Family second = new Family("second");
  private final Family third = new Family("third");

  @BeforeEach
  void listen() {}

  @AfterEach
  void stopListening() {
    log.close();
  }

  @Test
  void bindingReadsNothing() {
    new Meters(first);

    assertThat(first.readings).hasValue(0);
  }

  @Test
  void twoReadersAtTheSameInstantShareOneReading() {
    Meters meters = new Meters(first);
    meters.values();
    meters.later(Duration.ofMillis(199)).values();
    assertThat(first.readings).hasValue(1);

    meters.later(Duration.ofMillis(1)).values();
    assertThat(first.readings).hasValue(2);
  }

  @Test
  void countsAFamilyThatFailsAndReadsTheOthers() {
    Meters meters = new Meters(first, second, third);
    meters.values();
    second.fails = true;

    assertThat(meters.later().allValues())
        .isEqualTo(
            Map.of(
                "value first", 2.0,
                "value third", 2.0,
                "collector.success first", 1.0,
                "collector.success second", 0.0,
                "collector.success third", 1.0));
  }

  @Test
  void aMissingNativeLibraryIsAFailure() {
    second.lacksLibrary = true;

    assertThat(new Meters(first, second).values()).containsOnlyKeys("value first");
  }

  @Test
  void logsAFailureOnceUntilItEnds() {
    Meters meters = new Meters(first);
    first.fails = true;
    meters.values();
    meters.later().values();
    meters.later().values();
    assertThat(log.messages()).hasSize(1);
    assertThat(log.messages().get(0))
        .isEqualTo(
            "cannot read the first meters; other families are not affected:"
                + " java.lang.IllegalStateException: no sensor");

    first.fails = false;
    meters.later().values();
    assertThat(log.messages()).hasSize(1);

    first.fails = true;
    meters.later().values();
    assertThat(log.messages()).hasSize(2);
  }

  @Test
  void aFamilyThatHangsDoesNotAffectOthersAndIsReadAgainLater() {
    Meters meters = new Meters(Duration.ofMillis(500), first, second, third);
    CountDownLatch stuck = new CountDownLatch(1);
    second.waitsFor = stuck;

    assertThat(meters.allValues())
        .containsOnlyKeys(
            "value first",
            "value third",
            "collector.success first",
            "collector.success second",
            "collector.success third")
        .containsEntry("collector.success second", 0.0);
    assertThat(meters.later().values()).containsOnlyKeys("value first", "value third");
    assertThat(second.readings).hasValue(1);

    second.waitsFor = null;
    stuck.countDown();
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () -> assertThat(meters.later().values()).containsEntry("value second", 2.0));
    assertThat(log.messages()).hasSize(1);
  }

  @Test
  void discardsTheReadingOfALateFamily() {
    Meters meters = new Meters(Duration.ofMillis(300), first);
    CountDownLatch stuck = new CountDownLatch(1);
    first.waitsFor = stuck;
    meters.values();
    stuck.countDown();
    await().atMost(30, TimeUnit.SECONDS).untilTrue(first.returned);

    assertThat(meters.values()).isEmpty();
  }

  @Test
  void allFamiliesAreReadOnOneDaemonThread() {
    Meters meters = new Meters(first, second);
    meters.values();
    meters.later().values();

    assertThat(first.thread).isSameAs(second.thread).isNotSameAs(Thread.currentThread());
    assertThat(first.thread.isDaemon()).isTrue();
  }

  @Test
  void eachReaderSeesOneConsistentReading() throws InterruptedException {
    Meters meters = new Meters(first, second);
    AtomicBoolean stop = new AtomicBoolean();
    Thread other =
        new Thread(
            () -> {
              while (!stop.get()) {
                meters.later().values();
              }
            });
    other.start();
    try {
      for (int i = 0; i < 500; i++) {
        Map<String, Double> values = meters.values();
        assertThat(values.get("value first")).isEqualTo(values.get("value second"));
      }
    } finally {
      stop.set(true);
      other.join();
    }
  }

  private static final class Family extends MeterFamily {
    private final Metric value = Metric.gauge("value", "1", "A value", "family");
    private final AtomicInteger readings = new AtomicInteger();
    private final AtomicBoolean returned = new AtomicBoolean();
    private volatile CountDownLatch waitsFor;
    private volatile boolean fails;
    private volatile boolean lacksLibrary;
    private volatile Thread thread;

    private Family(String name) {
      super(name);
    }

    @Override
    protected void read(Reading reading) {
      thread = Thread.currentThread();
      int number = readings.incrementAndGet();
      CountDownLatch latch = waitsFor;
      if (latch != null) {
        awaitUninterruptibly(latch);
      }
      reading.add(value, number, name());
      if (fails) {
        throw new IllegalStateException("no sensor");
      }
      if (lacksLibrary) {
        throw new UnsatisfiedLinkError("libudev.so.1");
      }
      returned.set(true);
    }

    /** Blocks like a system call on a stuck mount. */
    private static void awaitUninterruptibly(CountDownLatch latch) {
      while (latch.getCount() > 0) {
        try {
          latch.await();
        } catch (InterruptedException e) {
          // keep waiting
        }
      }
    }
  }
}
