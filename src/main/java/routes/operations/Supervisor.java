package routes.operations;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import routes.settings.Settings;

/** Finds out whether something starts this process again after it has ended. */
final class Supervisor {
  static final String KEY = "process.supervised";

  private Supervisor() {}

  /** The supervisor's name; empty if there is none. */
  static Optional<String> of(Settings settings) {
    String value = settings.oneOf(KEY, "auto", "true", "false");
    ProcessHandle own = ProcessHandle.current();
    OptionalLong parent =
        own.parent().map(process -> OptionalLong.of(process.pid())).orElse(OptionalLong.empty());
    return switch (value) {
      case "true" -> Optional.of(KEY);
      case "auto" -> of(System.getenv(), own.pid(), parent);
      default -> Optional.empty();
    };
  }

  /**
   * A container's environment does not reveal whether it is restarted, except in Kubernetes. A
   * terminal on a desktop has the INVOCATION_ID of another unit.
   */
  static Optional<String> of(Map<String, String> environment, long pid, OptionalLong parent) {
    boolean unit =
        environment.containsKey("NOTIFY_SOCKET")
            || String.valueOf(pid).equals(environment.get("SYSTEMD_EXEC_PID"))
            || environment.containsKey("INVOCATION_ID")
                && parent.isPresent()
                && parent.getAsLong() == 1;
    if (unit) {
      return Optional.of("systemd");
    }
    return environment.containsKey("KUBERNETES_SERVICE_HOST")
        ? Optional.of("Kubernetes")
        : Optional.empty();
  }
}
