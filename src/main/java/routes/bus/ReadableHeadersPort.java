package routes.bus;

import io.nats.client.impl.SocketDataPortWithWriteTimeout;
import io.nats.client.support.IncomingHeadersProcessor;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.LogLimit;

/**
 * jnats' socket, on which every message's headers can be read. jnats (2.24.1) ends its reader for a
 * header that isn't ASCII or has no colon, is lost until its pings have timed out, and then gets
 * the same message again: one such message in a stream would hold back all behind it. Here it
 * arrives with a '?' for each such byte, and without lines that are no headers.
 */
public final class ReadableHeadersPort extends SocketDataPortWithWriteTimeout {
  private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
  private static final LogLimit LIMIT = new LogLimit();
  private static final String VERSION = "NATS/1.0\r\n";
  private static final int LONGEST_LINE = 1024 * 1024;

  private InputStream source;
  private InputStream buffered;
  private byte[] ready = {};
  private int taken;
  private long body;

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (source != in) { // at first, and when TLS begins
      source = in;
      buffered = new BufferedInputStream(in, 64 * 1024);
    }
    if (taken == ready.length && body == 0 && !next()) {
      return -1;
    }
    if (taken < ready.length) {
      int some = Math.min(length, ready.length - taken);
      System.arraycopy(ready, taken, to, offset, some);
      taken += some;
      return some;
    }
    int some = buffered.read(to, offset, (int) Math.min(length, body));
    body -= Math.max(0, some);
    return some;
  }

  /** Reads a line of the protocol, with a message's headers. */
  private boolean next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = -1; b != '\n'; ) {
      b = buffered.read();
      if (b < 0) {
        return false;
      }
      line.write(b);
      if (line.size() > LONGEST_LINE) {
        throw new IOException("a line of the protocol is longer than " + LONGEST_LINE + " bytes");
      }
    }
    ready = line.toByteArray();
    taken = 0;
    if (ready[0] == 'M' || ready[0] == 'H') {
      message(new String(ready, StandardCharsets.ISO_8859_1).trim().split("[ \t]+"));
    }
    return true;
  }

  /**
   * @param words MSG subject id [reply] bytes, or HMSG subject id [reply] bytes-of-headers bytes
   */
  private void message(String[] words) throws IOException {
    int total = Integer.parseInt(words[words.length - 1]);
    if (!words[0].equals("HMSG")) {
      body = total + 2;
      return;
    }
    int size = Integer.parseInt(words[words.length - 2]);
    byte[] headers = buffered.readNBytes(size);
    if (headers.length < size) {
      throw new EOFException("Read channel closed.");
    }
    body = total - size + 2;
    if (!isReadable(headers)) {
      headers = mended(headers);
      words[words.length - 2] = String.valueOf(headers.length);
      words[words.length - 1] = String.valueOf(total - size + headers.length);
      ready = (String.join(" ", words) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      String subject = words[1];
      LIMIT
          .line(subject, "headers of a message that can't be read are left out: " + subject)
          .ifPresent(LOG::warn);
    }
    ByteArrayOutputStream both = new ByteArrayOutputStream(ready.length + headers.length);
    both.writeBytes(ready);
    both.writeBytes(headers);
    ready = both.toByteArray();
  }

  private static boolean isReadable(byte[] headers) {
    try {
      new IncomingHeadersProcessor(headers);
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** The lines that are headers, in ASCII. */
  static byte[] mended(byte[] headers) {
    StringBuilder mended = new StringBuilder(VERSION);
    String text = new String(headers, StandardCharsets.ISO_8859_1);
    for (String line : text.split("\r?\n|\r")) {
      String ascii = line.replaceAll("[^\\x20-\\x7E]", "?");
      if (ascii.matches("[!-9;-~]+:.*") && isReadable((VERSION + ascii + "\r\n\r\n").getBytes())) {
        mended.append(ascii).append("\r\n");
      }
    }
    return mended.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }
}
