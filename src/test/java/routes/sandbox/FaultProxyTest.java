package routes.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each fault, with a server played by the test. */
@Timeout(120)
class FaultProxyTest {
  private static final int SHORT = 200;

  private ServerSocket listener;
  private FaultProxy proxy;
  private Socket client;
  private Socket server;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    proxy = new FaultProxy(listener.getLocalPort());
    client = dial();
    server = listener.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    proxy.close();
    listener.close();
  }

  private Socket dial() throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress("127.0.0.1", proxy.port()), 1_000);
    return socket;
  }

  private static void send(Socket to, int bytes) throws IOException {
    to.getOutputStream().write(new byte[bytes]);
  }

  /** Milliseconds until this many bytes have arrived. */
  private static long receive(Socket socket, int bytes) throws IOException {
    long start = System.nanoTime();
    assertThat(socket.getInputStream().readNBytes(bytes)).hasSize(bytes);
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SHORT);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(0);
  }

  @Test
  void passesBytesAndEndOfStreamBothWays() throws IOException {
    send(client, 100_000);
    receive(server, 100_000);
    send(server, 10);
    receive(client, 10);
    client.close();
    assertThat(server.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void latencyDelaysOneDirection() throws IOException {
    proxy.upstream().latency(Duration.ofMillis(300), Duration.ofMillis(50));
    send(client, 10);
    assertThat(receive(server, 10)).isBetween(245L, 3_000L);
    send(server, 10);
    assertThat(receive(client, 10)).isLessThan(245);
  }

  @Test
  void jitterKeepsTheOrder() throws IOException {
    proxy.upstream().latency(Duration.ofMillis(20), Duration.ofMillis(20));
    for (int i = 0; i < 100; i++) {
      client.getOutputStream().write(i);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(server.getInputStream().read()).isEqualTo(i);
    }
  }

  @Test
  void bandwidthSpreadsBytesOverTime() throws IOException {
    proxy.upstream().bandwidth(10_000);
    proxy.upstream().slice(500, Duration.ZERO);
    send(client, 4_000);
    assertThat(receive(server, 4_000)).isBetween(300L, 3_000L);
  }

  @Test
  void sliceSplitsData() throws IOException {
    proxy.upstream().slice(10, Duration.ofMillis(50));
    send(client, 50);
    receive(server, 10);
    assertThat(server.getInputStream().available()).isLessThan(40);
    receive(server, 40);
  }

  @Test
  void slowCloseDelaysTheEnd() throws IOException {
    proxy.upstream().slowClose(Duration.ofMillis(300));
    client.close();
    assertSilent(server);
    assertThat(server.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void timeoutHoldsDataUntilItIsRemoved() throws IOException {
    proxy.upstream().timeout();
    send(client, 10);
    assertSilent(server);
    send(server, 10);
    receive(client, 10);
    proxy.upstream().clear();
    receive(server, 10);
  }

  @Test
  void resetClosesBothSidesWithRst() throws IOException {
    proxy.upstream().reset();
    send(client, 10);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
    assertThatThrownBy(() -> server.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void limitEndsAConnectionAfterANumberOfBytes() throws IOException {
    proxy.upstream().limit(100);
    send(client, 60);
    receive(server, 60);
    send(client, 60);
    assertThat(server.getInputStream().readAllBytes()).hasSize(40);
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void downEndsConnectionsAndRefusesNewOnesUntilHealed() throws IOException {
    proxy.down();
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    assertThatThrownBy(this::dial).isInstanceOf(ConnectException.class);
    proxy.heal();
    assertPasses();
  }

  @Test
  void cutEndsConnectionsAndAcceptsNewOnes() throws IOException {
    proxy.cut();
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
    assertPasses();
  }

  @Test
  void aBlackHoleIgnoresSynAndHoldsData() throws IOException {
    proxy.blackHole();
    assertThatThrownBy(this::dial).isInstanceOf(SocketTimeoutException.class);
    send(client, 10);
    assertSilent(server);
    proxy.heal();
    receive(server, 10);
    assertPasses();
  }

  /** A starting process holds copies of this process's sockets until it closes them. */
  @Test
  void reopensThePortWhileProcessesStart() throws Exception {
    ExecutorService starts = Executors.newSingleThreadExecutor();
    AtomicBoolean over = new AtomicBoolean();
    Future<?> starting =
        starts.submit(
            () -> {
              while (!over.get()) {
                new ProcessBuilder("true").start().waitFor();
              }
              return null;
            });
    for (int i = 0; i < 100; i++) {
      proxy.blackHole();
      proxy.heal();
    }
    over.set(true);
    starting.get();
    starts.shutdown();
    assertPasses();
  }

  @Test
  void newConnectionsGoToAnotherTarget() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      proxy.target(other.getLocalPort());
      try (Socket again = dial();
          Socket there = other.accept()) {
        send(again, 10);
        receive(there, 10);
      }
    }
  }

  @Test
  void resetsConnectionsWhileTheServerIsDown() throws IOException {
    listener.close();
    assertThatThrownBy(
            () -> {
              try (Socket again = dial()) {
                again.getInputStream().read();
              }
            })
        .isInstanceOf(SocketException.class);
  }

  private void assertPasses() throws IOException {
    try (Socket again = dial();
        Socket there = listener.accept()) {
      send(again, 10);
      receive(there, 10);
    }
  }
}
