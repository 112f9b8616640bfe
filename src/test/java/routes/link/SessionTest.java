package routes.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttMessageType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SessionTest {
  private final AtomicReference<Failure> closed = new AtomicReference<>();

  private final class Recorder implements Session.Events {
    @Override
    public void opened(Session session) {}

    @Override
    public boolean inUse(int id) {
      return false;
    }

    @Override
    public void answered(Session session, MqttMessageType type, int id, int code) {}

    @Override
    public void arrived(Session session, MqttMessage message, int id) {}

    @Override
    public void leftOut(PacketGate.LeftOut message) {}

    @Override
    public void readComplete() {}

    @Override
    public void closed(Session session, Failure why) {
      closed.compareAndSet(null, why);
    }
  }

  @Test
  void limitsPubacksThatTheBrokerDoesNotRead() {
    ConnectionPolicy policy =
        new ConnectionPolicy(
            "mqtt",
            64,
            ConnectionPolicy.ANY_RATE,
            Integer.MAX_VALUE,
            1 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Map.of(),
            Optional.empty());
    ConnectionSettings settings =
        new ConnectionSettings(
            BrokerUrl.parse("mqtt.url", "tcp://localhost"),
            "a",
            null,
            List.of(),
            true,
            MqttVersion.V3_1_1,
            TestClients.NAMES,
            policy);
    Session session =
        new Session(
            settings, new Credential(Optional.empty(), Optional.empty()), false, new Recorder());
    EmbeddedChannel channel = new EmbeddedChannel(session);
    channel.writeInbound(new PacketGate.ReturnCode(0));
    assertThat(session.accepted()).isTrue();
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    MqttMessage message = new MqttMessage("t", new byte[0]);
    for (int id = 1; id <= 10_000; id++) {
      session.acknowledge(message, id);
    }
    assertThat(closed.get()).isNull();
    session.acknowledge(message, 10_001);
    assertThat(closed.get()).hasMessage("the broker sends messages but does not read");
    assertThat(channel.isOpen()).isFalse();
  }
}
