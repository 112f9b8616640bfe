package routes.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarningsSectionTest {
  @Test
  void doesNotClaimThatThereWereNoneWithoutTheRuntimesOwnLog() {
    assertThat(new WarningsSection(() -> false).html()).contains("Not kept under camel-jbang");
    assertThat(new WarningsSection(() -> true).html()).doesNotContain("camel-jbang");
  }
}
