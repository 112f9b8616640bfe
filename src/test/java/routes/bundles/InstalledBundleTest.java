package routes.bundles;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.settings.Settings;

class InstalledBundleTest {
  @TempDir Path data;

  private final DefaultCamelContext context = new DefaultCamelContext();
  private Settings settings;
  private BundleFolder folder;

  @BeforeEach
  void install() throws Exception {
    settings = new Settings(context);
    settings.override("data.directory", data.toString());
    settings.override("routes.pattern", "file:own.camel.yaml");
    settings.override("routes.trusted-key", new SignedBundle(data).trusted());
    folder = BundleFolder.of(settings);
    Files.createDirectories(folder.of(3));
    Files.writeString(folder.of(3).resolve("plant.camel.yaml"), "- route: {}");
    Files.writeString(folder.of(3).resolve("settings.properties"), "plant.word = one");
    folder.write(BundleState.NONE.probation(3, List.of()).accepted());
  }

  @AfterEach
  void close() throws Exception {
    context.close();
  }

  private String pattern() {
    return settings.find("routes.pattern").orElseThrow();
  }

  @Test
  void itsRoutesAndSettingsAreAdded() throws Exception {
    InstalledBundle.useIn(settings);
    assertThat(pattern())
        .isEqualTo("file:own.camel.yaml,file:" + folder.of(3).resolve("plant.camel.yaml"));
    assertThat(settings.find("plant.word")).contains("one");
    assertThat(InstalledBundle.version(settings)).isEqualTo(3);
    assertThat(folder.state().starts()).isEqualTo(1);
  }

  @Test
  void withoutAKeyItIsNotUsed() {
    settings.override("routes.trusted-key", "");
    InstalledBundle.useIn(settings);
    assertThat(pattern()).isEqualTo("file:own.camel.yaml");
    assertThat(settings.find("plant.word")).isEmpty();
    assertThat(InstalledBundle.version(settings)).isZero();
  }

  /** A full or read-only disk must not stop the device's telemetry. */
  @Test
  void itIsUsedEvenIfTheStartCannotBeCounted() throws Exception {
    Files.createDirectories(data.resolve("bundles/state.json.new/blocked"));
    Files.createDirectories(data.resolve("bundles/trusted-key.new/blocked"));
    InstalledBundle.useIn(settings);
    assertThat(pattern()).endsWith("plant.camel.yaml");
    assertThat(folder.state().starts()).isZero();
  }

  @Test
  void aStartThatFailedForAnotherReasonIsNotCounted() throws Exception {
    InstalledBundle.useIn(settings);
    InstalledBundle.uncount(settings, folder.of(3).resolve("plant.camel.yaml"));
    assertThat(folder.state().starts()).isEqualTo(1);
    InstalledBundle.uncount(settings, Path.of("routes-yaml/collect-metrics.camel.yaml"));
    assertThat(folder.state().starts()).isZero();
  }

  @Test
  void anotherKeyLeavesIt() throws Exception {
    InstalledBundle.useIn(settings);
    settings.override(
        "routes.trusted-key", new SignedBundle(Files.createDirectory(data.resolve("x"))).trusted());
    settings.override("routes.pattern", "file:own.camel.yaml");
    InstalledBundle.useIn(settings);
    assertThat(pattern()).isEqualTo("file:own.camel.yaml");
    assertThat(folder.state()).isEqualTo(BundleState.NONE);
  }
}
