package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopsTest {
  private static final String NAME = "loop of this test";

  @AfterEach
  void revive() {
    Loops.loop(NAME, () -> {}).run();
  }

  private static void fail() {
    throw new AssertionError("injected");
  }

  @Test
  void namesALoopThatEndedByAnErrorUntilItRunsAgain() {
    Loops.loop(NAME, LoopsTest::fail).run();
    assertThat(Loops.failed()).containsEntry(NAME, "java.lang.AssertionError: injected");
    Loops.loop(NAME, () -> {}).run();
    assertThat(Loops.failed()).doesNotContainKey(NAME);
  }

  @Test
  void keepsNamingAFailedStepWhenOthersSucceed() {
    Loops.step(NAME, LoopsTest::fail).run();
    Loops.step(NAME, () -> {}).run();
    assertThat(Loops.failed()).containsKey(NAME);
  }
}
