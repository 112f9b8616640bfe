package routes.sandbox;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** TCP ports of this machine. */
public final class Ports {
  /**
   * Below the range from which systems take ports for outgoing connections (Linux
   * ip_local_port_range, RFC 6335, 6), so that none of these gets a port that a server has left for
   * a moment.
   */
  private static final int LOWEST = 20_000;

  private static final int COUNT = 12_000;

  /** Ports per process. */
  private static final int SLICE = 200;

  /**
   * The first port of a slice is held while this process runs, so that no other process uses the
   * slice.
   */
  private static final ServerSocket SLICE_HOLDER = holdSlice();

  private static final AtomicInteger NEXT = new AtomicInteger();

  private Ports() {}

  private static ServerSocket holdSlice() {
    int slices = COUNT / SLICE;
    int first = new Random().nextInt(slices);
    for (int i = 0; i < slices; i++) {
      try {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return new ServerSocket(LOWEST + (first + i) % slices * SLICE, 1, loopback);
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new IllegalStateException("no free ports from " + LOWEST);
  }

  /** The usual port if it is free, otherwise any free port. */
  public static int freeOr(int usual) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), usual));
      return usual;
    } catch (IOException taken) {
      return free();
    }
  }

  /** A port on which nothing listens; a different one on each call. */
  public static int free() {
    for (int i = 0; i < SLICE; i++) {
      int port = SLICE_HOLDER.getLocalPort() + 1 + NEXT.getAndIncrement() % (SLICE - 1);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new IllegalStateException("no free port from " + SLICE_HOLDER.getLocalPort());
  }
}
