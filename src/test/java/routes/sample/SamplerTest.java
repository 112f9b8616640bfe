package routes.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<String> asked = new ArrayList<>();
  private final Still snapshot = new Still();
  private final Sampler sampler =
      new Sampler(
              meters,
              snapshot,
              new Device("edge-1", Map.of()),
              name -> {
                asked.add(name);
                return !name.startsWith("jvm.");
              })
          .start();

  @Test
  void thePathIsTheNameFollowedByAttributeValues() {
    gauge("disk.io", 5, "system.device", "nvme0n1", "disk.io.direction", "read");
    gauge("usage", 6, "mountpoint", "/var/lib");
    gauge("io", 7, "interface", "eth0.100");

    assertThat(metrics().at("/disk/io/read/nvme0n1").asInt()).isEqualTo(5);
    assertThat(metrics().get("usage").get("/var/lib").asInt()).isEqualTo(6);
    assertThat(metrics().get("io").get("eth0.100").asInt()).isEqualTo(7);
  }

  @Test
  void includesMetersOfUsers() {
    meters.counter("orders").increment(2);
    meters.counter("orders.failed").increment();
    meters.timer("shift.time").record(Duration.ofMillis(1500));
    meters.summary("parcel.weight").record(2.5);

    assertThat(metrics())
        .isEqualTo(
            json(
                """
                {"orders":{"failed":1,"value":2},
                 "shift":{"time":{"count":1,"total":1.5,"max":1.5}},
                 "parcel":{"weight":{"count":1,"total":2.5,"max":2.5}}}
                """));
  }

  @Test
  void omitsCamelsAttributesFromACounterOfARoute() throws Exception {
    DefaultCamelContext camel = new DefaultCamelContext();
    camel.getCamelContextExtension().setName("cloud-iot-routes");
    camel.getRegistry().bind("metricsRegistry", meters);
    camel.start();
    camel.createProducerTemplate().sendBody("micrometer:counter:orders?tags=line=3", "");
    camel.close();
    assertThat(metrics()).isEqualTo(json("{\"orders\":{\"3\":1}}"));
  }

  @Test
  void includesMetersRegisteredEarlier() {
    PrometheusMeterRegistry old = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    old.counter("orders").increment();
    Sampler late = new Sampler(old, snapshot, new Device("edge-1", Map.of()), name -> true).start();

    assertThat(json(late.sample()).at("/metrics/orders").asInt()).isEqualTo(1);
  }

  @Test
  void omitsARemovedMeter() {
    Gauge gauge = gauge("level", 1);
    assertThat(metrics().has("level")).isTrue();
    meters.remove(gauge);

    assertThat(metrics().has("level")).isFalse();
  }

  @Test
  void omitsValuesThatAreNotNumbers() {
    gauge("level", Double.NaN);
    gauge("height", Double.POSITIVE_INFINITY);
    gauge("width", 1);

    assertThat(metrics()).isEqualTo(json("{\"width\":1}"));
  }

  @Test
  void selectsAMeterOnceByName() {
    gauge("jvm.memory", 1);
    gauge("level", 1);
    metrics();
    metrics();

    assertThat(metrics()).isEqualTo(json("{\"level\":1}"));
    assertThat(asked).containsExactly("jvm.memory", "level");
  }

  @Test
  void latestReturnsTheLastSampleOrTakesTheFirst() {
    Map<String, Object> first = sampler.newest();
    assertThat(sampler.newest()).isSameAs(first);
    Map<String, Object> second = sampler.sample();

    assertThat(sampler.newest()).isSameAs(second).isNotEqualTo(first);
    assertThat(snapshot.readings).isEqualTo(2);
  }

  private Gauge gauge(String name, double value, String... tags) {
    return Gauge.builder(name, () -> value).strongReference(true).tags(tags).register(meters);
  }

  private JsonNode metrics() {
    return json(sampler.sample()).get("metrics");
  }

  private static JsonNode json(Map<String, Object> sample) {
    return json(new ObjectMapper().valueToTree(sample).toString());
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Still implements Snapshot {
    private int readings;

    @Override
    public <T> T reading(Supplier<T> reader) {
      readings++;
      return reader.get();
    }
  }
}
