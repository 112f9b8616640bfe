package routes.timer;

import java.util.Timer;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.component.timer.TimerConstants;
import org.apache.camel.component.timer.TimerConsumer;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.spi.UriEndpoint;

/** A timer endpoint whose consumers schedule themselves. */
@UriEndpoint(
    firstVersion = "1.0.0",
    scheme = "timer",
    title = "Timer",
    syntax = "timer:timerName",
    consumerOnly = true,
    remote = false,
    category = {Category.CORE, Category.SCHEDULING},
    headersClass = TimerConstants.class)
final class SteadyTimerEndpoint extends TimerEndpoint {
  SteadyTimerEndpoint(String uri, Component component, String timerName) {
    super(uri, component, timerName);
  }

  @Override
  public Consumer createConsumer(Processor processor) throws Exception {
    Consumer consumer = new SteadyTimerConsumer(this, new Ticks(getTimerName(), processor));
    configureConsumer(consumer);
    return consumer;
  }

  @Override
  public Timer getTimer(TimerConsumer consumer) {
    return null;
  }

  @Override
  public void removeTimer(TimerConsumer consumer) {
    // This endpoint uses no java.util.Timer.
  }
}
