package routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Feeds mutations of valid inputs to a parser for {@code -Dfuzz.seconds} (2): flips characters, and
 * cuts, repeats or exchanges pieces. Accepted inputs are mutated further. A failure names the input
 * and the {@code -Dfuzz.seed} that reproduces it.
 */
public final class Fuzz {
  private static final int POOL = 500;
  private static final int LONGEST = 300_000;
  private static final long CPU_SECONDS = 2;
  private static final long ROOM = 64 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String[] SPECIAL = {
    "\0",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u007f",
    "\u0085",
    "%",
    "%zz",
    "%00",
    "%C3%28",
    "%ED%A0%80",
    "=",
    "==",
    "&",
    "&&",
    ";",
    ";;",
    "+",
    "#",
    "/",
    "//",
    "..",
    "../",
    ",",
    ":",
    "@",
    "?",
    "*",
    ">",
    ".",
    "$",
    "$share/",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u0000",
    "'",
    "{}",
    "[]",
    "null",
    "true",
    "NaN",
    "1e999",
    "-1",
    "0",
    "00",
    "9223372036854775807",
    "99999999999999999999",
    "2147483648",
    "é",
    "\u00c3\u0028",
    "\u00ed\u00a0\u0080",
    "\u00ef\u00bb\u00bf",
    "\u00ff",
    "\u00ff\u00ff\u00ff\u007f"
  };

  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final List<String> pool = new ArrayList<>();

  private Fuzz() {}

  /**
   * Fuzzes messages from a cloud, given as {@code topic|payload}.
   *
   * @param read receives topic and payload
   */
  public static void messages(BiPredicate<String, byte[]> read, String... seeds) {
    text(
        text -> {
          String[] parts = text.split("\\|", 2);
          byte[] payload =
              parts.length < 2 ? new byte[0] : parts[1].getBytes(StandardCharsets.ISO_8859_1);
          return read.test(parts[0], payload);
        },
        seeds);
  }

  /**
   * @param parser returns whether it accepted the input; an exception is a failure
   * @param valid inputs that must be accepted
   */
  public static void text(Predicate<String> parser, String... valid) {
    new Fuzz().run(parser, List.of(valid));
  }

  /** The same for bytes. */
  public static void bytes(Predicate<byte[]> parser, byte[]... valid) {
    new Fuzz()
        .run(
            text -> parser.test(text.getBytes(StandardCharsets.ISO_8859_1)),
            Arrays.stream(valid)
                .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
                .toList());
  }

  private void run(Predicate<String> parser, List<String> valid) {
    for (String input : valid) {
      assertThat(parser.test(input)).as("accepts %s", input).isTrue();
    }
    pool.addAll(valid);
    long inputs = 0;
    long seconds = Integer.getInteger("fuzz.seconds", 2);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (inputs == 0 || System.nanoTime() - end < 0) {
      String input = mutated();
      if (tried(parser, input)) {
        keep(input, valid.size());
      }
      inputs++;
    }
    System.out.printf("fuzz: %d inputs, %d kept, -Dfuzz.seed=%d%n", inputs, pool.size(), seed);
  }

  private boolean tried(Predicate<String> parser, String input) {
    long self = Thread.currentThread().getId();
    long cpu = THREADS.getCurrentThreadCpuTime();
    long room = THREADS.getThreadAllocatedBytes(self);
    try {
      boolean accepted = parser.test(input);
      assertThat(THREADS.getCurrentThreadCpuTime() - cpu)
          .as("CPU time")
          .isLessThan(TimeUnit.SECONDS.toNanos(CPU_SECONDS));
      assertThat(THREADS.getThreadAllocatedBytes(self) - room)
          .as("bytes allocated")
          .isLessThan(ROOM + 200L * input.length());
      return accepted;
    } catch (RuntimeException | Error e) {
      String shown = input.length() > 2_000 ? input.substring(0, 2_000) + "..." : input;
      throw new AssertionError(
          "-Dfuzz.seed=" + seed + ", " + input.length() + " characters: " + escaped(shown), e);
    }
  }

  private static String escaped(String input) {
    StringBuilder java = new StringBuilder("\"");
    for (char c : input.toCharArray()) {
      java.append(c == '"' ? "\\\"" : c == '\\' ? "\\\\" : c < ' ' || c > '~' ? unicode(c) : c);
    }
    return java.append('"').toString();
  }

  private static String unicode(char c) {
    return String.format("\\u%04x", (int) c);
  }

  private void keep(String input, int from) {
    if (input.length() > 10_000) {
      return;
    }
    if (pool.size() < POOL) {
      pool.add(input);
    } else {
      pool.set(from + random.nextInt(POOL - from), input);
    }
  }

  private String mutated() {
    StringBuilder text = new StringBuilder(any());
    for (int i = random.nextInt(1, 5); i > 0; i--) {
      mutate(text);
    }
    if (text.length() > LONGEST) {
      text.setLength(LONGEST);
    }
    return text.toString();
  }

  private String any() {
    return pool.get(random.nextInt(pool.size()));
  }

  private void mutate(StringBuilder text) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(1, 9));
    String special = SPECIAL[random.nextInt(SPECIAL.length)];
    switch (random.nextInt(8)) {
      case 0 -> {
        if (from < to) {
          text.setCharAt(from, (char) (text.charAt(from) ^ 1 << random.nextInt(8)));
        }
      }
      case 1 -> text.delete(from, random.nextBoolean() ? text.length() : to);
      case 2 -> text.insert(from, text.substring(from, to));
      case 3 -> text.insert(from, special);
      case 4 -> text.replace(from, to, special);
      case 5 -> {
        String other = any();
        text.setLength(from);
        text.append(other, random.nextInt(other.length() + 1), other.length());
      }
      case 6 -> text.insert(from, (char) random.nextInt(256));
      default -> {
        // Sometimes very many, such as 100,000 levels of JSON.
        boolean many = random.nextInt(50) == 0;
        text.insert(from, special.repeat(many ? 100_000 : random.nextInt(2, 20)));
      }
    }
  }
}
