package routes.jetstream;

import io.nats.client.AuthenticationException;
import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import routes.bus.BusServers;
import routes.settings.Settings;

/** The command {@code dead}: lists, shows, replays and drops dead letters. */
public final class DeadCommand {
  private static final String USAGE =
      "usage: dead [list [GATEWAY]] | dead show N | dead replay N | dead replay all [GATEWAY]"
          + " | dead drop N | dead drop all [GATEWAY]";

  private final PrintStream out;

  private DeadCommand(PrintStream out) {
    this.out = out;
  }

  /** Errors that jnats reports to a listener, because its exceptions lack the details. */
  private static final class ConnectionErrors implements ErrorListener {
    private final BusServers servers;
    private volatile String fault;
    private volatile String refusal;

    ConnectionErrors(BusServers servers) {
      this.servers = servers;
    }

    @Override
    public void exceptionOccurred(Connection which, Exception e) {
      fault = servers.fault(e);
    }

    @Override
    public void errorOccurred(Connection which, String error) {
      refusal = error + ": permit it to the user at the server (docs/nats.conf)";
    }
  }

  /** An operation on one letter. */
  @FunctionalInterface
  private interface Step {
    void take(long number) throws IOException, JetStreamApiException;
  }

  /**
   * @param words the arguments after {@code dead}
   * @return the exit code: 0, 1 if it failed, 2 for invalid arguments
   */
  public static int run(Settings settings, List<String> words, PrintStream out, PrintStream err) {
    if (!isValid(words)) {
      err.println(USAGE);
      return 2;
    }
    BusServers servers = BusServers.of(settings);
    ConnectionErrors errors = new ConnectionErrors(servers);
    try {
      Connection connection = Nats.connect(options(servers, errors));
      try {
        new DeadCommand(out).run(new DeadStream(connection), words);
      } finally {
        connection.close();
      }
      return 0;
    } catch (AuthenticationException e) {
      err.println("dead: NATS at " + servers + ": " + servers.fault(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException | JetStreamApiException e) {
      err.println("dead: " + DeadLetter.reason(e));
    } catch (IOException e) {
      String why = errors.fault == null ? servers.fault(e) : errors.fault;
      String text =
          errors.refusal == null ? " is away (nats.servers): " + why : ": " + errors.refusal;
      err.println("dead: NATS at " + servers + text);
    }
    return 1;
  }

  private static Options options(BusServers servers, ErrorListener errors) {
    return servers
        .options()
        .connectionName("dead")
        .connectionTimeout(Duration.ofSeconds(5))
        .noReconnect()
        .reportNoResponders()
        .errorListener(errors)
        .build();
  }

  private static boolean isValid(List<String> words) {
    String what = words.isEmpty() ? "list" : words.get(0);
    String which = words.size() < 2 ? "" : words.get(1);
    boolean number = which.matches("[1-9]\\d{0,17}");
    return switch (what) {
      case "list" -> words.size() <= 2;
      case "show" -> words.size() == 2 && number;
      case "replay", "drop" ->
          number && words.size() == 2 || which.equals("all") && words.size() <= 3;
      default -> false;
    };
  }

  private void run(DeadStream letters, List<String> words)
      throws IOException, JetStreamApiException, InterruptedException {
    String which = words.size() < 2 ? null : words.get(1);
    String gateway = words.size() < 3 ? null : words.get(2);
    switch (words.isEmpty() ? "list" : words.get(0)) {
      case "show" -> show(letters.get(Long.parseLong(which)));
      case "replay" -> each("replayed", letters, which, gateway, letters::replay);
      case "drop" -> each("dropped", letters, which, gateway, letters::drop);
      default -> list(letters.list(which));
    }
  }

  private void list(List<DeadStream.Letter> letters) {
    if (letters.isEmpty()) {
      out.println("no dead letters");
      return;
    }
    String row = "%-7s %-16s %-16s %-24s %5s %8s  %-26s  %s%n";
    out.printf(row, "number", "gateway", "device", "last try", "tries", "bytes", "id", "reason");
    for (DeadStream.Letter letter : letters) {
      out.printf(
          row,
          letter.number(),
          shown(letter.get(JetStreamConstants.DEAD_GATEWAY)),
          shown(letter.get(JetStreamConstants.DEAD_DEVICE)),
          shown(letter.get(JetStreamConstants.DEAD_LAST_TRY)),
          shown(letter.get(JetStreamConstants.DEAD_TRIES)),
          letter.size(),
          cut(shown(letter.get(JetStreamConstants.DEAD_MESSAGE_ID))),
          shown(letter.get(JetStreamConstants.DEAD_REASON)));
    }
  }

  private void show(MessageInfo letter) {
    if (letter.getHeaders() != null) {
      letter
          .getHeaders()
          .forEach(
              (name, values) -> values.forEach(value -> out.println(shown(name + ": " + value))));
    }
    out.println();
    if (letter.getData() != null) {
      out.println(shown(new String(letter.getData(), StandardCharsets.UTF_8)));
    }
  }

  private void each(String done, DeadStream letters, String which, String gateway, Step step)
      throws IOException, JetStreamApiException, InterruptedException {
    if (!which.equals("all")) {
      step.take(Long.parseLong(which));
      out.println(done + " " + which);
      return;
    }
    List<DeadStream.Letter> all = letters.list(gateway);
    List<String> left = new ArrayList<>();
    for (DeadStream.Letter letter : all) {
      try {
        step.take(letter.number());
      } catch (IllegalStateException e) {
        left.add(e.getMessage());
      }
    }
    out.println(all.isEmpty() ? "no dead letters" : done + " " + (all.size() - left.size()));
    if (!left.isEmpty()) {
      throw new IllegalStateException(left.size() + " are left: " + left.get(0));
    }
  }

  /** Without the control characters that a terminal would interpret. */
  private static String shown(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
  }

  private static String cut(String id) {
    return id.length() > 40 ? id.substring(0, 37) + "..." : id;
  }
}
