package routes.bus;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import routes.settings.Settings;

/** Connects a subcommand to NATS for as long as it runs. Errors are one line. */
public final class CommandConnection {
  /** What a subcommand does with the connection. */
  @FunctionalInterface
  public interface Work {
    /**
     * @throws IllegalStateException if it is not possible, with the reason in one line
     */
    void run(Connection connection) throws IOException, JetStreamApiException, InterruptedException;
  }

  private CommandConnection() {}

  /** Errors that jnats reports to a listener, because its exceptions lack the details. */
  private static final class Errors implements ErrorListener {
    private final BusServers servers;
    private volatile String fault;
    private volatile String refusal;

    Errors(BusServers servers) {
      this.servers = servers;
    }

    @Override
    public void exceptionOccurred(Connection which, Exception e) {
      fault = servers.fault(e);
    }

    @Override
    public void errorOccurred(Connection which, String error) {
      refusal = error + "; grant the permission on the server (docs/nats.conf)";
    }
  }

  /**
   * @param command its name, with which errors begin
   * @return the exit code: 0, or 1 if it failed
   */
  public static int run(String command, Settings settings, PrintStream err, Work work) {
    BusServers servers = BusServers.of(settings);
    Errors errors = new Errors(servers);
    try {
      Connection connection = Nats.connect(options(command, servers, errors));
      try {
        work.run(connection);
      } finally {
        connection.close();
      }
      return 0;
    } catch (AuthenticationException e) {
      err.println(command + ": NATS at " + servers + ": " + servers.fault(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException | JetStreamApiException e) {
      err.println(command + ": " + StreamProblem.text(e).replaceAll("\\s+", " "));
    } catch (IOException e) {
      String why = errors.fault == null ? servers.fault(e) : errors.fault;
      String text =
          errors.refusal == null ? " is unavailable (nats.servers): " + why : ": " + errors.refusal;
      err.println(command + ": NATS at " + servers + text);
    }
    return 1;
  }

  private static Options options(String command, BusServers servers, ErrorListener errors) {
    return servers
        .options()
        .connectionName(command)
        .connectionTimeout(Duration.ofSeconds(5))
        .noReconnect()
        .reportNoResponders()
        .errorListener(errors)
        .build();
  }

  /** Replaces control characters, which a terminal would interpret. */
  public static String shown(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
  }
}
