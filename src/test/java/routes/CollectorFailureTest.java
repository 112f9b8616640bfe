package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import routes.jetstream.LogLines;
import routes.log.FailedStep;

/** What on-error.camel.yaml does when a step of a collector fails. */
class CollectorFailureTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final LogLines log = new LogLines();
  private final Bus bus = new Bus();
  private final Mine mine = new Mine();

  /** A user's bean. */
  public static final class Mine {
    private final AtomicInteger calls = new AtomicInteger();

    public String read() {
      calls.incrementAndGet();
      return String.valueOf(Integer.parseInt("none"));
    }
  }

  /** Stands in for the component nats: fails, then takes the message. */
  private static final class Bus extends DefaultComponent {
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger tries = new AtomicInteger();
    private final AtomicInteger messages = new AtomicInteger();

    @Override
    protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters) {
      return new DefaultEndpoint(uri, this) {
        @Override
        public Producer createProducer() {
          return new DefaultProducer(this) {
            @Override
            public void process(Exchange exchange) {
              tries.incrementAndGet();
              if (failures.getAndDecrement() > 0) {
                throw new IllegalStateException("NATS at localhost:4222 is unavailable");
              }
              messages.incrementAndGet();
            }
          };
        }

        @Override
        public Consumer createConsumer(Processor processor) {
          throw new UnsupportedOperationException();
        }
      };
    }
  }

  @BeforeEach
  void beans() {
    camel.getRegistry().bind("failed-step", new FailedStep());
    camel.getRegistry().bind("mine", mine);
    camel.addComponent("nats", bus);
  }

  @AfterEach
  void stop() throws Exception {
    camel.close();
    log.close();
  }

  /** Runs a collector once, with the shipped error handling. */
  private void collect(String steps) throws Exception {
    String route =
        """
        - route:
            id: collect-mine
            group: collectors
            from:
              uri: timer
              parameters:
                timerName: mine
                delay: 0
                repeatCount: 1
              steps:
        """
            + steps.indent(8);
    Path onError = Path.of("routes-yaml/on-error.camel.yaml");
    PluginHelper.getRoutesLoader(camel)
        .loadRoutes(
            ResourceHelper.fromString("file:" + onError, Files.readString(onError)),
            ResourceHelper.fromString("file:collect-mine.camel.yaml", route));
    camel.start();
  }

  @Test
  void logsABugInABeanAtOnceWithItsStep() throws Exception {
    collect(
        """
        - setBody:
            expression:
              simple:
                expression: "${bean:mine?method=read}"
        - to:
            uri: nats
            parameters: {topic: x}
        """);
    await().atMost(SOON).until(() -> !log.with("WARN").isEmpty());
    assertThat(log.with("WARN"))
        .singleElement()
        .asString()
        .matches(
            "WARN step setBody\\d+ \\(collect-mine.camel.yaml:11\\) failed: For input string:"
                + " \"none\"");
    assertThat(mine.calls).hasValue(1);
    assertThat(bus.tries).hasValue(0);
  }

  @Test
  void doesNotRetryABugAfterAMessageWasSent() throws Exception {
    collect(
        """
        - to:
            uri: nats
            parameters: {topic: x}
        - bean:
            ref: mine
            method: read
        """);
    await().atMost(SOON).until(() -> !log.with("WARN").isEmpty());
    assertThat(log.with("WARN step bean")).hasSize(1);
    assertThat(mine.calls).hasValue(1);
    assertThat(bus.messages).hasValue(1);
  }

  @Test
  void retriesWhileTheBusIsUnavailable() throws Exception {
    bus.failures.set(1);
    collect(
        """
        - setBody:
            expression:
              constant:
                expression: x
        - to:
            uri: nats
            parameters: {topic: x}
        """);
    await().atMost(SOON).until(() -> bus.messages.get() == 1);
    assertThat(bus.tries).hasValue(2);
    assertThat(log.with("WARN")).isEmpty();
  }
}
