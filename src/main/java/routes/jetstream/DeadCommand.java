package routes.jetstream;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import routes.bus.CommandConnection;
import routes.settings.Settings;

/** The command {@code dead}: lists, shows, replays and drops dead letters. */
public final class DeadCommand {
  private static final String USAGE =
      "usage: dead [list [GATEWAY]] | dead show N | dead replay N | dead replay all [GATEWAY]"
          + " | dead drop N | dead drop all [GATEWAY]";

  private static final String DROPPED = "dropped";

  private final InputStream in;
  private final PrintStream out;
  private final Predicate<String> known;

  private DeadCommand(InputStream in, PrintStream out, Predicate<String> known) {
    this.in = in;
    this.out = out;
    this.known = known;
  }

  /** An operation on one dead letter. */
  @FunctionalInterface
  private interface Step {
    void take(long number) throws IOException, JetStreamApiException;
  }

  /**
   * @param words the arguments after {@code dead}
   * @param known whether a gateway of this name may exist
   * @param in where the answer to a question comes from; null if nobody can answer, so that nothing
   *     is asked
   * @return the exit code: 0, 1 if it failed, 2 for invalid arguments
   */
  public static int run(
      Settings settings,
      List<String> words,
      Predicate<String> known,
      InputStream in,
      PrintStream out,
      PrintStream err) {
    if (!isValid(words)) {
      err.println(USAGE);
      return 2;
    }
    return CommandConnection.run(
        "dead",
        settings,
        err,
        connection -> new DeadCommand(in, out, known).run(new DeadStream(connection), words));
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
      case "drop" -> each(DROPPED, letters, which, gateway, letters::drop);
      default -> list(of(letters, which));
    }
  }

  /**
   * The letters of a gateway; of all gateways if it is null.
   *
   * @throws IllegalStateException if it has none and no gateway of this name is known
   */
  private List<DeadStream.Letter> of(DeadStream letters, String gateway)
      throws IOException, JetStreamApiException, InterruptedException {
    List<DeadStream.Letter> found = letters.list(gateway);
    if (found.isEmpty() && gateway != null && !known.test(gateway)) {
      String others =
          letters.list(null).stream()
              .map(letter -> letter.get(JetStreamConstants.DEAD_GATEWAY))
              .distinct()
              .sorted()
              .collect(Collectors.joining(", "));
      throw new IllegalStateException(
          "unknown gateway \""
              + gateway
              + "\"; "
              + (others.isEmpty()
                  ? "there are no dead letters"
                  : "gateways with dead letters: " + others));
    }
    return found;
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
          CommandConnection.shown(letter.get(JetStreamConstants.DEAD_GATEWAY)),
          CommandConnection.shown(letter.get(JetStreamConstants.DEAD_DEVICE)),
          CommandConnection.shown(letter.get(JetStreamConstants.DEAD_LAST_TRY)),
          CommandConnection.shown(letter.get(JetStreamConstants.DEAD_TRIES)),
          letter.size(),
          cut(CommandConnection.shown(letter.get(JetStreamConstants.DEAD_MESSAGE_ID))),
          CommandConnection.shown(letter.get(JetStreamConstants.DEAD_REASON)));
    }
  }

  private void show(MessageInfo letter) {
    if (letter.getHeaders() != null) {
      letter
          .getHeaders()
          .forEach(
              (name, values) ->
                  values.forEach(
                      value -> out.println(CommandConnection.shown(name + ": " + value))));
    }
    out.println();
    if (letter.getData() != null) {
      out.println(CommandConnection.shown(new String(letter.getData(), StandardCharsets.UTF_8)));
    }
  }

  private void each(String done, DeadStream letters, String which, String gateway, Step step)
      throws IOException, JetStreamApiException, InterruptedException {
    if (!which.equals("all")) {
      step.take(Long.parseLong(which));
      out.println(done + " " + which);
      return;
    }
    List<DeadStream.Letter> all = of(letters, gateway);
    if (done.equals(DROPPED) && !all.isEmpty()) {
      confirm(all.size());
    }
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
      throw new IllegalStateException(left.size() + " remain: " + left.get(0));
    }
  }

  private void confirm(int letters) {
    if (in == null) {
      return;
    }
    out.printf("Drop %d dead letters? They cannot be restored. [y/N] ", letters);
    out.flush();
    Scanner answer = new Scanner(in, StandardCharsets.UTF_8);
    if (!answer.hasNextLine() || !answer.nextLine().strip().matches("(?i)y|yes")) {
      throw new IllegalStateException("nothing dropped; answer y");
    }
  }

  private static String cut(String id) {
    return id.length() > 40 ? id.substring(0, 37) + "..." : id;
  }
}
