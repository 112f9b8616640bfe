package routes.bundles;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Supplier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import routes.bus.BusObjects;
import routes.tls.TlsFault;

/**
 * Downloads an archive by HTTPS, or from an object store of the bus. An interrupted HTTPS download
 * continues where it ended (RFC 9110, 14.2).
 */
final class Download {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 30_000;
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final Supplier<SSLContext> tls;
  private final BusObjects bus;

  Download(Supplier<SSLContext> tls, BusObjects bus) {
    this.tls = tls;
    this.bus = bus;
  }

  /**
   * @param file receives the archive; it may contain a first part
   * @throws IOException if another attempt may succeed, including after a file that is too large or
   *     has another checksum: the offer itself is signed, but the server may send anything
   */
  void fetch(Offer offer, Path file) throws IOException, InterruptedException {
    if (offer.url().getScheme().equals("nats")) {
      fromBus(offer.url(), file);
    } else {
      byHttps(offer.url(), file);
    }
    if (!sha256(file).equals(offer.sha256())) {
      Files.delete(file);
      throw new IOException("the file at routes.url does not have the checksum in routes.sha256");
    }
  }

  /** Why a download failed, in one line that names what to check. */
  static String reason(Exception thrown, Offer offer) {
    String host = offer.url().getHost();
    if (thrown instanceof UnknownHostException) {
      return "host " + host + " was not found";
    }
    if (thrown instanceof SSLException e) {
      return new TlsFault("server", host, "routes.ca", null).describe(e);
    }
    if (thrown instanceof SocketTimeoutException) {
      return "no answer within " + READ_MILLIS / 1000 + " s";
    }
    return thrown.getMessage() == null ? thrown.toString() : TlsFault.oneLine(thrown);
  }

  private void byHttps(URI url, Path file) throws IOException {
    long start = Files.exists(file) ? Files.size(file) : 0;
    HttpsURLConnection connection = (HttpsURLConnection) url.toURL().openConnection();
    connection.setSSLSocketFactory(tls.get().getSocketFactory());
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    if (start > 0) {
      connection.setRequestProperty("Range", "bytes=" + start + "-");
    }
    try {
      int status = connection.getResponseCode();
      boolean continues = status == HttpURLConnection.HTTP_PARTIAL && start > 0;
      if (status == 416) { // nothing is left, or the file has become shorter
        return;
      }
      if (status != HttpURLConnection.HTTP_OK && !continues) {
        throw new IOException("HTTP status " + status);
      }
      try (InputStream in = connection.getInputStream();
          OutputStream out =
              Files.newOutputStream(file, CREATE, WRITE, continues ? APPEND : TRUNCATE_EXISTING)) {
        copy(in, out, Archive.LARGEST - (continues ? start : 0));
      }
    } finally {
      connection.disconnect();
    }
  }

  /** A server that sends a byte at a time must not occupy the device for hours. */
  private static void copy(InputStream in, OutputStream out, long limit) throws IOException {
    long end = System.nanoTime() + LONGEST.toNanos();
    long left = limit;
    byte[] buffer = new byte[8192];
    for (int read; (read = in.read(buffer)) > 0; ) {
      left -= read;
      if (left < 0) {
        throw tooLarge();
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("the download took longer than " + LONGEST.toMinutes() + " minutes");
      }
      out.write(buffer, 0, read);
    }
  }

  private static IOException tooLarge() {
    return new IOException("larger than " + (Archive.LARGEST >> 20) + " MB");
  }

  private void fromBus(URI url, Path file) throws IOException, InterruptedException {
    try (OutputStream out = new Bounded(Files.newOutputStream(file))) {
      bus.copy(url.getAuthority(), url.getPath().substring(1), out);
    } catch (Bounded.Full e) {
      throw tooLarge();
    }
  }

  /** Ends a transfer that is too large. */
  private static final class Bounded extends FilterOutputStream {
    static final class Full extends IOException {
      private static final long serialVersionUID = 1L;
    }

    private long left = Archive.LARGEST;

    Bounded(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      left -= length;
      if (left < 0) {
        throw new Full();
      }
      out.write(bytes, offset, length);
    }
  }

  /** In lower-case hexadecimal digits. */
  static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
        Files.copy(file, out);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }
}
