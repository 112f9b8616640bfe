package routes.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleLogTest {
  @ParameterizedTest
  @CsvSource({
    ", INFO",
    "nonsense, INFO",
    "error, SEVERE",
    "Warn, WARNING",
    "info, INFO",
    "DEBUG, FINE",
    "trace, FINEST"
  })
  void theVariableSetsTheLevel(String variable, String level) {
    assertThat(ConsoleLog.configuration(variable)).containsEntry(".level", level);
  }

  @ParameterizedTest
  @CsvSource({"debug", "trace"})
  void loggersOfSecretsStayAtInfo(String variable) {
    Properties levels = ConsoleLog.configuration(variable);

    assertThat(levels).containsEntry("sun.level", "INFO");
    assertThat(ConsoleLog.SECRETIVE)
        .isNotEmpty()
        .allSatisfy(name -> assertThat(levels).containsEntry(name + ".level", "INFO"));
  }
}
