package routes.uplink;

/**
 * The state that a cloud requests of this device: desired properties, a shadow's delta, a config.
 *
 * @param state a JSON object
 */
public record Desired(byte[] state) implements Inbound {
  /** Header that marks a body as desired state (Boolean). */
  public static final String HEADER = "Desired-State";
}
