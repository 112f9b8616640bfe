package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OffersTest {
  private final Offers offers = new Offers();

  private static Offer offer(int version) {
    return new Offer(version, URI.create("https://host/a.zip"), "0".repeat(64), new byte[64]);
  }

  @Test
  void theOneInProgressIsNotAnotherOne() throws Exception {
    offers.add(offer(1));
    offers.take();
    offers.add(offer(1)); // as AWS does after each report
    assertThat(offers.arriveWithin(Duration.ofMillis(10))).isFalse();
    offers.add(offer(2));
    assertThat(offers.arriveWithin(Duration.ofSeconds(10))).isTrue();
    assertThat(offers.take().version()).isEqualTo(2);
    assertThat(offers.take()).isNull();
    offers.add(offer(2));
    assertThat(offers.isEmpty()).isFalse();
  }

  @Test
  void theNewestCounts() {
    offers.add(offer(1));
    offers.add(offer(2));
    assertThat(offers.take().version()).isEqualTo(2);
    assertThat(offers.take()).isNull();
  }
}
