package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.bus.BusStreams;
import routes.jetstream.NewestDeadLetters.Letter;

@Timeout(90)
class NewestDeadLettersTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private BusContext context;
  private NewestDeadLetters letters;

  @BeforeEach
  void start() throws Exception {
    context = new BusContext(nats).start();
    context.awaitStreams();
    letters = new NewestDeadLetters(context.bus);
  }

  @AfterEach
  void stop() {
    context.close();
  }

  @Test
  void readsTheNewestLettersAgainAfterAChange() throws Exception {
    assertThat(letters.read().newest()).isEmpty();
    for (int i = 1; i <= 25; i++) {
      letter("reason " + i);
    }
    assertThat(letters.read().total()).isEqualTo(25);
    assertThat(letters.read().newest()).hasSize(20).extracting(Letter::number).startsWith(25L, 24L);
    Letter newest = letters.read().newest().get(0);
    assertThat(newest.reason()).isEqualTo("reason 25");
    assertThat(newest.gateway()).isEqualTo("gateway-aws");
    assertThat(newest.tries()).isEqualTo("-");
    assertThat(newest.bytes()).isEqualTo(3);
    nats.connection().jetStreamManagement().deleteMessage(BusStreams.DEAD, 24);
    assertThat(letters.read().newest()).extracting(Letter::number).startsWith(25L, 23L);
    nats.connection().jetStreamManagement().purgeStream(BusStreams.DEAD);
    assertThat(letters.read().newest()).isEmpty();
  }

  @Test
  void reportsAnUnavailableServer() {
    nats.kill();
    BusContext.soon().until(() -> !context.bus.connected());
    assertThatThrownBy(letters::read)
        .isInstanceOf(UnreadableStreamException.class)
        .hasMessageContaining("unavailable");
  }

  private void letter(String reason) throws Exception {
    Headers headers = new Headers();
    headers.put(JetStreamConstants.DEAD_GATEWAY, "gateway-aws");
    headers.put(JetStreamConstants.DEAD_REASON, reason);
    nats.connection()
        .jetStream()
        .publish(
            NatsMessage.builder()
                .subject("dead.gateway-aws.edge-1")
                .headers(headers)
                .data("t=1")
                .build());
  }
}
