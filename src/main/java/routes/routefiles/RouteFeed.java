package routes.routefiles;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Route;
import org.apache.camel.component.nats.NatsConstants;
import org.apache.camel.support.DefaultConsumer;
import routes.bus.Subject;
import routes.jetstream.JetStreamConstants;
import routes.link.MqttExchange;
import routes.link.MqttMessage;
import routes.routefiles.RecordedMessages.Sent;
import routes.routefiles.RouteCase.Input;

/** Feeds a route with exchanges as its component would create them. */
final class RouteFeed {
  private static final Set<String> BYTES = Set.of("nats", "jetstream", "paho-mqtt5");

  private final DefaultConsumer consumer;
  private final String component;
  private final String address;
  private final SteppedClock clock;
  private final RecordedMessages replies;
  private long count;
  private volatile CountDownLatch done = new CountDownLatch(0);

  /**
   * @param replies receives the reply to each message; null if none is expected
   */
  RouteFeed(Route route, SteppedClock clock, RecordedMessages replies) {
    this.consumer = (DefaultConsumer) route.getConsumer();
    String uri = RecordedComponent.destination(route.getEndpoint().getEndpointUri());
    this.component = uri.replaceFirst("[:?].*", "");
    this.address = uri.replaceFirst("^[^:]*:?", "").replaceFirst("\\?.*", "");
    this.clock = clock;
    this.replies = replies;
  }

  String address() {
    return address;
  }

  /** Whether NATS would deliver the input's subject, if it has one, to the route. */
  boolean receives(Input input) {
    if (input.subject() == null || !component.equals("nats") && !component.equals("jetstream")) {
      return true;
    }
    return Subject.covers(address, resolved(input.subject()));
  }

  /**
   * @return whether the route has finished
   */
  boolean send(Input input) {
    Exchange exchange = consumer.createExchange(false);
    CountDownLatch latch = new CountDownLatch(1);
    done = latch;
    fill(exchange, input);
    consumer
        .getAsyncProcessor()
        .process(
            exchange,
            synchronously -> {
              if (replies != null && exchange.getException() == null) {
                String body = RecordedMessages.text(exchange.getMessage());
                replies.record(new Sent(RouteCase.REPLY, body, headers(exchange)));
              }
              latch.countDown();
            });
    return latch.getCount() == 0;
  }

  boolean await(long time, TimeUnit unit) throws InterruptedException {
    return done.await(time, unit);
  }

  private void fill(Exchange exchange, Input input) {
    Message in = exchange.getIn();
    String subject = input.subject() == null ? address : resolved(input.subject());
    byte[] bytes =
        input.body() == null ? new byte[0] : input.body().getBytes(StandardCharsets.UTF_8);
    count++;
    in.setBody(BYTES.contains(component) ? bytes : input.body());
    switch (component) {
      case "jetstream" -> {
        in.setHeader(JetStreamConstants.SUBJECT, subject);
        in.setHeader(JetStreamConstants.TIMESTAMP, clock.millis());
        in.setHeader(JetStreamConstants.STREAM_SEQUENCE, count);
        in.setHeader(JetStreamConstants.DELIVERED, 1L);
        in.setHeader(JetStreamConstants.REFUSED, 0);
      }
      case "nats" -> {
        in.setHeader(NatsConstants.NATS_SUBJECT, subject);
        in.setHeader(NatsConstants.NATS_MESSAGE_TIMESTAMP, clock.millis());
        if (replies != null) {
          in.setHeader(NatsConstants.NATS_REPLY_TO, "_INBOX." + count);
        }
      }
      case "paho-mqtt5" -> MqttExchange.receive(exchange, new MqttMessage(subject, bytes));
      default -> {}
    }
    if (replies != null) {
      exchange.setPattern(ExchangePattern.InOut);
    }
    input.headers().forEach(in::setHeader);
  }

  private String resolved(String subject) {
    return consumer.getEndpoint().getCamelContext().resolvePropertyPlaceholders(subject);
  }

  private static Map<String, String> headers(Exchange exchange) {
    return RecordedMessages.headers(exchange.getMessage());
  }
}
