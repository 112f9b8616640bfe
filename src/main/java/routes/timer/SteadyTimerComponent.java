package routes.timer;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.timer.TimerComponent;
import org.apache.camel.spi.annotations.Component;

/**
 * Camel's {@code timer:} on a monotonic clock. Camel's own uses java.util.Timer, which follows the
 * wall clock: if that is set back by an hour, no timer fires for an hour. Endpoints with the option
 * {@code time} or {@code timer} remain Camel's.
 */
@Component("timer")
public final class SteadyTimerComponent extends TimerComponent {
  @Override
  protected Endpoint createEndpoint(String uri, String name, Map<String, Object> parameters)
      throws Exception {
    if (parameters.containsKey("time") || parameters.containsKey("timer")) {
      return super.createEndpoint(uri, name, parameters);
    }
    SteadyTimerEndpoint endpoint = new SteadyTimerEndpoint(uri, this, name);
    endpoint.setIncludeMetadata(isIncludeMetadata());
    setProperties(endpoint, parameters);
    return endpoint;
  }
}
