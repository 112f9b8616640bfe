package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** compose.yaml is self-contained, and the real server accepts nats.conf. */
class ComposeTest {
  private static final JsonNode COMPOSE = Yaml.read(Path.of("compose.yaml"));

  private static Iterable<JsonNode> runtimes() {
    return COMPOSE
            .get("services")
            .valueStream()
            .filter(service -> service.get("image").asText().equals("cloud-iot-routes"))
        ::iterator;
  }

  private static Set<String> fields(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void everyVariableIsASettingAndEveryFileIsMounted() {
    assertThat(runtimes()).hasSize(6);
    for (JsonNode service : runtimes()) {
      List<String> there = new ArrayList<>();
      service.get("secrets").forEach(secret -> there.add("/run/secrets/" + secret.asText()));
      service.get("volumes").forEach(volume -> there.add(volume.asText().split(":")[1]));
      for (String name : fields(service.get("environment"))) {
        assertThat(name).matches(Variables::known, "a key of application.properties");
        String value = service.get("environment").path(name).asText();
        if (Variables.namesFile(name) || value.startsWith("/")) {
          assertThat(there).as(name).anyMatch(path -> (value + "/").startsWith(path + "/"));
        }
      }
    }
  }

  @Test
  void everyReferenceExists() throws IOException {
    Set<String> secrets = new TreeSet<>();
    Set<String> volumes = new TreeSet<>();
    for (JsonNode service : COMPOSE.get("services")) {
      service.path("secrets").forEach(secret -> secrets.add(secret.asText()));
      for (JsonNode volume : service.path("volumes")) {
        String source = volume.asText().split(":")[0];
        if (source.startsWith("./")) {
          assertThat(Path.of(source)).exists();
        } else if (!source.startsWith("/")) {
          volumes.add(source);
        }
      }
    }
    assertThat(Files.readString(Path.of("Dockerfile")))
        .contains(" AS " + COMPOSE.at("/services/sandbox/build/target").asText() + "\n");
    assertThat(fields(COMPOSE.get("secrets"))).isEqualTo(secrets);
    assertThat(fields(COMPOSE.get("volumes"))).isEqualTo(volumes);
    String steps = Files.readString(Path.of("docs/install.md"));
    for (JsonNode secret : COMPOSE.get("secrets")) {
      assertThat(steps).contains(secret.get("file").asText().substring(2));
    }
  }

  @Test
  void runtimesHaveFewPrivilegesAndArePublishedOnLoopbackOnly() {
    Set<String> ports = new TreeSet<>();
    for (JsonNode service : runtimes()) {
      assertThat(service.get("read_only").asBoolean()).isTrue();
      assertThat(service.get("cap_drop").get(0).asText()).isEqualTo("ALL");
      assertThat(service.get("security_opt").get(0).asText()).contains("no-new-privileges");
      assertThat(service.get("mem_limit").asText()).isEqualTo("160m");
      assertThat(service.get("ports")).hasSize(1);
      assertThat(service.get("ports").get(0).asText()).matches("127\\.0\\.0\\.1:\\d+:8080");
      ports.add(service.get("ports").get(0).asText());
    }
    assertThat(ports).hasSize(6);
  }

  /** Two runtimes that answer the same command would answer it twice. */
  @Test
  void onlyTheCollectorAnswersCommandsAndOnlyGatewaysReceiveThem() {
    for (JsonNode service : runtimes()) {
      boolean collects = service.get("environment").path("HOST_ROOT").isTextual();
      String include = service.get("environment").path("ROUTES_INCLUDE").asText();
      List<String> names = List.of(include.split(","));
      assertThat(names).contains("on-error");
      assertThat(names.contains("collect-*")).isEqualTo(collects);
      assertThat(names.contains("serve-*")).isEqualTo(collects);
      assertThat(names.contains("gateway-*")).isNotEqualTo(collects);
      assertThat(names.contains("commands-*")).isNotEqualTo(collects);
    }
  }

  @Test
  void natsAcceptsItsConfiguration(@TempDir Path folder) throws Exception {
    // The last line, because messages about downloads come before it.
    String server =
        run(new ProcessBuilder("tools/nats-server")).strip().replaceFirst("(?s).*\n", "");
    String text = Files.readString(Path.of("nats.conf"));
    assertThat(text).contains("sync_interval: always");
    if (run(new ProcessBuilder(server, "--version")).contains("v2.9.")) {
      text = text.replace("sync_interval: always", ""); // supported from 2.10 on
    }
    Path file =
        Files.writeString(
            folder.resolve("nats.conf"), text.replace("/data", folder.resolve("data").toString()));
    ProcessBuilder check = new ProcessBuilder(server, "-t", "-c", file.toString());
    check.environment().put("NATS_PASSWORD", "abcdefghijklmnopqrstuvwxyzABCDEF");
    assertThat(run(check)).contains("is valid");
  }

  @Test
  void userRoutesMatchesTheDocumentedConfiguration() throws IOException {
    assertThat(routes("nats.conf").replace("$NATS_PASSWORD", "CHANGE-routes"))
        .isEqualTo(routes("docs/nats.conf"));
  }

  private static String routes(String file) throws IOException {
    Matcher user =
        Pattern.compile("(?s)\\{ user: routes.*?\\n    \\} }")
            .matcher(Files.readString(Path.of(file)));
    assertThat(user.find()).isTrue();
    return user.group();
  }

  private static String run(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
