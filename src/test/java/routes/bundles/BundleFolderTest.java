package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class BundleFolderTest {
  private static final int KILLS = 200;

  @TempDir Path root;

  private BundleFolder with(BundleState state) throws Exception {
    BundleFolder folder = new BundleFolder(root);
    for (int version : List.of(state.current(), state.previous())) {
      Files.createDirectories(folder.of(version));
    }
    folder.write(state);
    return folder;
  }

  @Test
  void afterThreeStartsInVainThePreviousBundleIsUsed() throws Exception {
    BundleFolder folder =
        with(BundleState.NONE.probation(1, List.of()).accepted().probation(2, List.of()));
    for (int start = 1; start <= 3; start++) {
      assertThat(folder.start().current()).as("start " + start).isEqualTo(2);
    }
    BundleState back = folder.start();
    assertThat(back.current()).isEqualTo(1);
    assertThat(back.highest()).as("is not offered again").isEqualTo(2);
    for (int start = 1; start <= 3; start++) {
      assertThat(folder.start().current()).isEqualTo(1);
    }
    assertThat(folder.start().current()).as("the device's own routes").isZero();
    assertThat(folder.start()).isEqualTo(folder.state());
  }

  @Test
  void aSuccessfulStartCountsFromZero() throws Exception {
    BundleFolder folder = with(BundleState.NONE.probation(1, List.of()).accepted());
    for (int start = 1; start <= 10; start++) {
      assertThat(folder.start().current()).isEqualTo(1);
      folder.write(folder.state().started(0));
    }
  }

  @Test
  void aMissingFolderIsNotUsed() throws Exception {
    BundleFolder folder = new BundleFolder(root);
    folder.write(BundleState.NONE.probation(5, List.of()));
    assertThat(folder.start().error()).isEqualTo("the files of version 5 are missing");
    assertThat(folder.state().current()).isZero();
  }

  @Test
  void anUnreadableStateMeansNoBundle() throws Exception {
    Files.writeString(root.resolve("state.json"), "{\"highest\":");
    assertThat(new BundleFolder(root).start()).isEqualTo(BundleState.NONE);
  }

  @Test
  void theStateIsReadAsItWasWritten() throws Exception {
    BundleState state =
        BundleState.NONE
            .probation(3, List.of("bus", "routes"))
            .started(2)
            .rejected(4, "it \"fails\"");
    BundleFolder folder = with(state);
    assertThat(folder.state()).isEqualTo(state);
  }

  /** Whatever moment a process is killed at, the next one starts with a complete bundle. */
  @Test
  @Tag("slow")
  @Timeout(900)
  void aProcessKilledAtAnyMomentLeavesAWholeBundle() throws Exception {
    Random random = new Random(20261130);
    BundleFolder folder = new BundleFolder(root);
    String java = System.getProperty("java.home") + "/bin/java";
    int least = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process =
          new ProcessBuilder(
                  java,
                  "-Xshare:auto",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  "routes.bundles.BundleInstaller",
                  root.toString(),
                  "" + (folder.state().highest() + 1))
              .redirectErrorStream(true)
              .start();
      try (BufferedReader lines = process.inputReader()) {
        assertThat(lines.readLine()).startsWith("started with ");
        TimeUnit.MICROSECONDS.sleep(random.nextInt(150_000));
      } finally {
        process.destroyForcibly().waitFor();
      }
      BundleState state = folder.state();
      assertThat(state.highest()).as("kill " + kill).isGreaterThanOrEqualTo(least);
      least = state.highest();
      for (int version : List.of(state.current(), state.previous())) {
        List<Path> files = folder.files(version, ".camel.yaml");
        assertThat(files).as("kill %s, %s", kill, state).hasSize(version == 0 ? 0 : 5);
        for (Path file : files) {
          assertThat(file).hasContent(BundleInstaller.text(version));
        }
      }
    }
    assertThat(least).as("bundles put in use").isGreaterThan(KILLS / 8);
  }
}
