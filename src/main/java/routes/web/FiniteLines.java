package routes.web;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Collects Prometheus' text format without the lines whose value is not finite. Comments are kept.
 * The buffer is as large as the largest text so far.
 */
final class FiniteLines extends OutputStream {
  private static final byte[] NAN = " NaN".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] INFINITE = "Inf".getBytes(StandardCharsets.US_ASCII);

  private byte[] text = new byte[8192];
  private int size;
  private int line;

  @Override
  public void write(int character) {
    write(new byte[] {(byte) character}, 0, 1);
  }

  @Override
  public void write(byte[] more, int offset, int length) {
    if (size + length > text.length) {
      text = Arrays.copyOf(text, Math.max(2 * text.length, size + length));
    }
    for (int i = offset; i < offset + length; i++) {
      text[size++] = more[i];
      if (more[i] == '\n') {
        endLine();
      }
    }
  }

  private void endLine() {
    boolean value = text[line] != '#';
    if (value && (endsWith(NAN) || endsWith(INFINITE))) {
      size = line;
    }
    line = size;
  }

  /** Whether the line ends with these characters and a line feed. */
  private boolean endsWith(byte[] characters) {
    int start = size - 1 - characters.length;
    return start >= line && Arrays.equals(text, start, size - 1, characters, 0, characters.length);
  }

  byte[] toBytes() {
    return Arrays.copyOf(text, size);
  }

  void reset() {
    size = 0;
    line = 0;
  }
}
