package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.NKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with jnats' NKey, which has Bouncy Castle in the tests. */
class UserSeedTest {
  private static final byte[] NONCE = "PXoWU7zWAMt75FY".getBytes(StandardCharsets.US_ASCII);
  // from the README of github.com/nats-io/nkeys
  private static final String PUBLISHED =
      "SUAKYRHVIOREXV7EUZTBHUHL7NUMHPMAS7QMDU3GTIUWEI5LDNOXD43IZY";

  @RepeatedTest(20)
  void signsLikeNKey() throws Exception {
    NKey user = NKey.createUser(new SecureRandom());
    String seed = new String(user.getSeed());
    assertThat(UserSeed.isUsers(seed)).isTrue();
    assertThat(user.verify(NONCE, new UserSeed(seed).sign(NONCE))).isTrue();
  }

  @Test
  void acceptsAPublishedSeed() throws Exception {
    assertThat(new UserSeed(PUBLISHED).sign(NONCE))
        .isEqualTo(NKey.fromSeed(PUBLISHED.toCharArray()).sign(NONCE));
  }

  @Test
  void rejectsSeedsOfOtherKinds() throws Exception {
    NKey account = NKey.createAccount(new SecureRandom());
    assertThat(UserSeed.isUsers(new String(account.getSeed()))).isFalse();
    assertThat(UserSeed.isUsers(new String(account.getPublicKey()))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 30, 57})
  void detectsOneWrongLetter(int at) {
    char other = PUBLISHED.charAt(at) == 'B' ? 'C' : 'B';
    String wrong = PUBLISHED.substring(0, at) + other + PUBLISHED.substring(at + 1);
    refused(wrong);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "SU", "SUA1", "sua", "SUÄ"})
  void rejectsAnythingButASeed(String text) {
    refused(text);
    refused(PUBLISHED + text.repeat(2) + "A");
  }

  private static void refused(String text) {
    assertThatThrownBy(() -> new UserSeed(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("SUA");
  }
}
