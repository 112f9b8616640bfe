package routes.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoredPeriodTest {
  @TempDir Path folder;

  @Test
  void keepsTheLastValueWritten() throws Exception {
    StoredPeriod stored = new StoredPeriod(folder.resolve("a/b"));
    assertThat(stored.read()).isEmpty();
    stored.write(Duration.ofSeconds(90));
    stored.write(Duration.ofMillis(1500));
    assertThat(new StoredPeriod(folder.resolve("a/b")).read()).contains(Duration.ofMillis(1500));
    assertThat(folder.resolve("a/b")).isDirectoryNotContaining("glob:**.new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "1ms", "2d", "5s 6s", "\u0000", "-5s", "{}"})
  void reportsADamagedFile(String damage) throws Exception {
    StoredPeriod stored = new StoredPeriod(folder);
    Files.writeString(stored.file(), damage);
    assertThatThrownBy(stored::read)
        .isInstanceOf(IOException.class)
        .hasMessage("it contains no time such as 5s");
  }

  @Test
  void readsOnlyTheStartOfALargeFile() throws Exception {
    StoredPeriod stored = new StoredPeriod(folder);
    Files.write(stored.file(), new byte[10_000_000]);
    assertThatThrownBy(stored::read).hasMessage("it contains no time such as 5s");
  }

  @ParameterizedTest
  @CsvSource({
    "500ms, 500ms",
    "1000ms, 1s",
    "90s, 90s",
    "60s, 1m",
    "3600s, 1h",
    "24h, 1d",
    "1440m, 1d",
    "86400000ms, 1d",
    "007s, 7s"
  })
  void formatsATimeWithTheLargestUnit(String spelt, String again) {
    assertThat(Period.parse(spelt).map(Period::text)).contains(again);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "499ms",
        "0s",
        "86400001ms",
        "2d",
        "999999999d",
        "1000000000ms",
        "5 s",
        "5S",
        "٥s"
      })
  void ignoresInvalidAndOutOfRangeTimes(String spelt) {
    assertThat(Period.parse(spelt)).isEmpty();
  }
}
