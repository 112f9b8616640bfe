package routes.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import java.util.List;

/**
 * Serves two protocols on one port: MQTT, whose first byte is 0x10, and MQTT over WebSocket, which
 * starts with GET.
 */
public final class WebSocketOrMqtt extends ByteToMessageDecoder {
  private static final int LARGEST_PACKET = 1 << 20;

  private final SandboxBroker broker;
  private final String path;

  public WebSocketOrMqtt(SandboxBroker broker, String path) {
    this.broker = broker;
    this.path = path;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    ChannelPipeline pipeline = context.pipeline();
    if (in.getByte(in.readerIndex()) == 'G') {
      pipeline.remove(MqttDecoder.class);
      pipeline.remove(MqttEncoder.class);
      pipeline.remove(SandboxSession.class);
      WebSocketFrames.addTo(pipeline, path, broker.difficultWebSocket());
      pipeline.addLast(
          new NotFound(),
          new MqttDecoder(LARGEST_PACKET),
          MqttEncoder.INSTANCE,
          new SandboxSession(broker));
    }
    // Passes the bytes read so far to the remaining handlers.
    pipeline.remove(this);
  }

  /** The response for every other path. */
  private static final class NotFound extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
      FullHttpResponse answer =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND);
      context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }
  }
}
