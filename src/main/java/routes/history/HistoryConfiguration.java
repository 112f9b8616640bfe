package routes.history;

import org.apache.camel.BindToRegistry;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import routes.bus.Bus;
import routes.jetstream.StreamReader;
import routes.sample.Sampler;
import routes.settings.Settings;

/** The bean {@code history}, the answer of {@code /api/history}. */
public class HistoryConfiguration implements CamelConfiguration {
  @Override
  public void configure(CamelContext context) {}

  @BindToRegistry(value = "history", lazy = true)
  public HistoryAnswer history(CamelContext context) {
    Registry registry = context.getRegistry();
    Sampler sampler = registry.findSingleByType(Sampler.class);
    StreamReader reader = new StreamReader(registry.findSingleByType(Bus.class));
    String device = new Settings(context).require("device.id", "this device's id");
    return new HistoryAnswer(new History(reader, device, sampler), sampler);
  }
}
