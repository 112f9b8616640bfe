package routes.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests in synpse/ are self-contained and use only fields that Synpse knows. */
class SynpseManifestTest {
  /**
   * From docs.synpse.net/synpse-core/applications/app-specification, and the types of
   * github.com/synpse-hq/synpse-go, models.go.
   */
  private static final Specification SYNPSE =
      new Specification(
          """
          application
            name          string!
            description   string
            type          container
            scheduling    scheduling!
            spec          spec!
          scheduling
            type          NoDevices|AllDevices|Conditional
            selectors     pairs
          spec
            containers    [containers]!
          containers
            name          string!
            image         string!
            hostname      string
            command       string
            args          [string]
            entrypoint    [string]
            user          string
            workDir       string
            env           [variable]
            secrets       [secret]
            files         [file]
            volumes       [string]
            volumeDriver  string
            devices       [device]
            networkMode   host|isolated|bridge
            ports         [string]
            privileged    boolean
            capAdd        [string]
            capDrop       [string]
            securityOpt   [string]
            sysctl        pairs
            gpus          all
            shmSize       integer
            memoryHardLimit integer
            forcePull     boolean
            imagePullTimeout string
            auth          auth
            logging       logging
            restartPolicy restart
          variable
            name          string!
            value         string
            fromSecret    string
          secret
            name          string!
            filepath      string!
          file
            filepath      string!
            contents      string!
          device
            hostPath      string!
            containerPath string!
          auth
            username      string!
            password      string
            email         string
            serverAddress string
            fromSecret    string
          logging
            driver        string
            type          string
            config        pairs
          restart
            name          always|on-failure|unless-stopped|no
            maximumRetryCount integer
          """);

  private static final Pattern STEP =
      Pattern.compile("(?m)^#   synpse secret create (\\S+) (-[vf]) (\\S+)");

  static List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("synpse"))) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  @Test
  void eachCloudHasAManifestAndAzureHasTwo() throws IOException {
    assertThat(manifests())
        .extracting(file -> file.getFileName().toString())
        .containsExactly("aws.yaml", "azure-two.yaml", "azure.yaml", "google.yaml", "mqtt.yaml");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void usesOnlyFieldsOfSynpse(Path file) {
    assertThat(SYNPSE.faults("application", Yaml.read(file))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          image:            ; colour:          ; .spec.containers[0].colour: is unknown
          image:            ; colour:          ; .spec.containers[0].image: is missing
          "args: [nats-server, -c, /etc/nats/nats.conf]" ; args: nats-server ; .spec.containers[0].args: should be a list
          memoryHardLimit: 268435456 ; memoryHardLimit: 256m ; .spec.containers[0].memoryHardLimit: should be integer
          networkMode: bridge ; networkMode: container ; .spec.containers[0].networkMode: should be host|isolated|bridge
          value: edge-1     ; value: 1         ; .spec.containers[1].env[0].value: should be string
          fromSecret: nats  ; secret: nats     ; .spec.containers[0].env[0].secret: is unknown
          filepath:         ; path:            ; .spec.containers[0].secrets[0].filepath: is missing
          type: Conditional ; type: Some       ; .scheduling.type: should be NoDevices|AllDevices|Conditional
          """)
  void detectsUnknownFields(String right, String wrong, String fault) throws IOException {
    String text = Files.readString(Path.of("synpse/azure.yaml"));
    String broken = text.replaceFirst(Pattern.quote(right.replace("\"", "")), wrong);
    assertThat(broken).isNotEqualTo(text);
    assertThat(SYNPSE.faults("application", Yaml.parse(broken))).contains(fault);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void everyVariableIsASettingAndEveryFileExists(Path file) {
    for (JsonNode container : Yaml.read(file).at("/spec/containers")) {
      if (container.get("name").asText().equals("nats")) {
        continue;
      }
      List<String> there = new ArrayList<>();
      container.path("secrets").forEach(secret -> there.add(secret.get("filepath").asText()));
      container.path("volumes").forEach(volume -> there.add(volume.asText().split(":")[1]));
      for (JsonNode variable : container.get("env")) {
        String name = variable.get("name").asText();
        assertThat(name).matches(Variables::known, "a key of application.properties");
        assertThat(variable.has("value")).isNotEqualTo(variable.has("fromSecret"));
        String value = variable.path("value").asText();
        if (Variables.namesFile(name) || value.startsWith("/")) {
          assertThat(there).as(name).contains(value);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void documentedStepsCreateEachSecret(Path file) throws IOException {
    String text = Files.readString(file);
    Set<String> made = new TreeSet<>();
    Matcher step = STEP.matcher(text);
    while (step.find()) {
      made.add(step.group(1) + (step.group(2).equals("-v") ? " in a variable" : " in a file"));
      if (step.group(2).equals("-f") && !step.group(3).startsWith("cloud/")) {
        assertThat(Path.of(step.group(3))).exists();
      }
    }
    Set<String> used = new TreeSet<>();
    for (JsonNode container : Yaml.read(file).at("/spec/containers")) {
      container
          .path("env")
          .findValuesAsText("fromSecret")
          .forEach(name -> used.add(name + " in a variable"));
      container
          .path("secrets")
          .findValuesAsText("name")
          .forEach(name -> used.add(name + " in a file"));
    }
    assertThat(made).isEqualTo(used);
    assertThat(text).contains("#   synpse deploy -f " + file);
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void selectsTheDeviceByLabelAndContainersHaveFewPrivileges(Path file) {
    JsonNode manifest = Yaml.read(file);
    String cloud = file.getFileName().toString().split("[-.]")[0];
    assertThat(manifest.at("/scheduling/selectors/" + cloud).asText()).isEqualTo("iot");
    for (JsonNode container : manifest.at("/spec/containers")) {
      assertThat(container.at("/capDrop/0").asText()).isEqualTo("ALL");
      assertThat(container.at("/securityOpt/0").asText()).isEqualTo("no-new-privileges:true");
      assertThat(container.get("memoryHardLimit").asLong()).isPositive();
      assertThat(container.get("networkMode").asText()).isEqualTo("bridge");
      assertThat(container.has("ports") || container.has("privileged")).isFalse();
    }
  }
}
