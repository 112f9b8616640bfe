package routes.sandbox;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntSupplier;

/**
 * A proxy, HTTP and SOCKS5 on one port, that requires a login. It connects every client to the same
 * port of this machine, so a stand-in can have any address.
 */
public final class ForwardProxy implements AutoCloseable {
  public static final String USER = "u";
  public static final String PASSWORD = "p4ss";

  /** What clients asked to be connected to. */
  public final List<String> asked = new CopyOnWriteArrayList<>();

  private final ServerSocket server;
  private final IntSupplier target;

  private interface Task {
    void run() throws IOException;
  }

  /**
   * @param target the port, asked for at each connection
   */
  public ForwardProxy(IntSupplier target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(
        () -> {
          while (true) {
            Socket client = server.accept();
            daemon(() -> serve(client));
          }
        });
  }

  public int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void daemon(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // closed
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private void serve(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    int first = in.readUnsignedByte();
    boolean allowed = first == 5 ? socks(client, in) : http(client, in);
    if (!allowed) {
      client.close();
      return;
    }
    Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target.getAsInt());
    daemon(
        () -> {
          in.transferTo(upstream.getOutputStream());
          upstream.close();
        });
    upstream.getInputStream().transferTo(client.getOutputStream());
    client.close();
  }

  private boolean http(Socket client, DataInputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    asked.add(head.toString().split(" ")[1]);
    String token = Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes());
    boolean allowed = head.toString().toLowerCase().contains("basic " + token.toLowerCase());
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 " + (allowed ? "200 OK" : "407 Who\r\nContent-Length: 0") + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return allowed;
  }

  private boolean socks(Socket client, DataInputStream in) throws IOException {
    in.readNBytes(in.readUnsignedByte());
    client.getOutputStream().write(new byte[] {5, 2});
    in.readUnsignedByte();
    String user = new String(in.readNBytes(in.readUnsignedByte()));
    String password = new String(in.readNBytes(in.readUnsignedByte()));
    boolean allowed = user.equals(USER) && password.equals(PASSWORD);
    client.getOutputStream().write(new byte[] {1, (byte) (allowed ? 0 : 1)});
    if (allowed) {
      in.readNBytes(4);
      asked.add(new String(in.readNBytes(in.readUnsignedByte())) + ":" + in.readUnsignedShort());
      client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    }
    return allowed;
  }
}
