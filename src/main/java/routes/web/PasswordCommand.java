package routes.web;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import routes.settings.Terminal;

/**
 * The command {@code password NAME}: prints a line for the file in {@code http.users}. The password
 * is asked for, or the first line of standard input, so that it is not in the list of processes.
 */
public final class PasswordCommand {
  private static final int SHORTEST = 8;
  private static final int LONGEST = 256;

  private PasswordCommand() {}

  /**
   * @return the exit code: 0, 1 for an unsuitable password, 2 for invalid arguments
   */
  public static int run(List<String> words, PrintStream out, PrintStream err) {
    if (words.size() != 1 || !words.get(0).matches("[^:#\\p{Cntrl}\\s-][^:\\p{Cntrl}]{0,63}")) {
      err.println("usage: password NAME; NAME has 1 to 64 characters without ':'");
      return 2;
    }
    String password = read();
    if (password == null || password.length() < SHORTEST || password.length() > LONGEST) {
      err.println("the password must have " + SHORTEST + " to " + LONGEST + " characters");
      return 1;
    }
    out.println(words.get(0) + ":" + PasswordHash.of(password));
    return 0;
  }

  private static String read() {
    Console console = System.console();
    try {
      if (console != null && Terminal.isInput()) {
        char[] typed = console.readPassword("password: ");
        return typed == null ? null : new String(typed);
      }
      return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
          .readLine();
    } catch (IOException e) {
      return null;
    }
  }
}
