package routes.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SupervisorTest {
  private static final OptionalLong INIT = OptionalLong.of(1);
  private static final OptionalLong SHELL = OptionalLong.of(77);

  @Test
  void recognizesAUnitOfSystemd() {
    assertThat(Supervisor.of(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"), 100, SHELL))
        .contains("systemd");
    assertThat(Supervisor.of(Map.of("SYSTEMD_EXEC_PID", "100"), 100, SHELL)).contains("systemd");
    assertThat(Supervisor.of(Map.of("INVOCATION_ID", "ab"), 100, INIT)).contains("systemd");
  }

  @Test
  void aTerminalIsNoSupervisor() {
    Map<String, String> desktop = Map.of("INVOCATION_ID", "ab", "SYSTEMD_EXEC_PID", "50");
    assertThat(Supervisor.of(desktop, 100, SHELL)).isEmpty();
    assertThat(Supervisor.of(desktop, 100, OptionalLong.empty())).isEmpty();
    assertThat(Supervisor.of(Map.of(), 1, OptionalLong.empty())).isEmpty();
  }

  @Test
  void recognizesKubernetes() {
    assertThat(Supervisor.of(Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1"), 1, INIT))
        .contains("Kubernetes");
  }
}
