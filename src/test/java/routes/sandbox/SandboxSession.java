package routes.sandbox;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnAckVariableHeader;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * One client's connection: reads its packets and answers them. Used on the broker's thread only.
 */
final class SandboxSession extends SimpleChannelInboundHandler<MqttMessage> {
  private static final int MQTT_5 = 5;
  private static final int WITH_WILL = 0x04;
  private static final int ERROR = 0x80;
  private static final int PROTOCOL_ERROR = 0x82;
  private static final int BAD_AUTHENTICATION_METHOD = 0x8C;
  private static final int TOPIC_FILTER_INVALID = 0x8F;
  private static final int TOPIC_ALIAS_INVALID = 0x94;
  private static final int NO_SUBSCRIPTION_IDENTIFIERS = 0xA1;
  private static final int LARGEST_RECEIVE_MAXIMUM = 65_535;

  private final SandboxBroker broker;
  private final Map<Integer, String> aliases = new HashMap<>();
  private ChannelHandlerContext context;
  private Connect client;
  private SessionState state;
  private boolean sendsWill = true;
  private long expiry;

  SandboxSession(SandboxBroker broker) {
    this.broker = broker;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
    this.context = context;
    broker.reason(); // from an earlier packet that was not reported
    if (message.decoderResult().isFailure()) {
      context.close();
      return;
    }
    MqttMessageType type = message.fixedHeader().messageType();
    // The first packet is CONNECT, and there is no second one (MQTT 5, 3.1.0).
    if ((client == null) != (type == MqttMessageType.CONNECT)) {
      context.close();
      return;
    }
    switch (type) {
      case CONNECT -> connect((MqttConnectMessage) message);
      case PUBLISH -> publish((MqttPublishMessage) message);
      case PUBREL -> release(id(message));
      case PUBACK -> state.acknowledged(id(message));
      case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
      case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) message);
      case PINGREQ -> send(new MqttMessage(head(MqttMessageType.PINGRESP, MqttQoS.AT_MOST_ONCE)));
      case DISCONNECT -> farewell(message.variableHeader());
      default -> context.close();
    }
  }

  private void connect(MqttConnectMessage message) {
    Connect connect = Connect.of(message, certificate(), broker.spareId());
    int reason = judge(connect);
    if (reason == SandboxBroker.SILENCE) {
      return;
    }
    boolean five = connect.version() == MQTT_5;
    if (reason != SandboxBroker.SUCCESS) {
      refuse(reason, five);
      return;
    }
    client = connect;
    expiry = broker.sessionExpiry(connect);
    boolean resumed = broker.open(this, connect);
    MqttProperties properties = five ? broker.announce(connect) : MqttProperties.NO_PROPERTIES;
    if (five && connect.assigned()) {
      properties.add(
          new StringProperty(
              MqttPropertyType.ASSIGNED_CLIENT_IDENTIFIER.value(), connect.clientId()));
    }
    connack(MqttConnectReturnCode.CONNECTION_ACCEPTED, resumed, properties);
    // A client that is silent for one and a half times its keep-alive is disconnected (MQTT 5,
    // 3.1.2.10).
    int keepAlive = broker.keepAlive(connect);
    if (keepAlive > 0) {
      long silence = keepAlive * 1_500L;
      context.pipeline().addFirst(new IdleStateHandler(silence, 0, 0, TimeUnit.MILLISECONDS));
    }
    broker.onConnected(connect);
    state.resume();
  }

  private int judge(Connect connect) {
    if (connect.properties().getProperty(MqttPropertyType.AUTHENTICATION_METHOD.value()) != null) {
      return broker.refused("an authentication method", BAD_AUTHENTICATION_METHOD);
    }
    // No client could resume a session whose id it does not know (3.1.1, 3.1.3.1).
    if (connect.assigned() && connect.version() < MQTT_5 && !connect.cleanStart()) {
      return broker.refused(
          "a persistent session without a client id", SandboxBroker.CLIENT_ID_INVALID);
    }
    return broker.onConnect(connect);
  }

  private void refuse(int reason, boolean five) {
    if (five) {
      connack(MqttConnectReturnCode.valueOf((byte) reason), false, broker.reason());
    } else {
      // Byte by byte, because clouds use return codes that are not in 3.1.1 and therefore not in
      // Netty.
      byte[] connack = {0x20, 2, 0, (byte) broker.returnCode(reason)};
      context.writeAndFlush(Unpooled.wrappedBuffer(connack));
    }
    context.close();
  }

  private void connack(MqttConnectReturnCode code, boolean resumed, MqttProperties properties) {
    send(
        new MqttConnAckMessage(
            head(MqttMessageType.CONNACK, MqttQoS.AT_MOST_ONCE),
            new MqttConnAckVariableHeader(code, resumed, properties)));
  }

  /** Called before the CONNACK. */
  void take(SessionState taken) {
    state = taken;
  }

  /** How many QoS 1 messages the client accepts before it acknowledges one (MQTT 5, 3.1.2.11.3). */
  int receiveMaximum() {
    return (int) client.property(MqttPropertyType.RECEIVE_MAXIMUM, LARGEST_RECEIVE_MAXIMUM);
  }

  /** Whether the client accepts a packet of this size; it gets no others (MQTT 5, 3.1.2.11.4). */
  boolean accepts(Delivery delivery) {
    long most = client.property(MqttPropertyType.MAXIMUM_PACKET_SIZE, 0);
    return most == 0 || delivery.size() <= most;
  }

  private Optional<X509Certificate> certificate() {
    if (!(context.pipeline().get("tls") instanceof SslHandler tls)) {
      return Optional.empty();
    }
    try {
      return Optional.of((X509Certificate) tls.engine().getSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private void publish(MqttPublishMessage message) {
    int id = message.variableHeader().packetId();
    int qos = message.fixedHeader().qosLevel().value();
    String topic = topic(message.variableHeader());
    if (topic == null) {
      return;
    }
    Arrived arrived =
        new Arrived(
            client.clientId(),
            topic,
            ByteBufUtil.getBytes(message.payload()),
            qos,
            message.fixedHeader().isRetain(),
            message.variableHeader().properties());
    int reason = SandboxBroker.SUCCESS;
    // A repeated QoS 2 message is answered again but not delivered again (MQTT 5, 4.3.3).
    if (qos < 2 || !state.halfReceived.contains(id)) {
      reason = broker.onPublish(client, arrived);
      if (reason >= SandboxBroker.SUCCESS && reason < ERROR) {
        broker.arrived(arrived);
        broker.onPublished(client, arrived);
      }
    }
    if (reason == SandboxBroker.DISCONNECT) {
      disconnect(SandboxBroker.NOT_AUTHORIZED);
      return;
    }
    if (qos == 0 || reason == SandboxBroker.SILENCE) {
      return;
    }
    if (reason >= ERROR && client.version() < MQTT_5) {
      context.close();
      return;
    }
    if (qos == 2 && reason < ERROR) {
      state.halfReceived.add(id);
    }
    reply(qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, id, reason);
  }

  /** Returns null if there is none; the connection then ends (MQTT 5, 3.3.2.3.4). */
  private String topic(MqttPublishVariableHeader header) {
    String topic = header.topicName();
    if (header.properties().getProperty(MqttPropertyType.TOPIC_ALIAS.value())
        instanceof IntegerProperty alias) {
      int number = alias.value();
      if (number < 1 || number > broker.topicAliasMaximum()) {
        disconnect(broker.refused("topic alias " + number, TOPIC_ALIAS_INVALID));
        return null;
      }
      if (!topic.isEmpty()) {
        aliases.put(number, topic);
      }
      topic = aliases.getOrDefault(number, "");
    }
    if (topic.isEmpty()) {
      disconnect(broker.refused("a message without a topic", PROTOCOL_ERROR));
      return null;
    }
    return topic;
  }

  private void release(int id) {
    state.halfReceived.remove(id);
    reply(MqttMessageType.PUBCOMP, id, SandboxBroker.SUCCESS);
  }

  private void subscribe(MqttSubscribeMessage message) {
    List<MqttTopicSubscription> wanted = message.payload().topicSubscriptions();
    int identifier = 0;
    if (message
            .idAndPropertiesVariableHeader()
            .properties()
            .getProperty(MqttPropertyType.SUBSCRIPTION_IDENTIFIER.value())
        instanceof IntegerProperty sent) {
      identifier = sent.value();
      if (!broker.subscriptionIdentifiers()) {
        disconnect(broker.refused("a subscription identifier", NO_SUBSCRIPTION_IDENTIFIERS));
        return;
      }
    }
    int whole =
        broker.onSubscribe(
            client, wanted.stream().map(MqttTopicSubscription::topicFilter).toList());
    if (whole == SandboxBroker.SILENCE) {
      return;
    }
    if (whole == SandboxBroker.DISCONNECT) {
      disconnect(SandboxBroker.NOT_AUTHORIZED);
      return;
    }
    int[] codes = new int[wanted.size()];
    Map<Subscription, Boolean> granted = new LinkedHashMap<>();
    for (int i = 0; i < codes.length; i++) {
      String filter = wanted.get(i).topicFilter();
      int reason =
          Subscription.malformed(filter)
              ? broker.refused("the filter " + filter, TOPIC_FILTER_INVALID)
              : broker.onSubscribe(client, filter, wanted.get(i).qualityOfService().value());
      if (reason == SandboxBroker.SILENCE) {
        return;
      }
      if (reason == SandboxBroker.DISCONNECT) {
        disconnect(SandboxBroker.NOT_AUTHORIZED);
        return;
      }
      if (reason < ERROR) {
        Subscription made = Subscription.of(filter, reason, wanted.get(i).option(), identifier);
        granted.put(made, state.subscriptions.put(filter, made) == null);
      } else if (client.version() < MQTT_5) {
        reason = ERROR;
      }
      codes[i] = reason;
    }
    send(
        new MqttSubAckMessage(
            head(MqttMessageType.SUBACK, MqttQoS.AT_MOST_ONCE),
            new MqttMessageIdAndPropertiesVariableHeader(
                message.variableHeader().messageId(), MqttProperties.NO_PROPERTIES),
            new MqttSubAckPayload(codes)));
    granted.forEach((made, fresh) -> broker.sendRetained(state, made, fresh));
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] < ERROR) {
        broker.onSubscribed(client, wanted.get(i).topicFilter());
      }
    }
  }

  private void unsubscribe(MqttUnsubscribeMessage message) {
    Short[] codes = new Short[message.payload().topics().size()];
    for (int i = 0; i < codes.length; i++) {
      String filter = message.payload().topics().get(i);
      // 0x11: no subscription existed (MQTT 5, 3.11.3).
      codes[i] = (short) (state.subscriptions.remove(filter) == null ? 0x11 : 0);
      broker.onUnsubscribed(client, filter);
    }
    MqttMessageBuilders.UnsubAckBuilder answer =
        MqttMessageBuilders.unsubAck().packetId(message.variableHeader().messageId());
    // 3.1.1 has no codes here (3.11).
    send(client.version() == MQTT_5 ? answer.addReasonCodes(codes).build() : answer.build());
  }

  private static int id(MqttMessage message) {
    return ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
  }

  private void reply(MqttMessageType type, int id, int reason) {
    send(
        new MqttMessage(
            head(type, MqttQoS.AT_MOST_ONCE),
            new MqttPubReplyMessageVariableHeader(
                id, (byte) reason, MqttProperties.NO_PROPERTIES)));
  }

  private static MqttFixedHeader head(MqttMessageType type, MqttQoS qos) {
    return new MqttFixedHeader(type, false, qos, false, 0);
  }

  void send(MqttMessage message) {
    context.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  /**
   * The client has sent DISCONNECT. Its will is discarded, except for reason 0x04 (MQTT 5,
   * 3.14.2.1).
   */
  private void farewell(Object header) {
    sendsWill = false;
    if (header instanceof MqttReasonCodeAndPropertiesVariableHeader five) {
      sendsWill = five.reasonCode() == WITH_WILL;
      if (five.properties().getProperty(MqttPropertyType.SESSION_EXPIRY_INTERVAL.value())
          instanceof IntegerProperty changed) {
        expiry = Integer.toUnsignedLong(changed.value());
      }
    }
    broker.onDisconnect(client);
    context.close();
  }

  void disconnect(int reason) {
    if (client.version() == MQTT_5) {
      MqttMessage disconnect =
          new MqttMessage(
              head(MqttMessageType.DISCONNECT, MqttQoS.AT_MOST_ONCE),
              new MqttReasonCodeAndPropertiesVariableHeader((byte) reason, broker.reason()));
      context.writeAndFlush(disconnect).addListener(ChannelFutureListener.CLOSE);
    } else {
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (client != null) {
      broker.closed(state, this, client, sendsWill, expiry);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
