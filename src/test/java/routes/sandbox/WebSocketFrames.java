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

/**
 * MQTT in binary WebSocket frames (MQTT 5, 6). Pings the client first, and cuts each packet into
 * two frames, as a server may (RFC 6455, 5.4 and 5.5.2).
 */
final class WebSocketFrames extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
  private static final int LARGEST = 1 << 20;

  private WebSocketFrames() {}

  static void addTo(ChannelPipeline pipeline, String path) {
    pipeline.addLast(
        new HttpServerCodec(),
        new HttpObjectAggregator(LARGEST),
        new WebSocketServerProtocolHandler(path, "mqtt", false, LARGEST, false, true),
        new WebSocketFrames());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof HandshakeComplete) {
      context.writeAndFlush(new PingWebSocketFrame());
    }
    super.userEventTriggered(context, event);
  }

  @Override
  protected void encode(ChannelHandlerContext context, ByteBuf packet, List<Object> frames) {
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
