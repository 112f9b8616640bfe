package routes.uplink;

/**
 * What a cloud wants this device to be like: desired properties, a shadow's delta, a config.
 *
 * @param state a JSON object
 */
public record Desired(byte[] state) implements Inbound {
  /** Header that marks a body as desired state (Boolean). */
  public static final String HEADER = "Desired-State";
}
