package routes.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.List;

/** MQTT in binary WebSocket frames (MQTT 5, 6), one per packet. */
final class WebSocketFrames extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
  private static final int LARGEST = 1 << 20;

  private final boolean difficult;

  private WebSocketFrames(boolean difficult) {
    this.difficult = difficult;
  }

  /**
   * @param difficult whether to ping the client first and cut each packet into two frames, as a
   *     server may (RFC 6455, 5.4 and 5.5.2); not every client copes with that
   */
  static void addTo(ChannelPipeline pipeline, String path, boolean difficult) {
    pipeline.addLast(
        new HttpServerCodec(),
        new HttpObjectAggregator(LARGEST),
        new WebSocketServerProtocolHandler(path, "mqtt", false, LARGEST, false, true),
        new WebSocketFrames(difficult));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (difficult && event instanceof HandshakeComplete) {
      context.writeAndFlush(new PingWebSocketFrame());
    }
    super.userEventTriggered(context, event);
  }

  @Override
  protected void encode(ChannelHandlerContext context, ByteBuf packet, List<Object> frames) {
    if (!difficult) {
      frames.add(new BinaryWebSocketFrame(packet.retain()));
      return;
    }
    int half = packet.readableBytes() / 2;
    frames.add(new BinaryWebSocketFrame(false, 0, packet.readRetainedSlice(half)));
    ByteBuf rest = packet.readRetainedSlice(packet.readableBytes());
    frames.add(new ContinuationWebSocketFrame(true, 0, rest));
  }

  @Override
  protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> packets) {
    packets.add(frame.content().retain());
  }
}
