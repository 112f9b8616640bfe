package routes;

import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.MainSupport;
import routes.operations.RestartOperation;

/** Lets the command restart end the process in order, with an exit code that asks for a restart. */
final class Restart extends MainListenerSupport {
  /** EX_TEMPFAIL of sysexits.h, which systemd's Restart=on-failure counts as a failure. */
  static final int EXIT_CODE = 75;

  private final GracefulStop stop;
  private volatile boolean requested;

  Restart(GracefulStop stop) {
    this.stop = stop;
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    Runnable end =
        () -> {
          requested = true;
          stop.stop((MainSupport) main);
        };
    main.getCamelContext().getRegistry().bind(RestartOperation.BEAN, Runnable.class, end);
  }

  /** The exit code of the process after a stop in order. */
  int exitCode(int normal) {
    return requested ? EXIT_CODE : normal;
  }
}
