package routes.jetstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.Options;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import routes.NatsServer;
import routes.jetstream.OtherProcesses.Claim;

@Timeout(60)
class OtherProcessesTest {
  @RegisterExtension final NatsServer nats = new NatsServer();

  private static final ZonedDateTime CREATED = ZonedDateTime.parse("2026-11-30T05:00:00Z");
  private static final long PID = ProcessHandle.current().pid();

  private Connection connection() {
    return nats.connection(new Options.Builder().reportNoResponders());
  }

  private static OtherProcesses process(String device, String host, Claim... claims) {
    Set<Claim> all = Stream.of(claims).collect(Collectors.toSet());
    return new OtherProcesses(device, host, () -> all);
  }

  private static Claim consumer(String name, ZonedDateTime created, boolean replicated) {
    DurableConsumer durable =
        new DurableConsumer(
            "TELEMETRY", name, "telemetry.>", Duration.ofSeconds(30), 1, FirstPosition.ALL, null);
    return Claim.consumer(durable, created, replicated);
  }

  /** Both run for some minutes. */
  private void together(OtherProcesses one, OtherProcesses other) throws Exception {
    Connection first = connection();
    Connection second = connection();
    for (int minute = 0; minute < 4; minute++) {
      one.accept(first);
      first.flush(Duration.ofSeconds(10));
      other.accept(second);
      second.flush(Duration.ofSeconds(10));
    }
  }

  @Test
  void bothProcessesLogOneLineAboutTheSameDevice() throws Exception {
    Claim collector = Claim.collector("edge-1", "collect-metrics");
    Claim gateway = consumer("gateway-mqtt_edge-1", CREATED, false);
    try (LogLines log = new LogLines()) {
      together(
          process("edge-1", "press", collector, gateway),
          process("edge-1", "pump", collector, gateway));
      assertThat(log.with("process " + PID + " on press")).hasSize(1);
      assertThat(log.with("process " + PID + " on pump").get(0))
          .matches(
              "WARN process \\d+ on pump \\(started \\S+Z\\) also runs collect-metrics as device"
                  + " edge-1: samples of both are mixed, and each gateway receives a part of them;"
                  + " set another device.id there");
      assertThat(log.with(" also ")).hasSize(2);
    }
  }

  @Test
  void bothProcessesLogOneLineAboutTheSameDurable() throws Exception {
    try (LogLines log = new LogLines()) {
      together(
          process("edge-1", "press", consumer("plant", CREATED, false)),
          process("edge-2", "pump", consumer("plant", CREATED.plusNanos(90_000_000), true)));
      assertThat(log.with("process " + PID + " on pump").get(0))
          .matches(
              "WARN process \\d+ on pump \\(started \\S+Z\\) also receives from consumer plant as"
                  + " device edge-2: each process receives only a part of the messages; set another"
                  + " device.id or durableName there");
      assertThat(log.with(" also ")).hasSize(2);
    }
  }

  @Test
  void replicasAndDifferentThingsAreSilent() throws Exception {
    try (LogLines log = new LogLines()) {
      together(
          process("edge-1", "press", consumer("hub", CREATED, true)),
          process("edge-1", "pump", consumer("hub", CREATED, true)));
      together( // a collector and a gateway of one device
          process("edge-1", "press", Claim.collector("edge-1", "collect-metrics")),
          process("edge-1", "press", consumer("gateway-mqtt_edge-1", CREATED, false)));
      together( // on the servers of two leaf nodes
          process("edge-1", "press", consumer("plant", CREATED, false)),
          process("edge-2", "pump", consumer("plant", CREATED.plusSeconds(1), false)));
      assertThat(log.all()).noneMatch(line -> line.startsWith("WARN"));
    }
  }

  @Test
  void aFastRestartIsSilent() throws Exception {
    Claim collector = Claim.collector("edge-1", "collect-metrics");
    try (LogLines log = new LogLines()) {
      OtherProcesses before = process("edge-1", "press", collector);
      Connection first = connection();
      before.accept(first);
      before.accept(first);
      first.close();
      OtherProcesses after = process("edge-1", "press", collector);
      Connection second = connection();
      after.accept(second);
      after.accept(second);
      after.accept(second);
      assertThat(log.all()).noneMatch(line -> line.startsWith("WARN"));
    }
  }

  @Test
  void aMalformedAnnouncementIsIgnored() throws Exception {
    OtherProcesses process = process("edge-1", "press", consumer("plant", CREATED, false));
    try (LogLines log = new LogLines()) {
      Connection connection = connection();
      process.accept(connection);
      for (String text : new String[] {"", "{", "[]", "{\"process\":1}", "{\"process\":\"x\"}"}) {
        connection.publish("processes.consumer.TELEMETRY.plant", text.getBytes());
      }
      connection.publish("processes.consumer.TELEMETRY.plant", new byte[2000]);
      connection.flush(Duration.ofSeconds(10));
      process.accept(connection);
      assertThat(log.all()).noneMatch(line -> line.startsWith("WARN"));
    }
  }

  @Test
  void aConsumerInUseIsKnown() throws Exception {
    Connection connection = connection();
    assertThat(OtherProcesses.isUsed(connection, "TELEMETRY", "plant")).isFalse();
    process("edge-1", "press", consumer("plant", CREATED, false)).accept(connection);
    assertThat(OtherProcesses.isUsed(connection, "TELEMETRY", "plant")).isTrue();
  }

  @Test
  void aConsumerCreatedLaterIsKnownAtOnce() throws Exception {
    Connection connection = connection();
    Set<Claim> claims = new HashSet<>();
    OtherProcesses process = new OtherProcesses("edge-1", "press", () -> claims);
    process.accept(connection);
    claims.add(consumer("plant", CREATED, false));
    process.claim(connection);
    assertThat(OtherProcesses.isUsed(connection, "TELEMETRY", "plant")).isTrue();
  }
}
