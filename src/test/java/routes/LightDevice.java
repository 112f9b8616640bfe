package routes;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import routes.settings.Settings;

/** The runtime inside of this process, beside others, without an HTTP port. */
final class LightDevice implements AutoCloseable {
  private static final Map<String, String> OFF =
      Map.of("camel.server.enabled", "false", "camel.management.enabled", "false");

  private final Map<String, String> settings;
  private final Main main = RoutesConfiguration.main();
  private final Startup startup;

  /**
   * @param settings by key; the environment does not override them
   * @param check runs check and test of a bundle
   */
  LightDevice(Map<String, String> settings, LightCheck check) {
    this.settings = new HashMap<>(settings);
    this.settings.put("routes.reload", "false");
    OFF.forEach(main::addOverrideProperty);
    main.setShutdownStrategy(new SimpleMainShutdownStrategy()); // without a hook for each
    main.addMainListener(new Given());
    startup = new Startup(check.with(this.settings));
    main.addMainListener(startup);
  }

  void start() {
    main.init();
    startup.beforeStart(main); // as main.run() does it
    main.start();
  }

  @Override
  public void close() {
    main.stop();
  }

  private final class Given extends MainListenerSupport {
    @Override
    public void beforeConfigure(BaseMainSupport main) {
      settings.forEach(new Settings(main.getCamelContext())::override);
    }
  }
}
