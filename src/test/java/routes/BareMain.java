package routes;

import org.apache.camel.main.Main;

/** Camel's main with the default settings, but without routes, HTTP and supervision of routes. */
public final class BareMain {
  private BareMain() {}

  /**
   * @param configuration the class whose package is scanned for beans
   */
  public static Main of(Class<?> configuration) {
    Main main = new Main(configuration);
    main.addOverrideProperty("camel.main.routes-include-pattern", "classpath:none/*.yaml");
    main.addOverrideProperty("camel.routecontroller.enabled", "false");
    main.addOverrideProperty("camel.server.enabled", "false");
    main.addOverrideProperty("camel.management.enabled", "false");
    main.addOverrideProperty("device.id", "edge-1");
    return main;
  }
}
