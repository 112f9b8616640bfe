package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.sandbox.RuntimeProcess;

/** The notifications that systemd would receive, on a datagram socket like systemd's. */
class SystemdTest {
  @TempDir Path folder;

  interface LibC extends Library {
    LibC C = Native.load("c", LibC.class);

    int socket(int domain, int type, int protocol);

    int bind(int socket, byte[] address, int length);

    NativeLong recv(int socket, byte[] data, NativeLong length, int flags);

    int close(int socket);
  }

  /** A datagram socket and what arrives on it. */
  private static final class Notifications implements AutoCloseable {
    private final int socket = LibC.C.socket(1, 2, 0);
    final List<String> received = new CopyOnWriteArrayList<>();

    Notifications(String name) {
      byte[] path = name.getBytes(UTF_8);
      if (path[0] == '@') {
        path[0] = 0;
      }
      ByteBuffer address = ByteBuffer.allocate(2 + path.length).order(ByteOrder.nativeOrder());
      address.putShort((short) 1).put(path);
      assertThat(LibC.C.bind(socket, address.array(), address.capacity())).isZero();
      Thread reader = new Thread(this::read, "notifications");
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      byte[] data = new byte[4096];
      while (true) {
        int length = LibC.C.recv(socket, data, new NativeLong(data.length), 0).intValue();
        if (length <= 0) {
          return;
        }
        received.add(new String(data, 0, length, UTF_8));
      }
    }

    @Override
    public void close() {
      LibC.C.close(socket);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@"})
  void reportsReadyThenItsHeartbeatThenStopping(String kind) throws Exception {
    assumeTrue(Platform.isLinux(), "systemd runs on Linux only");
    Files.copy(
        Path.of("routes-yaml/serve-home.camel.yaml"), folder.resolve("serve-home.camel.yaml"));
    String socket = kind + folder.resolve("notify");
    Map<String, String> settings =
        Map.of(
            "ROUTES_DIRECTORY",
            folder.toString(),
            "NOTIFY_SOCKET",
            socket,
            "WATCHDOG_USEC",
            "300000");
    try (Notifications systemd = new Notifications(socket)) {
      try (RuntimeProcess runtime = RuntimeProcess.start(settings)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> systemd.received.stream().filter("WATCHDOG=1"::equals).count() > 3);
        assertThat(systemd.received.get(0)).isEqualTo("READY=1");
        assertThat(runtime.get("/health/live").status()).isEqualTo(200);
      }
      assertThat(systemd.received).contains("STOPPING=1");
    }
  }

  @Test
  void expectsAUnitOfTypeNotify() {
    assertThat(Systemd.of(Map.of())).isEmpty();
    assertThat(Systemd.of(Map.of("NOTIFY_SOCKET", ""))).isEmpty();
    assertThat(Systemd.of(Map.of("NOTIFY_SOCKET", "vsock:2:1"))).isEmpty();
    assertThat(Systemd.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)))).isEmpty();
    assertThat(Systemd.of(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"))).isPresent();
  }
}
