package routes;

import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;

/**
 * Starts the runtime: settings from application.properties and the environment, routes from {@code
 * routes.directory}. A mistake in either is told in one line on standard error; exit code 1.
 */
public final class EdgeRuntime {
  private EdgeRuntime() {}

  public static void main(String... args) {
    Main main = create();
    int exitCode;
    try {
      exitCode = main.run(args);
    } catch (Exception e) {
      System.err.println("cloud-iot-routes: " + Fault.describe(e, directory(main)));
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  /** The runtime, not yet started. */
  static Main create() {
    Main main = new Main(EdgeRuntime.class);
    main.addMainListener(new Startup());
    return main;
  }

  private static Path directory(Main main) {
    CamelContext context = main.getCamelContext();
    return Path.of(new Settings(context).find("routes.directory").orElse("routes-yaml"));
  }
}
