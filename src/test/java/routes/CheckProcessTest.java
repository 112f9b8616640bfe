package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.RuntimeProcess;

/** The command check as a separate process: its side effects and its exit code. */
@Timeout(120)
class CheckProcessTest {
  @TempDir Path folder;

  /** Returns what it printed, and expects the exit code. */
  private static List<String> check(int code, Map<String, String> settings, String... words)
      throws Exception {
    String[] arguments = new String[words.length + 1];
    arguments[0] = "check";
    System.arraycopy(words, 0, arguments, 1, words.length);
    try (RuntimeProcess command = RuntimeProcess.start(settings, arguments)) {
      assertThat(command.awaitExit()).as(() -> command.output().toString()).isEqualTo(code);
      return command.output();
    }
  }

  @Test
  void neitherConnectsNorListensNorWrites() throws Exception {
    Path data = folder.resolve("data");
    try (ServerSocket socket = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + socket.getLocalPort();
      Map<String, String> settings =
          Map.of(
              "NATS_SERVERS",
              "nats://" + address,
              "GATEWAYS",
              "mqtt",
              "MQTT_URL",
              "tcp://" + address,
              // in use, so starting a server would fail
              "HTTP_PORT",
              String.valueOf(socket.getLocalPort()),
              "DATA_DIRECTORY",
              data.toString());
      List<String> lines = check(0, settings);
      assertThat(lines.get(0)).matches("settings +OK");
      assertThat(lines)
          .anyMatch(line -> line.matches("routes-yaml/gateway-mqtt.camel.yaml +OK"))
          .last()
          .asString()
          .endsWith(" files OK");
      socket.setSoTimeout(1);
      assertThatThrownBy(socket::accept).isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(data).doesNotExist();
  }

  @Test
  void exitsWith1AndHidesSecretsWhenAFileIsInvalid() throws Exception {
    Path password = Files.writeString(folder.resolve("password"), "hunter2secret\n");
    Files.writeString(
        folder.resolve("tick.camel.yaml"),
        """
        - route:
            id: tick
            from:
              uri: timer
              parameters:
                timerName: tick
                period: "{{mqtt.password}}"
              steps:
                - log:
                    message: tick
                - to:
                    uri: "{{mqtt.password}}:x"
        """);
    List<String> lines =
        check(
            1,
            Map.of(
                "MQTT_PASSWORD_FILE", password.toString(),
                "AZURE_CONECTION_STRING", "SharedAccessKey=c2VjcmV0",
                "AWS_REGION", "eu-central-1"),
            folder.toString());
    assertThat(lines)
        .anyMatch(line -> line.contains("did you mean AZURE_CONNECTION_STRING?"))
        .anyMatch(line -> line.contains("tick.camel.yaml:"))
        .noneMatch(line -> line.contains("hunter2") || line.contains("c2VjcmV0"))
        .noneMatch(line -> line.contains("AWS_REGION"))
        .last()
        .isEqualTo("1 invalid setting; 1 of 1 file has errors");
  }

  @Test
  void exitsWith2WhenArgumentsAreInvalid() throws Exception {
    assertThat(check(2, Map.of(), "one", "two")).containsExactly("usage: check [FOLDER]");
  }
}
