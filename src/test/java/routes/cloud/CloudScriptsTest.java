package routes.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import routes.cloud.CloudSetup.Result;

/** Checks the scripts with shellcheck and with the argument parser of the real AWS CLI. */
@Tag("slow")
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class CloudScriptsTest {
  @TempDir Path root;

  @Test
  void shellcheckFindsNothing() throws IOException {
    CloudSetup shell = new CloudSetup(root, "aws");
    assumeTrue(
        shell.paste("command -v shellcheck").exit() == 0,
        "shellcheck isn't installed: apt-get install shellcheck");
    List<String> scripts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("cloud"))) {
      files
          .filter(file -> file.endsWith("setup") || file.endsWith("rollout"))
          .map(Path::toString)
          .forEach(scripts::add);
    }
    assertThat(scripts).hasSize(7);
    Result result =
        shell.paste(
            "shellcheck -x cloud/steps.sh src/test/resources/cloud/stand-in src/test/resources/cloud/curl "
                + "deploy/cloud-iot-routes deploy/deb/control/p* "
                + String.join(" ", scripts));
    assertThat(result.all()).isEmpty();
  }

  /** The calls of an offer to a group, with a payload that exists as long as this test. */
  private List<String> rollout(CloudSetup setup) throws IOException {
    Files.writeString(setup.state().resolve("aws-group-plant"), "edge-1\n");
    Files.writeString(setup.state().resolve("aws-thing-edge-1"), "");
    Path payload = Files.writeString(root.resolve("payload"), "{}");
    setup.answering(CloudRolloutTest.offer(root, 1));
    assertThat(setup.rollout("--group", "plant").exit()).isZero();
    List<String> calls = new ArrayList<>();
    setup.calls().forEach(call -> calls.add(call.line()));
    assertThat(setup.rollout("--device", "edge-1").exit()).isZero();
    setup.calls().forEach(call -> calls.add(call.line()));
    assertThat(calls).hasSize(5).anyMatch(line -> line.contains("update-thing-shadow"));
    return calls.stream()
        .map(line -> line.replaceAll("fileb://\\S+", "fileb://" + payload))
        .toList();
  }

  /**
   * Runs in one Python process, because the CLI takes a second to start. Each call is sent to a
   * port where nothing listens, which fails only after the arguments have been validated.
   */
  @Test
  void theRealAwsCliAcceptsTheArguments() throws IOException {
    CloudSetup setup = new CloudSetup(root, "aws");
    String python =
        setup
            .paste(
                """
                PATH=${PATH#*:}
                cli=$(pyenv which aws 2>/dev/null || command -v aws) || exit 0
                python=$(sed -n '1s/^#! *//p' "$cli" | tr -d '\\0')
                $python -c 'import awscli' 2>/dev/null && echo "$python"
                """)
            .out()
            .strip();
    assumeTrue(!python.isEmpty(), "the AWS CLI isn't installed: apt-get install awscli");
    Set<String> different = new LinkedHashSet<>();
    for (List<String> kind : List.of(List.<String>of(), List.of("--provisioning"))) {
      setup.create(kind.toArray(String[]::new));
      setup.calls().forEach(call -> different.add(call.line()));
      setup.shell("aws iot create-thing --thing-name edge-1");
      setup.shell("aws iot attach-thing-principal --thing-name edge-1 --principal x");
      setup.teardown("--yes");
      setup.calls().forEach(call -> different.add(call.line()));
    }
    List<String> calls = new ArrayList<>(different);
    assertThat(calls)
        .hasSizeGreaterThan(55)
        .anyMatch(line -> line.contains("detach-policy --policy-name device_metrics"));
    calls.addAll(rollout(setup));
    // the requests are read while the arguments are parsed
    for (String request : List.of("edge-1.csr", "device_metrics-claim.csr")) {
      Files.writeString(setup.folder().resolve(request), "CSR");
    }
    Files.write(root.resolve("lines"), calls);
    Files.writeString(
        root.resolve("check.py"),
        """
        import shlex, sys
        from awscli.clidriver import create_clidriver
        for line in open(sys.argv[1]):
            words = shlex.split(line)[1:] + ['--endpoint-url', 'http://127.0.0.1:1']
            print('>', line, end='', file=sys.stderr, flush=True)
            try:
                print(create_clidriver().main(words), file=sys.stderr, flush=True)
            except SystemExit as e:
                print(e.code, file=sys.stderr, flush=True)
        """);

    Result result =
        setup
            .with("AWS_ACCESS_KEY_ID", "none")
            .with("AWS_SECRET_ACCESS_KEY", "none")
            .with("AWS_MAX_ATTEMPTS", "1")
            .with("AWS_CONFIG_FILE", "/dev/null")
            .with("AWS_EC2_METADATA_DISABLED", "true")
            .paste(python + " " + root.resolve("check.py") + " " + root.resolve("lines"));

    String[] answers = result.err().split("(?m)^> ");
    assertThat(answers).hasSize(calls.size() + 1);
    for (int i = 1; i < answers.length; i++) {
      assertThat(answers[i]).contains("Could not connect to the endpoint URL");
    }
  }
}
