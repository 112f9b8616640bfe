package routes.uplink;

/**
 * What a cloud asks this device to do.
 *
 * @param name as the cloud spelled it, not checked
 * @param payload JSON, or nothing
 */
public record Command(String name, byte[] payload) implements Inbound {
  /** Header with the name (String). */
  public static final String NAME = "Command-Name";

  /** Header with the status of the reply, as in HTTP (Integer). */
  public static final String STATUS = "Command-Status";
}
