package routes.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** MQTT 3.1.1 byte by byte. The gateway tests cover MQTT 5. */
@Timeout(120)
class SandboxBrokerTest {
  /** CONNECT of client "a", clean session, keep-alive 60 s (3.1.1, 3.1). */
  private static final String CONNECT = "100d00044d5154540402003c000161";

  private final MeanBroker broker = new MeanBroker();
  private final List<Arrived> arrived = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    broker.listen(arrived::add).start(0);
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  /** A client that sends and receives packets as hexadecimal digits. */
  private final class Client implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;

    Client() throws IOException {
      socket = new Socket("127.0.0.1", broker.port());
      in = new DataInputStream(socket.getInputStream());
    }

    void send(String hex) throws IOException {
      socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    /** The next packet; empty when the connection is closed. */
    String receive() throws IOException {
      int head = in.read();
      if (head < 0) {
        return "";
      }
      byte[] rest = new byte[in.readUnsignedByte()];
      in.readFully(rest);
      return String.format("%02x%02x", head, rest.length) + HexFormat.of().formatHex(rest);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void servesASessionFromConnectToDisconnect() throws IOException {
    try (Client client = new Client()) {
      client.send(CONNECT);
      assertThat(client.receive()).isEqualTo("20020000");
      client.send("c000");
      assertThat(client.receive()).isEqualTo("d000");
      // PUBLISH t "x": QoS 1 with id 7, QoS 2 with id 8 and its PUBREL.
      client.send("3206000174000778");
      assertThat(client.receive()).isEqualTo("40020007");
      client.send("3406000174000878");
      assertThat(client.receive()).isEqualTo("50020008");
      client.send("3c06000174000878");
      assertThat(client.receive()).isEqualTo("50020008");
      client.send("62020008");
      assertThat(client.receive()).isEqualTo("70020008");
      assertThat(arrived).extracting(Arrived::qos).containsExactly(1, 2);
      client.send("e000");
      assertThat(client.receive()).isEmpty();
      assertThat(broker.farewells).hasValue(1);
    }
  }

  @Test
  void aSubscriberReceivesMatchingMessages() throws IOException {
    try (Client client = new Client()) {
      client.send(CONNECT);
      client.receive();
      // SUBSCRIBE to a/+ with QoS 2, which is granted as 1.
      client.send("820800010003612f2b02");
      assertThat(client.receive()).isEqualTo("9003000101");
      client.send("3206000162000278");
      assertThat(client.receive()).isEqualTo("40020002");
      client.send("32080003612f62000378");
      assertThat(client.receive() + client.receive())
          .contains("40020003")
          .contains("32080003612f62000178");
      // UNSUBSCRIBE
      client.send("a20700040003612f2b");
      assertThat(client.receive()).isEqualTo("b0020004");
    }
  }

  @Test
  void aWrongPasswordGetsReturnCode4() throws IOException {
    broker.connectAnswer = SandboxBroker.BAD_USER_NAME_OR_PASSWORD;
    try (Client client = new Client()) {
      client.send(CONNECT);
      assertThat(client.receive()).isEqualTo("20020004");
      assertThat(client.receive()).isEmpty();
    }
  }

  @Test
  void aRefusedMessageEndsTheConnection() throws IOException {
    broker.publishAnswer = message -> SandboxBroker.NOT_AUTHORIZED;
    try (Client client = new Client()) {
      client.send(CONNECT);
      client.receive();
      client.send("3206000174000778");
      assertThat(client.receive()).isEmpty();
    }
  }

  @Test
  void aSecondConnectionWithTheIdEndsTheFirst() throws IOException {
    try (Client first = new Client();
        Client second = new Client()) {
      first.send(CONNECT);
      assertThat(first.receive()).isEqualTo("20020000");
      second.send(CONNECT);
      assertThat(second.receive()).isEqualTo("20020000");
      assertThat(first.receive()).isEmpty();
      second.send("c000");
      assertThat(second.receive()).isEqualTo("d000");
    }
  }

  @Test
  void anyPacketBeforeConnectEndsTheConnection() throws IOException {
    try (Client client = new Client()) {
      client.send("c000");
      assertThat(client.receive()).isEmpty();
    }
  }

  @Test
  void usesAFreePortIfThePortIsInUse() throws IOException {
    try (ServerSocket taken = new ServerSocket(0);
        SandboxBroker other = new SandboxBroker()) {
      other.start(taken.getLocalPort());
      assertThat(other.port()).isNotEqualTo(taken.getLocalPort()).isPositive();
    }
  }
}
