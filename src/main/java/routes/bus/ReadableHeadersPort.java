package routes.bus;

import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import io.nats.client.support.IncomingHeadersProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.slf4j.LoggerFactory;
import routes.log.RateLimitedLog;

/**
 * The socket of jnats, which passes on only headers that jnats can parse. If a header is not ASCII
 * or has no colon, jnats 2.24.1 stops reading. The connection hangs until its pings time out, then
 * the same message arrives again. One such message would therefore block a stream. Here such bytes
 * become '?', and lines that are not headers are removed.
 */
public final class ReadableHeadersPort extends SocketDataPortWithWriteTimeout {
  private static final RateLimitedLog LOG = new RateLimitedLog(LoggerFactory.getLogger("bus"));
  private static final String LINE = "NATS/1.0\r\n";
  private static final byte[] VERSION = LINE.getBytes(StandardCharsets.US_ASCII);
  private static final int LONGEST_LINE = 1024 * 1024;

  private static final int CHUNK = 64 * 1024;

  private InputStream source;
  private byte[] buffer = new byte[CHUNK];
  private int position;
  private int checked; // bytes before it may be delivered
  private int limit;
  private long body; // remaining bytes of a body, which pass unchecked
  private byte[] replaced = {}; // the head of a message in place of the one received
  private int taken;

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (source != in) { // at first, and when TLS begins
      source = in;
      position = checked = limit = 0;
    }
    while (position == checked && taken == replaced.length) {
      if (!advance() && !fill()) {
        return -1;
      }
    }
    if (taken < replaced.length) {
      int some = Math.min(length, replaced.length - taken);
      System.arraycopy(replaced, taken, to, offset, some);
      taken += some;
      return some;
    }
    int some = Math.min(length, checked - position);
    System.arraycopy(buffer, position, to, offset, some);
    position += some;
    return some;
  }

  /** Checks the lines, heads and bodies in the buffer; false if more input is needed. */
  private boolean advance() throws IOException {
    int start = checked;
    while (checked < limit) {
      if (body > 0) {
        int some = (int) Math.min(limit - checked, body);
        body -= some;
        checked += some;
        continue;
      }
      int end = lineEnd();
      int next = end;
      if (end > 0 && buffer[checked] == 'M') {
        body = sizes(end)[1] + 2L;
      } else if (end > 0 && buffer[checked] == 'H') {
        int[] sizes = sizes(end);
        next = end + sizes[0];
        boolean whole = next <= limit;
        if (whole && !isPlain(end, next) && !isReadable(Arrays.copyOfRange(buffer, end, next))) {
          if (checked == start) {
            replace(end, next, sizes);
          }
          return true; // otherwise deliver what precedes it first
        }
        body = whole ? sizes[1] - sizes[0] + 2L : 0;
      }
      if (end < 0 || next > limit) {
        return checked > start;
      }
      checked = next;
    }
    return checked > start;
  }

  /** The end of the line that begins at {@link #checked}; -1 if it has not arrived yet. */
  private int lineEnd() throws IOException {
    for (int i = checked; i < limit; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    if (limit - checked > LONGEST_LINE) {
      throw new IOException("a protocol line is longer than " + LONGEST_LINE + " bytes");
    }
    return -1;
  }

  /** The last two words of a line: the size of the headers (HMSG only) and the total size. */
  private int[] sizes(int end) throws IOException {
    int[] sizes = new int[2];
    int i = end - 1;
    for (int word = buffer[checked] == 'H' ? 0 : 1, at = 1; word < 2; word++, at--) {
      while (i > checked && buffer[i] <= ' ') {
        i--;
      }
      for (int unit = 1; i > checked && buffer[i] > ' '; i--, unit *= 10) {
        int digit = buffer[i] - '0';
        if (digit < 0 || digit > 9 || unit > 100_000_000) {
          throw new IOException("a message's size is not a number");
        }
        sizes[at] += digit * unit;
      }
    }
    return sizes;
  }

  /** Reads more into the buffer; false at the end of the stream. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = checked = 0;
    if (limit == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * limit);
    }
    int some = source.read(buffer, limit, buffer.length - limit);
    limit += Math.max(0, some);
    return some >= 0;
  }

  /** Whether all headers are ASCII lines with a name, a colon and a value. */
  private boolean isPlain(int from, int to) {
    int line = from + VERSION.length;
    if (to - 2 < line || !Arrays.equals(buffer, from, line, VERSION, 0, VERSION.length)) {
      return false;
    }
    while (line < to - 2) {
      int i = line;
      while (i < to && buffer[i] > ' ' && buffer[i] < 0x7F && buffer[i] != ':') {
        i++;
      }
      if (i == line || i >= to - 2 || buffer[i] != ':') {
        return false;
      }
      while (i < to && buffer[i] >= ' ' && buffer[i] < 0x7F) {
        i++;
      }
      if (i + 1 >= to || buffer[i] != '\r' || buffer[i + 1] != '\n') {
        return false;
      }
      line = i + 2;
    }
    return buffer[to - 2] == '\r' && buffer[to - 1] == '\n';
  }

  private void replace(int end, int next, int[] sizes) {
    byte[] headers = readable(Arrays.copyOfRange(buffer, end, next));
    String line = new String(buffer, checked, end - checked, StandardCharsets.ISO_8859_1).trim();
    String[] words = line.split("[ \t]+");
    words[words.length - 2] = String.valueOf(headers.length);
    words[words.length - 1] = String.valueOf(sizes[1] - sizes[0] + headers.length);
    byte[] head = (String.join(" ", words) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    replaced = Arrays.copyOf(head, head.length + headers.length);
    System.arraycopy(headers, 0, replaced, head.length, headers.length);
    taken = 0;
    position = checked = next;
    body = sizes[1] - sizes[0] + 2L;
    LOG.warn("dropped unreadable headers of a message on " + words[1]);
  }

  private static boolean isReadable(byte[] headers) {
    try {
      new IncomingHeadersProcessor(headers);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** The lines that are headers, as ASCII. */
  static byte[] readable(byte[] headers) {
    StringBuilder readable = new StringBuilder(LINE);
    String text = new String(headers, StandardCharsets.ISO_8859_1);
    for (String line : text.split("\r?\n|\r")) {
      String ascii = line.replaceAll("[^\\x20-\\x7E]", "?");
      if (ascii.matches("[!-9;-~]+:.*") && isReadable((LINE + ascii + "\r\n\r\n").getBytes())) {
        readable.append(ascii).append("\r\n");
      }
    }
    return readable.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }
}
