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
  private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

  private Ports() {}

  /** The usual port where it is free, else any free one. */
  public static int freeOr(int usual) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), usual));
      return usual;
    } catch (IOException taken) {
      return free();
    }
  }

  /** One that nobody listens at, another one each time. */
  public static int free() {
    for (int i = 0; i < COUNT; i++) {
      int port = LOWEST + NEXT.getAndIncrement() % COUNT;
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // the next one
      }
    }
    throw new IllegalStateException("no free port from " + LOWEST);
  }
}
