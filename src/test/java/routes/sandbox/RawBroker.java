package routes.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A broker that follows a script on each connection, byte by byte, as no library would. */
public final class RawBroker implements AutoCloseable {
  public static final int CONNECT = 1;
  public static final int CONNACK = 2;
  public static final int PUBLISH = 3;
  public static final int PUBACK = 4;
  public static final int SUBSCRIBE = 8;
  public static final int SUBACK = 9;
  public static final int PINGREQ = 12;

  /** The script of a connection, which is closed at the end. */
  @FunctionalInterface
  public interface Script {
    void play(Peer client) throws IOException;
  }

  /** Connections so far. */
  public final AtomicInteger accepts = new AtomicInteger();

  private final ServerSocket server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  public RawBroker(Script script) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(
        () -> {
          while (true) {
            Socket socket = server.accept();
            sockets.add(socket);
            accepts.incrementAndGet();
            thread(
                () -> {
                  try (socket) {
                    script.play(new Peer(socket));
                  }
                });
          }
        });
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void thread(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException | UncheckedIOException e) {
                // one side has closed the connection
              }
            },
            "raw broker");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Ends every connection. */
  public void cut() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** The connection to the client. */
  public static final class Peer {
    private final DataInputStream in;
    private final OutputStream out;

    private Peer(Socket socket) throws IOException {
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
    }

    /** Reads up to the next packet of a type and returns what follows its length. */
    public byte[] await(int type) throws IOException {
      return await(type, (messageId, reason) -> {});
    }

    private byte[] await(int type, BiConsumer<Integer, Integer> pubacks) throws IOException {
      while (true) {
        int first = in.readUnsignedByte();
        int length = 0;
        int digit;
        int shift = 0;
        do {
          digit = in.readUnsignedByte();
          length |= (digit & 0x7F) << shift;
          shift += 7;
        } while (digit >= 0x80);
        byte[] rest = in.readNBytes(length);
        if (rest.length < length) {
          throw new EOFException();
        }
        if (first >> 4 == type) {
          return rest;
        }
        if (first >> 4 == PUBACK) {
          pubacks.accept((rest[0] & 0xFF) << 8 | rest[1] & 0xFF, length > 2 ? rest[2] & 0xFF : 0);
        }
      }
    }

    /** Reads until the client disconnects. */
    public void drain() throws IOException {
      in.transferTo(OutputStream.nullOutputStream());
    }

    public void send(int... bytes) throws IOException {
      byte[] all = new byte[bytes.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = (byte) bytes[i];
      }
      out.write(all);
    }

    public void send(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    /** Sends a packet with its type, flags and length, in one piece even if other threads send. */
    public void packet(int first, byte[] rest) throws IOException {
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.writeBytes(head(first, rest.length));
      packet.writeBytes(rest);
      out.write(packet.toByteArray());
    }

    /** Accepts CONNECT, and grants QoS 1 to each filter of a SUBSCRIBE. */
    public void accept(int version, int subscriptions) throws IOException {
      await(CONNECT);
      packet(CONNACK << 4, version == 5 ? new byte[3] : new byte[2]);
      for (int i = 0; i < subscriptions; i++) {
        byte[] subscribe = await(SUBSCRIBE);
        byte[] suback = {subscribe[0], subscribe[1], 1};
        packet(
            SUBACK << 4, version == 5 ? new byte[] {suback[0], suback[1], 0, suback[2]} : suback);
      }
    }

    /** Answers every PUBLISH of QoS 1 until the client disconnects. */
    public void acknowledge() throws IOException {
      acknowledge((messageId, reason) -> {});
    }

    /**
     * The same.
     *
     * @param pubacks receives packet identifier and reason code of each PUBACK
     */
    public void acknowledge(BiConsumer<Integer, Integer> pubacks) throws IOException {
      while (true) {
        byte[] publish = await(PUBLISH, pubacks);
        int id = 2 + ((publish[0] & 0xFF) << 8 | publish[1] & 0xFF);
        send(PUBACK << 4, 2, publish[id], publish[id + 1]);
      }
    }
  }

  /** The first byte of a packet and its length (MQTT 5, 2.1). */
  public static byte[] head(int first, long length) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(first);
    long left = length;
    do {
      head.write((int) (left & 0x7F) | (left > 0x7F ? 0x80 : 0));
      left >>= 7;
    } while (left > 0);
    return head.toByteArray();
  }

  /** The bytes after the length of a PUBLISH of QoS 0. */
  public static byte[] publish(int version, byte[] topic, byte[] payload) {
    return publish(version, topic, 0, payload);
  }

  /**
   * The same.
   *
   * @param messageId for QoS 1; 0 for none
   */
  public static byte[] publish(int version, byte[] topic, int messageId, byte[] payload) {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.write(topic.length >> 8);
    rest.write(topic.length);
    rest.writeBytes(topic);
    if (messageId > 0) {
      rest.write(messageId >> 8);
      rest.write(messageId);
    }
    if (version == 5) {
      rest.write(0);
    }
    rest.writeBytes(payload);
    return rest.toByteArray();
  }

  public static byte[] publish(int version, String topic, String payload) {
    return publish(
        version, topic.getBytes(StandardCharsets.UTF_8), payload.getBytes(StandardCharsets.UTF_8));
  }
}
