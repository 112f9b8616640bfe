package routes.steps;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;
import org.apache.camel.support.SynchronizationAdapter;

/** Compares each message with the last one of its subject that continued. */
final class DeadbandProducer extends DefaultProducer {
  /** A hub may receive from many devices; the least recently active one is forgotten first. */
  private static final int MOST_SUBJECTS = 10_000;

  private record Report(Map<String, Double> numbers, Instant time) {}

  private final DeadbandEndpoint endpoint;
  private final Map<String, Report> last =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Report> eldest) {
          return size() > MOST_SUBJECTS;
        }
      };

  DeadbandProducer(DeadbandEndpoint endpoint) {
    super(endpoint);
    this.endpoint = endpoint;
  }

  @Override
  public void process(Exchange exchange) {
    JsonNode found = endpoint.numbers().of(exchange).orElse(null);
    if (found == null) {
      return;
    }
    String subject = StepEndpoint.subject(exchange);
    Report report = new Report(flat(found), endpoint.clock().of(exchange));
    synchronized (last) {
      Report before = last.get(subject);
      if (before != null && !isDue(before, report)) {
        exchange.setRouteStop(true);
        return;
      }
      last.put(subject, report);
    }
    exchange.getExchangeExtension().addOnCompletion(new Forget(subject, report));
  }

  private boolean isDue(Report before, Report now) {
    Duration silence = Duration.between(before.time(), now.time());
    return endpoint.getSilence() != null && silence.compareTo(endpoint.getSilence()) >= 0
        || !before.numbers().keySet().equals(now.numbers().keySet())
        || before.numbers().entrySet().stream()
            .anyMatch(
                entry -> endpoint.exceeds(entry.getValue(), now.numbers().get(entry.getKey())));
  }

  private static Map<String, Double> flat(JsonNode found) {
    Map<String, Double> numbers = new HashMap<>();
    add("", found, numbers);
    return numbers;
  }

  private static void add(String path, JsonNode node, Map<String, Double> numbers) {
    if (node.isNumber()) {
      numbers.put(path, node.doubleValue());
    }
    node.properties().forEach(field -> add(path + "/" + field.getKey(), field.getValue(), numbers));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      add(path + "/" + i, node.get(i), numbers);
    }
  }

  /** A failed message is redelivered and must not be compared with itself. */
  private final class Forget extends SynchronizationAdapter {
    private final String subject;
    private final Report report;

    Forget(String subject, Report report) {
      this.subject = subject;
      this.report = report;
    }

    @Override
    public void onFailure(Exchange exchange) {
      synchronized (last) {
        last.remove(subject, report);
      }
    }
  }
}
