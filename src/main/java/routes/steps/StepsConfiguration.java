package routes.steps;

import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.spi.Registry;

/**
 * The steps that Camel lacks: the components {@code batch:}, {@code deadband:} and {@code alert:},
 * and the bean {@code gzip}. Each is loaded by the first route that uses it.
 */
public final class StepsConfiguration implements CamelConfiguration {
  @Override
  public void configure(CamelContext context) {
    Registry registry = context.getRegistry();
    registry.bind(
        "batch-component", Component.class, () -> new StepComponent("batch", BatchEndpoint::new));
    registry.bind(
        "deadband-component",
        Component.class,
        () -> new StepComponent("deadband", DeadbandEndpoint::new));
    registry.bind(
        "alert-component", Component.class, () -> new StepComponent("alert", AlertEndpoint::new));
    registry.bind("gzip", Gzip.class, () -> new Gzip());
    context.addRoutePolicyFactory(new RouteOfSteps());
  }
}
