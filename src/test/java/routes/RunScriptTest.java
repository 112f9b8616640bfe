package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run} hands to the runtime, with a java that prints its data directory. */
@DisabledOnOs(OS.WINDOWS)
class RunScriptTest {
  @TempDir Path folder;

  @BeforeEach
  void copy() throws IOException {
    Files.copy(Path.of("run"), folder.resolve("run"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(folder.resolve("target/sandbox"));
    Files.createFile(folder.resolve("target/cloud-iot-routes.jar"));
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$DEVICE_ID $DATA_DIRECTORY\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
  }

  private String provision(Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(folder.resolve("run").toString(), "provision").redirectErrorStream(true);
    builder.environment().keySet().removeAll(Set.of("GATEWAYS", "DATA_DIRECTORY"));
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes()).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output.replace(folder.toRealPath().toString(), "FOLDER");
  }

  /** Sandbox names the same folder. Otherwise the next start would register the device again. */
  @Test
  void provisionStoresIdentitiesWhereRunLooksForThem() throws Exception {
    Files.writeString(folder.resolve("target/sandbox/env"), "DATA_DIRECTORY=other\n");
    assertThat(provision(Map.of("GATEWAYS", "azure", "DEVICE_ID", "edge-7")))
        .isEqualTo("edge-7 FOLDER/target/sandbox/data");
  }

  @Test
  void theSecondDeviceOfTheStandInsHasItsOwnFolder() throws Exception {
    Files.writeString(
        folder.resolve("target/sandbox/env"), "DEVICE_ID=edge-1\nSANDBOX_URL=http://x\n");
    assertThat(provision(Map.of("DEVICE_ID", "edge-3")))
        .isEqualTo("edge-3 FOLDER/target/sandbox/edge-3");
  }
}
