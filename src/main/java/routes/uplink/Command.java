package routes.uplink;

/**
 * A cloud's command to this device.
 *
 * @param name the name as received, not validated
 * @param payload JSON, or empty
 * @param live whether the sender waits for the reply, so that a late one is useless; any other
 *     command waits as long as NATS is unavailable
 * @param unique whether another message with the same content is the same command
 */
public record Command(String name, byte[] payload, boolean live, boolean unique)
    implements Inbound {
  /** Header with the name (String). */
  public static final String NAME = "Command-Name";

  /** Header with the reply's HTTP status (Integer); a command that already has it is not run. */
  public static final String STATUS = "Command-Status";

  /** Exchange property: the command itself. */
  public static final String COMMAND = "Command";

  /** Exchange property: called just before the command runs (Runnable). */
  public static final String BEGIN = "Command-Begin";

  /** Exchange property: set if the runtime stops first; the command is then not acknowledged. */
  public static final String LEFT = "Command-Left";

  public Command(String name, byte[] payload) {
    this(name, payload, false, false);
  }
}
