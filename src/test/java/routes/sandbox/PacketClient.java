package routes.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;

/** A client that sends and receives single packets, for what a library hides from its users. */
public final class PacketClient implements AutoCloseable {
  private static final int LARGEST_PACKET = 1 << 20;

  private final Socket socket;
  private final EmbeddedChannel codec =
      new EmbeddedChannel(new MqttDecoder(LARGEST_PACKET), MqttEncoder.INSTANCE);

  public PacketClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(10_000);
  }

  public PacketClient send(MqttMessage packet) throws IOException {
    codec.writeOutbound(packet);
    for (ByteBuf out = codec.readOutbound(); out != null; out = codec.readOutbound()) {
      try {
        out.readBytes(socket.getOutputStream(), out.readableBytes());
      } finally {
        out.release();
      }
    }
    return this;
  }

  /** The next packet; null when the connection has ended. */
  public MqttMessage receive() throws IOException {
    byte[] bytes = new byte[4_096];
    while (true) {
      MqttMessage packet = codec.readInbound();
      if (packet != null) {
        return packet;
      }
      int length = socket.getInputStream().read(bytes);
      if (length < 0) {
        return null;
      }
      codec.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(bytes, length)));
    }
  }

  /** Without DISCONNECT. */
  @Override
  public void close() throws IOException {
    socket.close();
    codec.finishAndReleaseAll();
  }
}
