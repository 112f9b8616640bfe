package routes.link;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * The bytes between this device and the broker: TCP, TLS 1.2 or later with the host name checked,
 * and WebSocket on either. It stands in for Paho's own network modules, because those
 *
 * <ul>
 *   <li>read a PUBACK with four system calls, one for each byte of its head;
 *   <li>leave a TLS socket open when they stop: shutdownInput throws before close is reached;
 *   <li>read what is of any size, and end without a word at some malformed packets;
 *   <li>hang in their start for ever, with a thread, when the broker closes the connection before
 *       CONNECT is sent: here nothing is read, or looked for, before the first byte is written.
 * </ul>
 */
final class Transport {
  /** What an address gets of the time, at least: two repetitions of a lost SYN. */
  private static final long LEAST_MILLIS = 5_000;

  private final BrokerUrl url;
  private final Supplier<SSLContext> tls;
  private final String[] alpn;
  private final int timeout;
  private final int largestPacket;
  private final Reader reader;
  private final CountDownLatch written = new CountDownLatch(1);
  private volatile Socket raw = new Socket();
  private InputStream in;
  private OutputStream out;
  private volatile boolean secured;
  private volatile boolean cut;

  /** What is told about the library's thread that reads. */
  interface Reader {
    /**
     * A message was left out.
     *
     * @param bytes its size
     * @param messageId 0 if it has QoS 0
     */
    void tooLarge(long bytes, int messageId);

    /** What the broker sent made it end, with none of the library's other threads noticing. */
    void died(Throwable why);
  }

  /**
   * @param timeout for the connection, and for each answer during the handshakes
   */
  Transport(ConnectionSettings settings, Duration timeout, Reader reader) {
    this.url = settings.url();
    this.tls = settings.tls();
    this.alpn = settings.alpn().toArray(String[]::new);
    this.largestPacket = settings.policy().largestPacket();
    this.reader = reader;
    this.timeout = Math.toIntExact(timeout.toMillis());
  }

  void open() throws IOException {
    connect();
    raw.setTcpNoDelay(true);
    raw.setKeepAlive(true);
    raw.setSoTimeout(timeout);
    Socket socket = url.scheme().tls ? handshake() : raw;
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
    if (url.scheme().webSocket) {
      WebSocketStreams webSocket = WebSocketStreams.open(url, in, out);
      in = webSocket.input();
      out = webSocket.output();
    }
    // Silence is no error from here on: the keep-alive finds a dead broker.
    raw.setSoTimeout(0);
  }

  /**
   * To the first of the name's addresses that answers: Java has IPv4's before IPv6's, whatever this
   * machine is connected to, and one server of several may be down.
   *
   * @throws IOException of the first address, if none answers
   */
  private void connect() throws IOException {
    InetAddress[] addresses = InetAddress.getAllByName(url.host());
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeout);
    IOException first = null;
    for (int i = 0; i < addresses.length; i++) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      long share = Math.max(LEAST_MILLIS, left / (addresses.length - i));
      try {
        raw.connect(
            new InetSocketAddress(addresses[i], url.port()),
            (int) Math.max(1, Math.min(left, share)));
        return;
      } catch (IOException e) {
        first = first == null ? e : first;
        raw.close(); // a socket that failed can't be used again
        raw = new Socket();
      }
      if (cut || System.nanoTime() - end >= 0) {
        break;
      }
    }
    throw first;
  }

  private SSLSocket handshake() throws IOException {
    SSLSocket socket =
        (SSLSocket) tls.get().getSocketFactory().createSocket(raw, url.host(), url.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setApplicationProtocols(alpn);
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
    } catch (SocketException e) {
      // The server went after its own part was done: it didn't like this device's certificate.
      secured = String.valueOf(e.getMessage()).startsWith("Broken pipe");
      throw e;
    }
    secured = true;
    return socket;
  }

  /**
   * Whether TLS has been set up. A server of TLS 1.3 may refuse this device's certificate after
   * that.
   */
  boolean secured() {
    return secured;
  }

  InputStream input() {
    return new FilterInputStream(new PacketLimit(in, largestPacket, reader::tooLarge)) {
      @Override
      public int read() throws IOException {
        awaitWritten();
        return in.read();
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        awaitWritten();
        return in.read(bytes, offset, length);
      }

      @Override
      public int available() throws IOException {
        awaitWritten();
        return in.available();
      }
    };
  }

  OutputStream output() {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
          out.write(bytes, offset, length);
        } finally {
          written.countDown();
        }
      }
    };
  }

  private void awaitWritten() throws IOException {
    if (written.getCount() > 0) {
      Thread.currentThread().setUncaughtExceptionHandler((thread, why) -> reader.died(why));
    }
    try {
      written.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
  }

  /** Lets the reader go as well; for the library, once it has stopped writing. */
  void stop() {
    cut();
    written.countDown();
  }

  /** Closes the socket at once, without TLS's and WebSocket's farewells, which could block. */
  void cut() {
    cut = true;
    try {
      raw.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }
}
