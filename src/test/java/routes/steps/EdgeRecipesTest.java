package routes.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static routes.jetstream.BusContext.soon;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.LogLines;

/** The recipes that need no cloud, loaded from their files. */
@Tag("slow")
class EdgeRecipesTest {
  private static final String AVERAGE = "edge-average";
  private static final String ALERT = "edge-alert";

  @RegisterExtension final NatsServer nats = new NatsServer();

  private EdgeContext average() throws Exception {
    return new EdgeContext(nats)
        .recipe(AVERAGE, text -> text.replace("window: 1m", "window: 3s"))
        .start();
  }

  private EdgeContext alert(String duration) throws Exception {
    return new EdgeContext(nats)
        .recipe(ALERT, text -> text.replace("for: 5m", "for: " + duration))
        .start();
  }

  private static void awaitNextWindow() {
    long next = (System.currentTimeMillis() / 3000 + 1) * 3000;
    soon().until(() -> System.currentTimeMillis() > next + 50);
  }

  @Test
  void averagesAWindowAndSkipsNonNumbers() throws Exception {
    try (EdgeContext edge = average();
        LogLines log = new LogLines()) {
      awaitNextWindow();
      for (String utilization : List.of("0.1", "0.2", "\"n/a\"", "0.6", "null", "{}")) {
        edge.sample(utilization);
      }
      edge.publish("telemetry.test.metrics", "no JSON");
      soon().until(() -> !edge.stored("telemetry.test.average").isEmpty());
      JsonNode average = edge.stored("telemetry.test.average").get(0);
      assertThat(average.path("count").asInt()).isEqualTo(3);
      assertThat(average.path("average").asDouble()).isBetween(0.2999, 0.3001);
      assertThat(average.path("minimum").asDouble()).isEqualTo(0.1);
      assertThat(average.path("maximum").asDouble()).isEqualTo(0.6);
      soon().until(() -> edge.settled(AVERAGE));
      assertThat(edge.stored("telemetry.test.average")).hasSize(1);
      assertThat(log.with("WARN"))
          .singleElement()
          .isEqualTo(
              "WARN no number at .metrics.system.cpu.utilization, found \"n/a\"; the message is"
                  + " left out");
    }
  }

  @Test
  void samplesOfABacklogCountInTheWindowTheyWereTakenIn() throws Exception {
    try (EdgeContext edge = new EdgeContext(nats).start()) {
      awaitNextWindow();
      edge.sample("1");
      edge.sample("3");
      awaitNextWindow();
      edge.sample("10");
    }
    try (EdgeContext edge = average()) {
      soon().until(() -> edge.stored("telemetry.test.average").size() == 2);
      assertThat(edge.stored("telemetry.test.average"))
          .extracting(average -> average.path("average").asDouble())
          .containsExactly(2.0, 10.0);
    }
  }

  @Test
  void losesNothingWhenStoppedWithinAWindow() throws Exception {
    awaitNextWindow();
    try (EdgeContext edge = average()) {
      edge.sample("1");
      edge.sample("2");
      soon().until(() -> !edge.settled(AVERAGE));
    }
    try (EdgeContext edge = average()) {
      edge.sample("2");
      soon().until(() -> edge.settled(AVERAGE));
      assertThat(
              edge.stored("telemetry.test.average").stream()
                  .mapToInt(average -> average.path("count").asInt())
                  .sum())
          .isEqualTo(3);
    }
  }

  @Test
  void anAlertFiresOnceAndClearsOnce() throws Exception {
    try (EdgeContext edge = alert("0s");
        LogLines log = new LogLines()) {
      for (String value : List.of("0.5", "0.95", "0.99", "0.8", "0.91", "\"x\"", "0.7", "0.8")) {
        edge.sample(value);
      }
      soon().until(() -> edge.settled(ALERT) && states(edge).size() >= 2);
      assertThat(states(edge)).containsExactly("fired 0.95", "cleared 0.7");
      JsonNode fired = edge.stored("telemetry.test.alerts").get(0);
      assertThat(fired.path("alert").asText()).isEqualTo("cpu-high");
      assertThat(fired.path("threshold").asDouble()).isEqualTo(0.9);
      assertThat(fired.path("deviceId").asText()).isEqualTo("test");
      assertThat(log.with("WARN"))
          .singleElement()
          .asString()
          .contains("no number at .metrics.system.cpu.utilization, found \"x\"");
    }
  }

  @Test
  void anAlertWaitsForItsDuration() throws Exception {
    try (EdgeContext edge = alert("2s")) {
      edge.sample("0.95");
      edge.sample("0.5");
      edge.sample("0.96");
      edge.sample("0.97");
      soon().until(() -> edge.settled(ALERT));
      assertThat(states(edge)).isEmpty();
      long later = System.currentTimeMillis() + 2100;
      soon().until(() -> System.currentTimeMillis() > later);
      edge.sample("0.98");
      soon().until(() -> !states(edge).isEmpty());
      assertThat(states(edge)).containsExactly("fired 0.98");
    }
  }

  @Test
  void anAlertRemembersItsStateAcrossRestarts() throws Exception {
    try (EdgeContext edge = alert("1s")) {
      edge.sample("0.95");
      soon().until(() -> edge.settled(ALERT));
    }
    long later = System.currentTimeMillis() + 1100;
    soon().until(() -> System.currentTimeMillis() > later);
    try (EdgeContext edge = alert("1s")) {
      edge.sample("0.96");
      soon().until(() -> states(edge).size() == 1);
      soon().until(() -> edge.settled(ALERT));
    }
    nats.kill();
    nats.start();
    try (EdgeContext edge = alert("1s")) {
      edge.sample("0.97");
      edge.sample("0.5");
      soon().until(() -> states(edge).size() == 2);
      soon().until(() -> edge.settled(ALERT));
      assertThat(states(edge)).containsExactly("fired 0.96", "cleared 0.5");
    }
  }

  @Test
  void anOutageOfNatsNeitherRepeatsNorLosesAnAlert() throws Exception {
    try (EdgeContext edge = alert("0s")) {
      edge.sample("0.95");
      soon().until(() -> states(edge).size() == 1);
      nats.kill();
      nats.start();
      edge.bus.awaitStreams();
      soon().until(() -> published(edge, "0.97"));
      soon().until(() -> published(edge, "0.1"));
      soon().until(() -> states(edge).size() == 2);
      soon().until(() -> edge.settled(ALERT));
      assertThat(states(edge)).containsExactly("fired 0.95", "cleared 0.1");
    }
  }

  private static boolean published(EdgeContext edge, String value) {
    try {
      edge.sample(value);
      return true;
    } catch (Exception e) {
      return false; // not reconnected yet
    }
  }

  @Test
  void aReactionSwitchesTheFan() throws Exception {
    try (EdgeContext edge = new EdgeContext(nats).recipe("edge-reaction", text -> text).start();
        LogLines log = new LogLines()) {
      List<String> fan = edge.subscribe("actuators.fan");
      edge.publish("telemetry.test.alerts", "{\"alert\":\"cpu-high\",\"state\":\"fired\"}");
      edge.publish("telemetry.test.alerts", "{\"alert\":\"disk-full\",\"state\":\"fired\"}");
      edge.publish("telemetry.test.alerts", "no JSON");
      edge.publish("telemetry.test.alerts", "{\"alert\":\"cpu-high\",\"state\":\"cleared\"}");
      soon().until(() -> fan.size() == 2);
      assertThat(fan).containsExactly("on", "off");
      soon().until(() -> edge.settled("edge-reaction"));
      assertThat(log.with("WARN")).anyMatch(line -> line.contains("jq .alert == \"cpu-high\""));
      assertThat(
              nats.connection()
                  .jetStreamManagement()
                  .getStreamInfo("DEAD")
                  .getStreamState()
                  .getMsgCount())
          .as("the message that is not JSON")
          .isEqualTo(1);
    }
  }

  private static List<String> states(EdgeContext edge) throws Exception {
    return edge.stored("telemetry.test.alerts").stream()
        .map(alert -> alert.path("state").asText() + " " + alert.path("value").asText())
        .toList();
  }
}
