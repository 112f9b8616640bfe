package routes.link;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;

/**
 * MQTT in the binary frames of a WebSocket (MQTT 5, 6; RFC 6455). Paho's own drops the connection
 * at the first ping of the server.
 */
final class WebSocketStreams {
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int HEAD_LIMIT = 16_384;
  private static final int CONTROL_LIMIT = 125;
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final DataInputStream in;
  private final OutputStream out;
  private final SecureRandom random = new SecureRandom();

  private WebSocketStreams(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /** Asks the server for a WebSocket of subprotocol mqtt (RFC 6455, 4.1). */
  static WebSocketStreams open(BrokerUrl url, InputStream in, OutputStream out) throws IOException {
    WebSocketStreams streams = new WebSocketStreams(in, out);
    byte[] nonce = new byte[16];
    streams.random.nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    String request =
        "GET "
            + url.path()
            + " HTTP/1.1\r\nHost: "
            + url.address()
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
            + key
            + "\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n\r\n";
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    String head = streams.readHead();
    String status = head.lines().findFirst().orElse("");
    if (!status.matches("HTTP/1\\.1 101\\b.*")) {
      throw new IOException("no WebSocket at " + url.address() + ": \"" + status + "\"");
    }
    boolean accepted =
        head.lines()
            .map(line -> line.split(":", 2))
            .filter(header -> header[0].toLowerCase(Locale.ROOT).equals("sec-websocket-accept"))
            .anyMatch(header -> header[1].strip().equals(accept(key)));
    if (!accepted) {
      throw new IOException("no WebSocket at " + url.address() + ": it answered another key");
    }
    return streams;
  }

  private static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  private String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
      if (head.length() > HEAD_LIMIT) {
        throw new IOException("no WebSocket: the answer's head is too long");
      }
    }
    return head.toString();
  }

  InputStream input() {
    return new InputStream() {
      private long left;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        while (left == 0) {
          left = nextData();
        }
        int count = left < 0 ? -1 : in.read(bytes, offset, (int) Math.min(length, left));
        left -= Math.max(count, 0);
        return count;
      }
    };
  }

  /** How many bytes the next data frame has, -1 when the server closes; answers its pings. */
  private long nextData() throws IOException {
    while (true) {
      int first = in.read();
      if (first < 0) {
        return -1;
      }
      int second = in.readUnsignedByte();
      long length = second & 0x7F;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      int opcode = first & 0x0F;
      boolean control = opcode >= CLOSE;
      if ((second & 0x80) != 0 || length < 0 || control && length > CONTROL_LIMIT) {
        throw new IOException("malformed WebSocket frame");
      }
      if (!control) {
        return length;
      }
      byte[] payload = in.readNBytes((int) length);
      if (opcode == CLOSE) {
        return -1;
      }
      if (opcode == PING) {
        send(PONG, payload, 0, payload.length);
      }
    }
  }

  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        send(BINARY, bytes, offset, length);
      }
    };
  }

  /** One whole frame, masked as a client's must be (RFC 6455, 5.3). */
  private synchronized void send(int opcode, byte[] bytes, int offset, int length)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(length + 14);
    frame.put((byte) (0x80 | opcode));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    frame.put(mask);
    for (int i = 0; i < length; i++) {
      frame.put((byte) (bytes[offset + i] ^ mask[i & 3]));
    }
    out.write(frame.array(), 0, frame.position());
    out.flush();
  }
}
