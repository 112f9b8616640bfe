package routes.uplink;

/**
 * What a cloud asks this device to do.
 *
 * @param name as the cloud spelled it, not checked
 * @param payload JSON, or nothing
 * @param live whether its sender waits for the reply, so that a late one is worth nothing; any
 *     other command waits for as long as NATS is away
 * @param unique whether another message with the same content is the same command
 */
public record Command(String name, byte[] payload, boolean live, boolean unique)
    implements Inbound {
  /** Header with the name (String). */
  public static final String NAME = "Command-Name";

  /** Header with the status of the reply, as in HTTP (Integer); set before, it is not run. */
  public static final String STATUS = "Command-Status";

  /** Exchange property: the command itself. */
  public static final String COMMAND = "Command";

  /** Exchange property: called just before the command runs (Runnable). */
  public static final String BEGIN = "Command-Begin";

  /** Exchange property: set if the runtime stops before it was dealt with: not acknowledged. */
  public static final String LEFT = "Command-Left";

  public Command(String name, byte[] payload) {
    this(name, payload, false, false);
  }
}
