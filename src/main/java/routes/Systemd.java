package routes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.StartupListener;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;

/**
 * Reports the state of this process to systemd, as described in sd_notify(3): ready, stopping, and
 * the watchdog's heartbeat for as long as no loop has failed. Does nothing if no systemd unit with
 * {@code Type=notify} started the process.
 */
final class Systemd extends MainListenerSupport implements StartupListener {
  private static final Logger LOG = LoggerFactory.getLogger(Systemd.class);

  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int LONGEST_PATH = 107;

  /** The JDK has no datagrams on Unix sockets. */
  interface LibC extends Library {
    int socket(int domain, int type, int protocol) throws LastErrorException;

    NativeLong sendto(
        int socket, byte[] data, NativeLong length, int flags, byte[] address, int addressLength)
        throws LastErrorException;

    int close(int socket) throws LastErrorException;
  }

  private final String socket;
  private final Optional<Duration> heartbeat;

  private Systemd(String socket, Optional<Duration> heartbeat) {
    this.socket = socket;
    this.heartbeat = heartbeat;
  }

  /** Empty if systemd expects no notification from this process. */
  static Optional<Systemd> of(Map<String, String> environment) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (!socket.matches("[/@].+") || socket.getBytes(UTF_8).length > LONGEST_PATH) {
      return Optional.empty();
    }
    return Optional.of(new Systemd(socket, heartbeat(environment)));
  }

  /** A third of the watchdog's limit, because a loaded machine delays threads. */
  private static Optional<Duration> heartbeat(Map<String, String> environment) {
    String limit = environment.getOrDefault("WATCHDOG_USEC", "");
    String process = environment.getOrDefault("WATCHDOG_PID", "");
    boolean ours =
        process.isEmpty() || process.equals(String.valueOf(ProcessHandle.current().pid()));
    return limit.matches("[1-9]\\d{0,14}") && ours
        ? Optional.of(Duration.ofMillis(Math.max(1, Long.parseLong(limit) / 3_000)))
        : Optional.empty();
  }

  @Override
  public void beforeStart(BaseMainSupport main) {
    try {
      main.getCamelContext().addStartupListener(this);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {}

  @Override
  public void onCamelContextFullyStarted(CamelContext context, boolean alreadyStarted) {
    notify("READY=1");
    heartbeat.ifPresent(
        pause -> {
          Thread thread = new Thread(Loops.loop("watchdog", () -> beat(pause)), "watchdog");
          thread.setDaemon(true);
          thread.start();
        });
  }

  @Override
  public void beforeStop(BaseMainSupport main) {
    notify("STOPPING=1");
  }

  /** Without a heartbeat, systemd restarts the unit. */
  private void beat(Duration pause) {
    try {
      while (Loops.failed().isEmpty()) {
        notify("WATCHDOG=1");
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void notify(String state) {
    try {
      send(state);
    } catch (IOException | LinkageError e) {
      LOG.warn("cannot notify systemd at {}: {}", socket, e.getMessage());
    }
  }

  private void send(String state) throws IOException {
    byte[] path = socket.getBytes(UTF_8);
    if (path[0] == '@') {
      path[0] = 0; // Linux' abstract namespace
    }
    // struct sockaddr_un
    ByteBuffer address = ByteBuffer.allocate(2 + path.length).order(ByteOrder.nativeOrder());
    address.putShort((short) AF_UNIX).put(path);
    byte[] data = state.getBytes(UTF_8);
    try {
      LibC libC = Native.load("c", LibC.class);
      int descriptor = libC.socket(AF_UNIX, SOCK_DGRAM, 0);
      try {
        libC.sendto(
            descriptor, data, new NativeLong(data.length), 0, address.array(), address.capacity());
      } finally {
        libC.close(descriptor);
      }
    } catch (LastErrorException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
