package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.PublishOptions;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.bus.BusStreams;
import routes.jetstream.NewestDeadLetters.Letter;

@Timeout(90)
class DeviceDeadLettersTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private BusContext context;
  private DeviceDeadLetters letters;

  @BeforeEach
  void start() throws Exception {
    context = new BusContext(nats).gateway("inFlight=2", exchange -> {});
    context.start();
    context.awaitStreams();
    letters = new DeviceDeadLetters(context.camel, context.bus, "edge-1");
  }

  @AfterEach
  void stop() {
    context.close();
  }

  @Test
  void pagesHaveEachOwnLetterOnceAndTheNewestFirst() throws Exception {
    givenLetters(2500, number -> number % 2 == 0 && number < 2400 ? "edge-1" : "edge-2", "other");
    nats.connection().jetStreamManagement().deleteMessage(BusStreams.DEAD, 1000);
    List<Long> read = new ArrayList<>();
    int pages = 0;
    long next = Long.MAX_VALUE;
    do {
      DeviceDeadLetters.Page page = letters.before(next, 200);
      assertThat(page.newest()).hasSizeLessThanOrEqualTo(200);
      page.newest().stream().map(Letter::number).forEach(read::add);
      next = page.next();
      pages++;
    } while (next > 0 && pages < 50);
    assertThat(read)
        .containsExactlyElementsOf(
            LongStream.iterate(2398, number -> number > 0, number -> number - 2)
                .filter(number -> number != 1000)
                .boxed()
                .toList());
    assertThat(letters.before(1, 200).newest()).isEmpty();
    assertThat(letters.before(1, 200).next()).isZero();
  }

  @Test
  void aHubSeesTheLettersOfItsOwnConsumers() throws Exception {
    givenLetters(2, number -> "edge-7", BusContext.DURABLE);
    givenLetters(2, number -> "edge-7", "gateway-aws_edge-7");
    assertThat(letters.before(Long.MAX_VALUE, 200).newest())
        .extracting(Letter::number)
        .containsExactly(2L, 1L);
    assertThat(letters.get(1)).isPresent();
    assertThat(letters.get(3)).isEmpty();
    assertThat(letters.get(5)).isEmpty();
  }

  @Test
  void reportsAnUnavailableServer() {
    nats.kill();
    BusContext.soon().until(() -> !context.bus.connected());
    assertThatThrownBy(() -> letters.before(Long.MAX_VALUE, 5))
        .isInstanceOf(UnreadableStreamException.class)
        .hasMessageContaining("unavailable");
  }

  /** The device of a letter. */
  private interface Devices {
    String of(int number);
  }

  private void givenLetters(int count, Devices devices, String consumer) throws Exception {
    List<CompletableFuture<?>> stored = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Headers headers = new Headers();
      headers.put(JetStreamConstants.DEAD_DEVICE, devices.of(i));
      headers.put(JetStreamConstants.DEAD_CONSUMER, consumer);
      stored.add(
          nats.connection()
              .jetStream()
              .publishAsync(
                  NatsMessage.builder()
                      .subject("dead.gateway-aws.any")
                      .headers(headers)
                      .data("t=1")
                      .build(),
                  PublishOptions.builder().build()));
    }
    CompletableFuture.allOf(stored.toArray(CompletableFuture[]::new)).get();
  }
}
