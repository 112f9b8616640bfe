package routes.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import routes.sandbox.FakeTime;

/** The wall clock of the runtime alone. */
final class SteppedClock {
  private final FakeTime time;

  private SteppedClock(FakeTime time) {
    this.time = time;
  }

  /** Starts the runtime anew, under a clock that can be stepped; it goes right at first. */
  static SteppedClock of(Rig rig) throws Exception {
    Optional<FakeTime> time = FakeTime.in(rig.folder);
    assumeTrue(time.isPresent(), "libfaketime isn't installed: apt-get install libfaketime");
    time.get().environment().forEach(rig::set);
    rig.runtime().close();
    rig.startRuntime();
    rig.awaitReady();
    return new SteppedClock(time.get());
  }

  /** How far it is from the right time, a second from now at the latest. */
  void step(Duration off) throws IOException {
    time.step(off);
  }
}
