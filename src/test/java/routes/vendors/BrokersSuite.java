package routes.vendors;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.Mosquitto;
import routes.NatsServer;

/** The gateway mqtt and brokers that keep their state on disk, each killed several times. */
@Timeout(300)
@Execution(ExecutionMode.SAME_THREAD)
class BrokersSuite {
  @RegisterExtension final NatsServer nats = new NatsServer();
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"5", "3.1.1"})
  void mosquittoAcknowledgesEveryMessage(String version) throws Exception {
    try (Mosquitto mosquitto = new Mosquitto().open()) {
      mosquitto.start(
          "persistence true",
          "persistence_location " + folder + "/",
          // by default it saves every half hour, and a kill loses the subscriber's session
          "autosave_on_changes true",
          "autosave_interval 1",
          "max_inflight_messages 0",
          "max_queued_messages 0",
          "log_type all");
      new KilledUnderLoad(
              "Mosquitto", mosquitto.port(), mosquitto::kill, mosquitto::restart, mosquitto::log)
          .run(nats, version);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "3.1.1"})
  void hiveMqAcknowledgesEveryMessage(String version) throws Exception {
    try (HiveMq hiveMq = new HiveMq(folder).start()) {
      new KilledUnderLoad("HiveMQ CE", hiveMq.port(), hiveMq::kill, hiveMq::start, hiveMq::log)
          .run(nats, version);
    }
  }
}
