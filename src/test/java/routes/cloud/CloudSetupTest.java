package routes.cloud;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import routes.cloud.CloudSetup.Call;
import routes.cloud.CloudSetup.Result;
import routes.sandbox.RuntimeProcess;

/** Requirements of every cloud/.../setup, tested with stand-ins for the clouds' command lines. */
@Tag("slow")
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class CloudSetupTest {
  /** A script with a set of options. */
  enum Script {
    AZURE("azure"),
    AZURE_X509("azure", "--x509"),
    AZURE_PROVISIONING("azure", "--provisioning"),
    AWS("aws", "--region", "eu-central-1"),
    AWS_PROVISIONING("aws", "--region", "eu-central-1", "--provisioning"),
    GOOGLE("google", "--project", "my-project"),
    CLEARBLADE("clearblade");

    private final String cloud;
    private final String[] options;

    Script(String cloud, String... options) {
      this.cloud = cloud;
      this.options = options;
    }

    CloudSetup in(Path root) {
      return new CloudSetup(root, cloud, options);
    }

    CloudSetup in(Path root, Path folder) {
      return new CloudSetup(root, folder, cloud, options);
    }
  }

  /** The result of a first run, for the tests that only read it. */
  private record Made(CloudSetup setup, Path root, Result result, List<Call> calls) {
    List<String> makes() {
      return calls.stream().filter(call -> call.does().equals("make")).map(Call::line).toList();
    }
  }

  @TempDir static Path shared;
  private static final Map<Script, Made> MADE = new ConcurrentHashMap<>();

  @TempDir Path root;

  @BeforeAll
  static void make() {
    Stream.of(Script.values())
        .parallel()
        .forEach(
            script -> {
              Path root = shared.resolve(script.name());
              CloudSetup setup = script.in(root);
              MADE.put(script, new Made(setup, root, setup.create(), setup.calls()));
            });
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void createsEverythingOnceWhenRunTwice(Script script) {
    CloudSetup setup = MADE.get(script).setup();
    Result first = MADE.get(script).result();
    assertThat(first.err()).isEmpty();
    assertThat(first.exit()).isZero();
    assertThat(first.out()).contains(": created").doesNotContain(": exists");
    assertThat(MADE.get(script).makes()).isNotEmpty().doesNotHaveDuplicates();
    Map<String, String> files = contents(setup);

    Result second = setup.create();

    assertThat(second.err()).isEmpty();
    assertThat(second.exit()).isZero();
    assertThat(second.out()).contains(": exists").doesNotContain(": created");
    assertThat(setup.calls("make")).isEmpty();
    assertThat(contents(setup)).isEqualTo(files);
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void writesKnownSettingsReadableByTheOwnerOnly(Script script) throws IOException {
    CloudSetup setup = MADE.get(script).setup();
    Result made = MADE.get(script).result();

    for (String file : setup.files()) {
      assertThat(mode(setup.folder().resolve(file))).as(file).isEqualTo("rw-------");
    }
    Map<String, String> settings = loaded(setup);
    assertThat(settings).containsEntry("DEVICE_ID", "edge-1");
    assertThat(keys()).containsAll(settings.keySet());
    settings.forEach(
        (key, value) -> {
          if (key.matches(".*_CERTIFICATE|.*_(PRIVATE|ACCOUNT)_KEY")) {
            assertThat(Path.of(value)).as(key).isAbsolute().isNotEmptyFile();
          }
          assertThat(made.out()).contains(key + "=");
        });
    assertThat(made.out()).contains("set -a; . " + setup.settings() + "; set +a");
  }

  /** The port is checked last, so nothing is started. */
  @ParameterizedTest
  @EnumSource(Script.class)
  void theRuntimeAcceptsTheSettings(Script script) throws Exception {
    Map<String, String> settings = loaded(MADE.get(script).setup());
    settings.put("HTTP_PORT", "web");

    try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
      assertThat(runtime.awaitExit()).isEqualTo(1);
      assertThat(runtime.output())
          .singleElement()
          .asString()
          // the default build lacks pubsub
          .contains(script == Script.GOOGLE ? "pubsub needs the build with -Ppubsub" : "http.port");
    }
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void secretsAreNeitherPrintedNorPassedAsArguments(Script script) throws IOException {
    CloudSetup setup = MADE.get(script).setup();
    Result made = MADE.get(script).result();

    List<String> secrets = new ArrayList<>(List.of("SECRET", "U0VDUkVU"));
    for (String file : setup.files()) {
      String content = Files.readString(setup.folder().resolve(file));
      if (content.contains("PRIVATE KEY")) {
        secrets.add(content.lines().skip(1).findFirst().orElseThrow());
      }
    }
    for (String secret : secrets) {
      assertThat(made.all()).doesNotContain(secret);
      assertThat(MADE.get(script).calls().toString()).doesNotContain(secret);
    }
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void aDryRunCallsNothingAndItsOutputCreatesTheSame(Script script) {
    CloudSetup setup = script.in(root);
    Result dry = setup.create("--dry-run");
    assertThat(dry.err()).isEmpty();
    assertThat(dry.exit()).isZero();
    assertThat(setup.calls()).isEmpty();
    assertThat(setup.files()).isEmpty();
    assertThat(setup.there()).isEmpty();

    Result pasted = setup.paste(dry.out());
    assertThat(pasted.err()).isEmpty();
    assertThat(pasted.exit()).isZero();
    List<String> makes = stable(setup.calls("make"), root);
    Map<String, String> settings = loaded(setup);

    Made run = MADE.get(script);
    assertThat(makes).isEqualTo(stable(run.makes(), run.root()));
    assertThat(stable(List.of(settings.toString()), root))
        .isEqualTo(stable(List.of(loaded(run.setup()).toString()), run.root()));
  }

  /** Removes what differs between runs: the folder and new keys. */
  private static List<String> stable(List<String> lines, Path root) {
    return lines.stream()
        .map(line -> line.replace(root.toString(), "ROOT"))
        .map(line -> line.replaceAll("[0-9A-F]{64}", "THUMBPRINT"))
        .map(line -> line.replaceAll("BEGIN.+PUBLIC.+KEY.+END", "PUBLIC KEY"))
        .map(line -> line.replaceAll("/tmp\\.\\w+/", "/"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(value = Script.class, mode = Mode.EXCLUDE, names = "AZURE")
  void reportsAFailedStepInOneLineAndResumesThere(Script script) {
    List<String> all = stable(MADE.get(script).makes(), MADE.get(script).root());

    CloudSetup setup = script.in(root);
    List<String> made = new ArrayList<>();
    for (int step = 0; step < all.size(); step++) {
      // one more step each time; the next one fails
      Result result = setup.with("CLOUD_MAKES", step == 0 ? "0" : "1").create();
      List<String> calls = stable(setup.calls("make"), root);
      assertThat(result.exit()).as(all.get(step)).isEqualTo(1);
      assertThat(result.err())
          .matches("cloud/\\w+/setup: .+: .+ failed: .*boom in two lines.*: .+\\n")
          .hasLineCount(1);
      assertThat(result.out()).doesNotContain("GATEWAYS");
      assertThat(calls.get(calls.size() - 1)).isEqualTo(all.get(step));
      made.addAll(calls.subList(0, calls.size() - 1));
    }
    Result last = setup.with("CLOUD_MAKES", "1").create();
    made.addAll(stable(setup.calls("make"), root));
    assertThat(last.exit()).isZero();
    assertThat(made).isEqualTo(all);
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void doesNotMistakeAFailedLookupForAbsence(Script script) {
    CloudSetup setup = MADE.get(script).setup();
    for (String kind : List.of("look", "list")) {
      MADE.get(script).calls().stream()
          .filter(call -> call.does().equals(kind))
          // asked only if there is no certificate here
          .filter(call -> !call.line().contains("--query principals\\[\\]"))
          .findFirst()
          .ifPresent(
              call -> {
                // without what differs from run to run
                String text = call.line().replaceFirst(".*/api/", "");
                Result result = setup.with("CLOUD_BOOM", text).create();
                setup.with("CLOUD_BOOM", "");
                assertThat(result.exit()).isEqualTo(1);
                assertThat(result.err()).contains(" failed: ").contains("boom").hasLineCount(1);
                assertThat(setup.calls("make")).isEmpty();
              });
    }
  }

  @ParameterizedTest
  @EnumSource(value = Script.class, mode = Mode.EXCLUDE, names = "AZURE")
  void teardownAsksRemovesWhatWasCreatedAndResumes(Script script) {
    CloudSetup setup = script.in(root);
    setup.create();
    List<String> there = setup.there();
    assertThat(there).isNotEmpty();

    assertThat(setup.teardown("--dry-run").exit()).isZero();
    for (String answer : List.of("", "n\n")) {
      assertThat(setup.answering(answer).teardown().exit()).isEqualTo(1);
    }
    assertThat(setup.there()).isEqualTo(there);
    assertThat(setup.calls()).isEmpty();

    setup.with("CLOUD_BOOM", script == Script.CLEARBLADE ? "DELETE" : "delete");
    Result failed = setup.answering("y\n").teardown();
    assertThat(failed.exit()).isEqualTo(1);
    assertThat(failed.err())
        .matches(
            "(?s)(.*\\n)?cloud/\\w+/setup: [^\\n]+ failed: [^\\n]*boom in two lines[^\\n]*: .+\\n");

    Result rest = setup.with("CLOUD_BOOM", "").teardown("--yes");
    assertThat(rest.err()).isEmpty();
    assertThat(rest.exit()).isZero();
    assertThat(setup.files()).isEmpty();
    assertThat(setup.there())
        .as("resources that are deleted with others or that others may use")
        .allMatch(
            name ->
                name.matches(
                    "az-extension-.*|gcloud-service-.*|aws-(private|encrypted|retention)-.*"));

    Result again = setup.teardown("--yes");
    assertThat(again.err()).isEmpty();
    assertThat(again.exit()).isZero();
    assertThat(setup.calls()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Script.class,
      names = {"AWS", "GOOGLE"})
  void teardownKeepsWhatExistedBefore(Script script) {
    CloudSetup setup = script.in(MADE.get(script).root(), root);
    List<String> there = setup.there();
    assertThat(setup.create("--device", "edge-2").exit()).isZero();
    assertThat(setup.there()).hasSizeGreaterThan(there.size());

    assertThat(setup.teardown("--yes", "--device", "edge-2").exit()).isZero();

    assertThat(setup.there()).isEqualTo(there);
    assertThat(setup.files()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = Script.class, mode = Mode.EXCLUDE, names = "AZURE")
  void keepsSharedResourcesWhileADeviceUsesThem(Script script) {
    CloudSetup setup = MADE.get(script).setup();
    List<String> there = setup.there();
    List<String> files = setup.files();
    assertThat(setup.create("--device", "edge-2").exit()).isZero();
    assertThat(setup.files()).hasSizeGreaterThan(files.size());

    Result result = setup.teardown("--yes", "--device", "edge-2");

    assertThat(result.out()).contains("other devices use them: edge-1");
    assertThat(setup.there()).isEqualTo(there);
    assertThat(setup.files()).isEqualTo(files);
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void doesNotOverwriteSettingsOfAnotherDevice(Script script) throws IOException {
    CloudSetup setup = script.in(root);
    Files.writeString(setup.settings(), "DEVICE_ID='edge-7'\n");

    Result result = setup.create();

    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("another device").contains("--env-file").hasLineCount(1);
    assertThat(setup.calls()).isEmpty();
    assertThat(setup.settings()).hasContent("DEVICE_ID='edge-7'\n");
  }

  @ParameterizedTest
  @EnumSource(Script.class)
  void rejectsInvalidArgumentsBeforeCallingAnything(Script script) {
    CloudSetup setup = script.in(root);
    String[][] all = {
      {"--colour", "red"}, {"--device"}, {"--device", "a b"}, {"--device", "../x"}, {"destroy"}
    };
    // the same code reads them
    for (String[] wrong : script == Script.AWS ? all : new String[][] {all[0]}) {
      Result result = setup.create(wrong);
      assertThat(result.exit()).as(String.join(" ", wrong)).isEqualTo(2);
      assertThat(result.err()).contains("--help").hasLineCount(1);
    }
    Result help = setup.create("--help");
    assertThat(help.exit()).isZero();
    assertThat(help.out()).contains("--dry-run", "--device", "teardown", "cloud/");
    assertThat(setup.calls()).isEmpty();
    assertThat(setup.files()).isEmpty();
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** The environment of a shell that has sourced the file. */
  static Map<String, String> loaded(CloudSetup setup) {
    String all = setup.shell("env -i bash -c 'set -a; . \"$0\"; env -0' " + setup.settings());
    Map<String, String> settings = new LinkedHashMap<>();
    for (String line : all.split("\0")) {
      String[] pair = line.split("=", 2);
      if (!pair[0].matches("PWD|SHLVL|_|OLDPWD")) {
        settings.put(pair[0], pair[1]);
      }
    }
    return settings;
  }

  private static List<String> keys() throws IOException {
    Properties properties = new Properties();
    try (InputStream file = CloudSetupTest.class.getResourceAsStream("/application.properties")) {
      properties.load(file);
    }
    return properties.stringPropertyNames().stream()
        .map(key -> key.toUpperCase().replaceAll("[.-]", "_"))
        .toList();
  }

  private static Map<String, String> contents(CloudSetup setup) {
    return Stream.of(setup.files())
        .flatMap(List::stream)
        .collect(
            Collectors.toMap(
                name -> name,
                name -> {
                  try {
                    return Files.readString(setup.folder().resolve(name));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
  }
}
