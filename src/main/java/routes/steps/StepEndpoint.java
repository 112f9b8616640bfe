package routes.steps;

import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.DefaultEndpoint;
import routes.jetstream.JetStreamConstants;
import routes.settings.EndpointOption;

/** The options of a step. */
abstract class StepEndpoint extends DefaultEndpoint {
  private final StepComponent component;
  @UriParam private String value;
  private Numbers numbers;

  StepEndpoint(String uri, StepComponent component) {
    super(uri, component);
    this.component = component;
  }

  /**
   * @throws IllegalArgumentException if an option is missing or contradicts another
   */
  abstract void check();

  /** An option that a route file sets. */
  final EndpointOption option(String name, String text) {
    return new EndpointOption(scheme(), name, text);
  }

  final IllegalArgumentException missing(String option) {
    return new IllegalArgumentException(scheme() + ": the option " + option + " is missing");
  }

  /**
   * Compiles the option {@code value}, which must be set.
   *
   * @param otherwise what happens to a message without numbers, for the log
   */
  final void select(String otherwise) {
    if (value == null) {
      throw missing("value");
    }
    numbers = new Numbers(getCamelContext(), value, otherwise);
  }

  /** Selects the numbers of a message; null if the option {@code value} is not used. */
  final Numbers numbers() {
    return numbers;
  }

  /** The subject on the bus; empty for a message from another source. */
  static String subject(Exchange exchange) {
    return exchange.getMessage().getHeader(JetStreamConstants.SUBJECT, "", String.class);
  }

  final Clock clock() {
    return component.clock();
  }

  /** A jq expression for a number; {@code batch} and {@code deadband} also take several numbers. */
  public final void setValue(String value) {
    if (value.isBlank()) {
      throw option("value", value).invalid("a jq expression such as .t");
    }
    this.value = value;
  }

  public final String getValue() {
    return value;
  }

  final String scheme() {
    return getEndpointUri().replaceFirst("\\W.*", "");
  }

  @Override
  public final StepComponent getComponent() {
    return component;
  }

  @Override
  public final Consumer createConsumer(Processor processor) {
    throw new UnsupportedOperationException(scheme() + ": is a step; no route can start with it");
  }
}
