package routes.jetstream;

import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import routes.bus.BusConfiguration;
import routes.settings.Settings;

/** The component {@code jetstream:}, which uses the bean {@code bus}. */
public class JetStreamConfiguration implements CamelConfiguration {
  /**
   * @throws routes.settings.SettingException if {@code dead.after} is malformed
   */
  @BindToRegistry("jetstream-component")
  public JetStreamComponent jetstream(CamelContext context) {
    return new JetStreamComponent(BusConfiguration.deadAfter(new Settings(context)));
  }
}
