package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads files of /proc and /sys. Names in them are arbitrary bytes, independent of the locale. Text
 * is decoded as UTF-8, and an invalid byte becomes {@code \xe9}, so that different names stay
 * different.
 */
final class KernelFile {
  /** Enough for the mount table of a host with ten thousand containers. */
  private static final int LARGEST = 4 << 20;

  private KernelFile() {}

  static String text(Path file) throws IOException {
    return text(bytes(file));
  }

  static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw new IOException(file + " is larger than " + LARGEST + " bytes");
      }
      return bytes;
    }
  }

  /** Returns the text without surrounding blanks; empty if there is no such file. */
  static String word(Path file) throws IOException {
    try {
      return text(file).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /**
   * Like {@link #word}, but also empty if the kernel refuses. It does so for a device without a
   * value, such as an interface that is down or a sensor that is not connected.
   */
  static String answer(Path file) {
    try {
      return text(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  static String text(byte[] bytes) {
    CharsetDecoder decoder = UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    StringBuilder text = new StringBuilder(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      text.append(out.flip());
      out.clear();
      if (!result.isError()) {
        return text.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        text.append("\\x").append(Integer.toHexString(in.get() & 0xff));
      }
    }
  }

  /**
   * Returns the path with these bytes. From text, Java can create only paths that the locale can
   * represent.
   */
  static Path path(byte[] bytes) {
    StringBuilder uri = new StringBuilder("file://");
    for (byte b : bytes) {
      boolean plain =
          b == '/' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
      if (plain) {
        uri.append((char) b);
      } else {
        uri.append('%')
            .append(Character.forDigit(b >> 4 & 15, 16))
            .append(Character.forDigit(b & 15, 16));
      }
    }
    return Path.of(URI.create(uri.toString()));
  }

  /** The last name of a path, which the path's own text may not be able to represent. */
  static String name(Path path) {
    String raw = raw(path);
    return text(raw.substring(raw.lastIndexOf('/') + 1).getBytes(ISO_8859_1));
  }

  /** Returns the path with one char per byte. */
  static String raw(Path path) {
    String uri = path.toUri().getRawPath();
    StringBuilder raw = new StringBuilder(uri.length());
    for (int i = 0; i < uri.length(); i++) {
      boolean escape = uri.charAt(i) == '%';
      raw.append(escape ? (char) Integer.parseInt(uri, i + 1, i + 3, 16) : uri.charAt(i));
      i += escape ? 2 : 0;
    }
    // Java adds a slash to a folder's path
    return raw.length() > 1 && raw.charAt(raw.length() - 1) == '/'
        ? raw.substring(0, raw.length() - 1)
        : raw.toString();
  }

  /**
   * Parses an unsigned 64-bit number, such as the kernel's counters.
   *
   * @throws NumberFormatException if the text is not such a number
   */
  static double unsigned(String digits) {
    long bits = Long.parseUnsignedLong(digits);
    return bits >= 0 ? bits : 2.0 * (bits >>> 1 | bits & 1);
  }
}
