package routes.link;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import routes.link.Failure.Kind;

/** One connection, from CONNECT to its end. Used on the event loop only. */
final class Session extends SimpleChannelInboundHandler<Object> {
  private static final long FAREWELL_MILLIS = 1_000;
  private static final int NO_LIMIT = 65_535;

  /** The largest remaining length, plus the fixed header. */
  private static final long LARGEST_PACKET = 268_435_455 + 5;

  private static final int QUOTA_EXCEEDED = 0x97;
  private static final int MOST_REPLIES = 10_000;

  /** What a session reports, on the event loop. */
  interface Events {
    /** The CONNACK has arrived: messages may be sent. */
    void opened(Session session);

    /** Whether a packet with this identifier is in flight. */
    boolean inUse(int id);

    /**
     * @param code the reason code; of several, the worst
     */
    void answered(Session session, MqttMessageType type, int id, int code);

    void arrived(Session session, MqttMessage message, int id);

    void leftOut(PacketGate.LeftOut message);

    /** All packets of a read have arrived. */
    void readComplete();

    void closed(Session session, Failure why);
  }

  private final ConnectionSettings settings;
  private final Credential credential;
  private final boolean five;
  private final Events events;
  private final Reasons reasons;
  private Channel channel;
  private PublishBatch publishes;
  private KeepAlive keepAlive;
  private Limits limits;
  private long lastAcknowledged;
  private boolean published;
  private int lastId;
  private int repliesWaiting;
  private boolean secured;
  private boolean answered;
  private boolean wrongVersion;
  private boolean unanswered;
  private boolean over;
  private Failure farewell;

  Session(ConnectionSettings settings, Credential credential, boolean five, Events events) {
    this.settings = settings;
    this.credential = credential;
    this.five = five;
    this.events = events;
    this.reasons = new Reasons(settings);
  }

  boolean five() {
    return five;
  }

  /** Whether the broker has accepted CONNECT. */
  boolean accepted() {
    return limits != null;
  }

  /** Whether the broker rejected the MQTT version. */
  boolean wrongVersion() {
    return wrongVersion;
  }

  /** Whether the broker closed the connection without an answer to CONNECT. */
  boolean unanswered() {
    return unanswered;
  }

  boolean over() {
    return over;
  }

  Limits limits() {
    return limits;
  }

  /** Whether the broker has acknowledged a message. */
  boolean published() {
    return published;
  }

  long lastAcknowledged() {
    return lastAcknowledged;
  }

  /** A packet identifier that is not in use. */
  int nextId() {
    do {
      lastId = lastId % NO_LIMIT + 1;
    } while (events.inUse(lastId));
    return lastId;
  }

  boolean writable() {
    return channel.isWritable();
  }

  /** Sends a message; {@link #flush} has to follow. */
  void send(MqttMessage message, PublishSize size, int id) {
    publishes.add(permitted(message), size, id);
  }

  /** Without the flag retain if the broker would end the connection for it (MQTT 5, 3.2.2.3.5). */
  private MqttMessage permitted(MqttMessage message) {
    return limits.retains() ? message : message.notRetained();
  }

  /**
   * Sends a message with QoS 0.
   *
   * @param done called with null once it is written, or with the failure
   */
  void send(MqttMessage message, PublishSize size, Consumer<Failure> done) {
    ChannelPromise written = channel.newPromise();
    written.addListener(end -> done.accept(end.isSuccess() ? null : reasons.of(end.cause())));
    publishes.add(permitted(message), size, 0);
    publishes.write(written);
  }

  /**
   * Sends an acknowledgement. Only these have no window, so a broker that sends but does not read
   * could pile them up.
   */
  void reply(MqttMessageType type, int id, int reason) {
    repliesWaiting = writable() ? 0 : repliesWaiting + 1;
    if (repliesWaiting > MOST_REPLIES) {
      end(new Failure(Kind.UNREACHABLE, "the broker sends messages but does not read"));
      return;
    }
    write(Packets.reply(type, id, reason));
    flush();
  }

  void write(Object packet) {
    publishes.write();
    channel.write(packet, channel.voidPromise());
    keepAlive.wrote();
  }

  void flush() {
    publishes.write();
    channel.flush();
    keepAlive.wrote();
  }

  /** Acknowledges a message that arrived. */
  void acknowledge(MqttMessage message, int id) {
    if (!over && message.qos() > 0) {
      reply(message.qos() == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, id, 0);
    }
  }

  /**
   * Refuses a message with a PUBACK "quota exceeded" (MQTT 5, 3.4.2.1). MQTT 3.1.1 has no such
   * code: there the message stays unacknowledged, and its cloud informs the sender or redelivers
   * the message.
   */
  void refuse(int id) {
    if (!over && id > 0 && five) {
      reply(MqttMessageType.PUBACK, id, QUOTA_EXCEEDED);
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    publishes = new PublishBatch(channel, five);
    keepAlive = new KeepAlive(this::ping);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (!settings.url().scheme().tls && !settings.url().scheme().webSocket) {
      connect();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      secured = tls.isSuccess();
      if (!secured) {
        end(tls.cause());
      } else if (!settings.url().scheme().webSocket) {
        connect();
      }
    } else if (event
        == WebSocketClientProtocolHandler.ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
      connect();
    }
  }

  private void connect() {
    write(Packets.connect(settings, credential, five));
    flush();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Object packet) {
    if (over) {
      return;
    }
    keepAlive.read();
    if (packet instanceof PacketGate.ReturnCode old) {
      returnCode(old.code());
    } else if (packet instanceof PacketGate.LeftOut message) {
      leftOut(message);
    } else if (packet instanceof PacketGate.Puback ack) {
      if (isExpected(MqttMessageType.PUBACK)) {
        answer(MqttMessageType.PUBACK, ack.id(), 0);
      }
    } else if (packet instanceof io.netty.handler.codec.mqtt.MqttMessage message) {
      if (message.decoderResult().isFailure()) {
        malformed(message.decoderResult().cause());
      } else {
        read(message);
      }
    }
  }

  private void malformed(Throwable cause) {
    end(
        new Failure(
            Kind.UNREACHABLE,
            "the broker sent a malformed packet: " + routes.tls.TlsFault.oneLine(cause)));
  }

  private void leftOut(PacketGate.LeftOut message) {
    events.leftOut(message);
    if (message.topic() == null) {
      refuse(message.id());
    } else if (message.id() > 0) {
      reply(MqttMessageType.PUBACK, message.id(), 0);
    }
  }

  private void read(io.netty.handler.codec.mqtt.MqttMessage packet) {
    MqttMessageType type = packet.fixedHeader().messageType();
    if (!isExpected(type)) {
      return;
    }
    switch (type) {
      case CONNACK -> connack((MqttConnAckMessage) packet);
      case PUBLISH -> {
        MqttPublishMessage publish = (MqttPublishMessage) packet;
        events.arrived(this, Packets.message(publish), publish.variableHeader().packetId());
      }
      case PUBACK, PUBREC, PUBCOMP, UNSUBACK -> answer(type, id(packet), reason(packet));
      case SUBACK -> answer(type, id(packet), worst((MqttSubAckMessage) packet));
      case PUBREL -> reply(MqttMessageType.PUBCOMP, id(packet), 0);
      case PINGRESP -> {}
      case DISCONNECT -> end(Reasons.disconnect(reason(packet)));
      default -> end(new Failure(Kind.UNREACHABLE, "the broker sent " + type));
    }
  }

  /** Ends the connection if the packet must not precede CONNACK. */
  private boolean isExpected(MqttMessageType type) {
    if (accepted() || type == MqttMessageType.CONNACK || type == MqttMessageType.DISCONNECT) {
      return true;
    }
    end(new Failure(Kind.UNREACHABLE, "the broker sent " + type + " before CONNACK"));
    return false;
  }

  private void answer(MqttMessageType type, int id, int code) {
    lastAcknowledged = System.nanoTime();
    published |= type == MqttMessageType.PUBACK;
    events.answered(this, type, id, code);
  }

  private static int worst(MqttSubAckMessage packet) {
    return packet.payload().reasonCodes().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  private static int id(io.netty.handler.codec.mqtt.MqttMessage packet) {
    return ((MqttMessageIdVariableHeader) packet.variableHeader()).messageId();
  }

  private static int reason(io.netty.handler.codec.mqtt.MqttMessage packet) {
    Object head = packet.variableHeader();
    if (head instanceof MqttPubReplyMessageVariableHeader reply) {
      return reply.reasonCode() & 0xFF;
    }
    return head instanceof MqttReasonCodeAndPropertiesVariableHeader other
        ? other.reasonCode() & 0xFF
        : 0;
  }

  private void connack(MqttConnAckMessage packet) {
    int code = packet.variableHeader().connectReturnCode().byteValue() & 0xFF;
    answered = true;
    if (accepted()) {
      end(new Failure(Kind.UNREACHABLE, "the broker sent a second CONNACK"));
    } else if (code != 0) {
      // Moquette puts the return codes of 3.1.1, which are below 0x80, into an MQTT 5 CONNACK.
      wrongVersion = code == 0x84 || code == 1;
      end(code < 0x80 ? reasons.returnCode(code, five) : reasons.connack(code));
    } else {
      MqttProperties properties = packet.variableHeader().properties();
      Integer seconds = value(properties, MqttPropertyType.SERVER_KEEP_ALIVE);
      open(properties, seconds == null ? settings.policy().keepAlive().toSeconds() : seconds);
    }
  }

  /** An MQTT 3.1.1 CONNACK. */
  private void returnCode(int code) {
    answered = true;
    if (accepted()) {
      end(new Failure(Kind.UNREACHABLE, "the broker sent a second CONNACK"));
    } else if (code != 0 || five) {
      wrongVersion = code == 1 || code == 0;
      end(reasons.returnCode(code, five));
    } else {
      open(MqttProperties.NO_PROPERTIES, settings.policy().keepAlive().toSeconds());
    }
  }

  private void open(MqttProperties properties, long keepAliveSeconds) {
    Integer receiveMaximum = value(properties, MqttPropertyType.RECEIVE_MAXIMUM);
    Integer packetSize = value(properties, MqttPropertyType.MAXIMUM_PACKET_SIZE);
    Integer qos = value(properties, MqttPropertyType.MAXIMUM_QOS);
    Integer retain = value(properties, MqttPropertyType.RETAIN_AVAILABLE);
    limits =
        new Limits(
            receiveMaximum == null ? NO_LIMIT : receiveMaximum,
            packetSize == null ? LARGEST_PACKET : Integer.toUnsignedLong(packetSize),
            qos == null ? 2 : qos,
            retain == null || retain != 0,
            settings.policy().largestPayload());
    lastAcknowledged = System.nanoTime();
    keepAlive.start(keepAliveSeconds);
    events.opened(this);
  }

  private static Integer value(MqttProperties properties, MqttPropertyType type) {
    return (Integer) Packets.value(properties, type);
  }

  /** Ends the connection unless it has been accepted by now. */
  void connectOverdue() {
    if (!accepted()) {
      String limit = Durations.text(ConnectionPolicy.CONNECT_TIMEOUT);
      end(new Failure(Kind.UNREACHABLE, "unreachable: no CONNACK within " + limit));
    }
  }

  private void ping(boolean missing) {
    if (missing) {
      end(
          new Failure(
              Kind.UNREACHABLE, "no answer to a ping: the broker hangs or the network is down"));
    } else {
      write(Packets.PINGREQ);
      flush();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!over) {
      events.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!over && channel.isWritable()) {
      events.readComplete();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    // Queued behind an earlier exception.
    LinkLoop.execute(() -> end(Reasons.closed()));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Later, because a failed write must not end the session in the middle of other writes.
    LinkLoop.execute(() -> end(cause));
  }

  private void end(Throwable cause) {
    boolean wrapped = cause instanceof DecoderException && cause.getCause() != null;
    end(reasons.of(wrapped ? cause.getCause() : cause));
  }

  /** Sends DISCONNECT, if possible within a second, and closes the connection. */
  void disconnect(Failure why) {
    if (farewell != null) {
      return;
    }
    if (over || channel == null || !accepted()) {
      end(why);
      return;
    }
    farewell = why;
    ChannelFuture sent = channel.writeAndFlush(Packets.DISCONNECT);
    Future<?> late = LinkLoop.schedule(() -> end(why), FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    sent.addListener(
        done -> {
          late.cancel(false);
          end(why);
        });
  }

  /** Closes the connection. The first reason counts. */
  void end(Failure cause) {
    if (over) {
      return;
    }
    over = true;
    Failure why = farewell == null ? cause : farewell;
    if (!accepted()) {
      unanswered = !answered && why.kind() == Kind.CLOSED;
      why = reasons.unanswered(why, secured);
    }
    if (channel != null) {
      keepAlive.stop();
      channel.close();
    }
    events.closed(this, why);
  }
}
