package routes.operations;

import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import routes.bus.Bus;
import routes.log.RecentLines;
import routes.web.RouteCounts;

/**
 * The beans of the commands for operators. A route whose command is not permitted does not exist,
 * so its bean is not created and its class not loaded.
 */
public final class OperationsConfiguration implements CamelConfiguration {
  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    // as Object, because a class literal would load the class
    registry.bind(
        "logsOperation",
        Object.class,
        () -> new LogsOperation(context, bus(context), RecentLines.keep()));
    registry.bind("restartOperation", Object.class, () -> new RestartOperation(context));
    registry.bind(
        "routesOperation",
        Object.class,
        () -> new RoutesOperation(context, bus(context), RouteCounts.of(context).orElseThrow()));
    registry.bind(
        "settingsOperation", Object.class, () -> new SettingsOperation(context, bus(context)));
    registry.bind("deadOperation", Object.class, () -> new DeadOperation(context, bus(context)));
    registry.bind(
        "diagnoseOperation", Object.class, () -> new DiagnoseOperation(context, bus(context)));
  }

  private static Bus bus(CamelContext context) {
    return context.getRegistry().lookupByNameAndType("bus", Bus.class);
  }
}
