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
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
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
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/** One client's connection: its packets in, the answers out. On the broker's thread alone. */
final class SandboxSession extends SimpleChannelInboundHandler<MqttMessage> {
  private static final int MQTT_5 = 5;
  private static final int ERROR = 0x80;

  private final SandboxBroker broker;
  private final Map<String, Integer> subscriptions = new HashMap<>();
  private final Set<Integer> halfReceived = new HashSet<>();
  private final Set<Integer> unacknowledged = new HashSet<>();
  private final Queue<MqttPublishMessage> waiting = new ArrayDeque<>();
  private ChannelHandlerContext context;
  private Connect client;
  private int receiveMaximum = 65_535;
  private int lastId;

  SandboxSession(SandboxBroker broker) {
    this.broker = broker;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
    this.context = context;
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
      case PUBACK -> acknowledged(id(message));
      case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
      case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) message);
      case PINGREQ -> send(new MqttMessage(head(MqttMessageType.PINGRESP, MqttQoS.AT_MOST_ONCE)));
      case DISCONNECT -> {
        broker.onDisconnect(client);
        context.close();
      }
      default -> context.close();
    }
  }

  private void connect(MqttConnectMessage message) {
    MqttProperties properties = message.variableHeader().properties();
    Connect connect =
        new Connect(
            message.payload().clientIdentifier(),
            message.variableHeader().version(),
            message.variableHeader().isCleanSession(),
            message.variableHeader().keepAliveTimeSeconds(),
            Optional.ofNullable(message.payload().userName()),
            Optional.ofNullable(message.payload().passwordInBytes())
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8)),
            certificate(),
            properties);
    int reason = broker.onConnect(connect);
    if (reason == SandboxBroker.SILENCE) {
      return;
    }
    boolean five = connect.version() == MQTT_5;
    boolean accepted = reason == SandboxBroker.SUCCESS;
    if (five || accepted) {
      MqttConnAckVariableHeader answer =
          new MqttConnAckVariableHeader(
              MqttConnectReturnCode.valueOf((byte) reason),
              false,
              five && accepted ? broker.announce(connect) : MqttProperties.NO_PROPERTIES);
      send(new MqttConnAckMessage(head(MqttMessageType.CONNACK, MqttQoS.AT_MOST_ONCE), answer));
    } else {
      // Byte by byte, as clouds have return codes that are not in 3.1.1 and so not in Netty.
      byte[] connack = {0x20, 2, 0, (byte) broker.returnCode(reason)};
      context.writeAndFlush(Unpooled.wrappedBuffer(connack));
    }
    if (!accepted) {
      context.close();
      return;
    }
    client = connect;
    if (properties.getProperty(MqttPropertyType.RECEIVE_MAXIMUM.value())
        instanceof MqttProperties.IntegerProperty maximum) {
      receiveMaximum = maximum.value();
    }
    // A client that is silent for one and a half times its keep-alive is gone (MQTT 5, 3.1.2.10).
    int keepAlive = broker.keepAlive(connect);
    if (keepAlive > 0) {
      long silence = keepAlive * 1_500L;
      context.pipeline().addFirst(new IdleStateHandler(silence, 0, 0, TimeUnit.MILLISECONDS));
    }
    broker.opened(this, connect.clientId());
    broker.onConnected(connect);
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
    Arrived arrived =
        new Arrived(
            client.clientId(),
            message.variableHeader().topicName(),
            ByteBufUtil.getBytes(message.payload()),
            qos,
            message.fixedHeader().isRetain(),
            message.variableHeader().properties());
    int reason = SandboxBroker.SUCCESS;
    // A QoS 2 message sent again is answered again, not taken again (MQTT 5, 4.3.3).
    if (qos < 2 || !halfReceived.contains(id)) {
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
      halfReceived.add(id);
    }
    reply(qos == 1 ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, id, reason);
  }

  private void release(int id) {
    halfReceived.remove(id);
    reply(MqttMessageType.PUBCOMP, id, SandboxBroker.SUCCESS);
  }

  private void subscribe(MqttSubscribeMessage message) {
    List<MqttTopicSubscription> wanted = message.payload().topicSubscriptions();
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
    for (int i = 0; i < codes.length; i++) {
      String filter = wanted.get(i).topicFilter();
      int reason = broker.onSubscribe(client, filter, wanted.get(i).qualityOfService().value());
      if (reason == SandboxBroker.SILENCE) {
        return;
      }
      if (reason == SandboxBroker.DISCONNECT) {
        disconnect(SandboxBroker.NOT_AUTHORIZED);
        return;
      }
      if (reason < ERROR) {
        subscriptions.put(filter, reason);
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
      codes[i] = (short) (subscriptions.remove(filter) == null ? 0x11 : 0);
      broker.onUnsubscribed(client, filter);
    }
    MqttMessageBuilders.UnsubAckBuilder answer =
        MqttMessageBuilders.unsubAck().packetId(message.variableHeader().messageId());
    // 3.1.1 has no codes here (3.11).
    send(client.version() == MQTT_5 ? answer.addReasonCodes(codes).build() : answer.build());
  }

  /** Sends a message if a subscription matches, with the lower of both QoS (MQTT 5, 3.8.4). */
  void deliver(Arrived message) {
    int granted = -1;
    for (Map.Entry<String, Integer> subscription : subscriptions.entrySet()) {
      if (TopicFilter.matches(subscription.getKey(), message.topic())) {
        granted = Math.max(granted, subscription.getValue());
      }
    }
    if (granted < 0 || !broker.mayReceive(client, message.topic())) {
      return;
    }
    int qos = Math.min(granted, message.qos());
    MqttMessageBuilders.PublishBuilder publish =
        MqttMessageBuilders.publish()
            .topicName(message.topic())
            .qos(MqttQoS.valueOf(qos))
            .messageId(qos == 0 ? 0 : nextId())
            .properties(message.properties())
            .payload(Unpooled.wrappedBuffer(message.payload()));
    if (qos == 0) {
      send(publish.build());
    } else {
      waiting.add(publish.build());
      sendWaiting();
    }
  }

  /** No more at once than the client's Receive Maximum (MQTT 5, 4.9). */
  private void sendWaiting() {
    while (!waiting.isEmpty() && unacknowledged.size() < receiveMaximum) {
      MqttPublishMessage next = waiting.remove();
      unacknowledged.add(next.variableHeader().packetId());
      send(next);
    }
  }

  private void acknowledged(int id) {
    unacknowledged.remove(id);
    sendWaiting();
  }

  private int nextId() {
    lastId = lastId % 65_535 + 1;
    return lastId;
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

  private void send(MqttMessage message) {
    context.writeAndFlush(message).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
  }

  void disconnect(int reason) {
    if (client.version() == MQTT_5) {
      MqttMessage disconnect =
          new MqttMessage(
              head(MqttMessageType.DISCONNECT, MqttQoS.AT_MOST_ONCE),
              new MqttReasonCodeAndPropertiesVariableHeader(
                  (byte) reason, MqttProperties.NO_PROPERTIES));
      context.writeAndFlush(disconnect).addListener(ChannelFutureListener.CLOSE);
    } else {
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (client != null) {
      broker.closed(this, client);
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
