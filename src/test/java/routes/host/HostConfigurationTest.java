package routes.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.host.ContainerMetrics.Container;
import routes.log.CapturedLog;
import routes.sample.Sampler;
import routes.settings.SettingException;
import routes.web.PrometheusScrape;
import routes.web.WebConfiguration;

class HostConfigurationTest {
  private final Properties settings = new Properties();
  private final DefaultCamelContext context = new DefaultCamelContext();

  @Test
  void bindsTheBeansThatRoutesUse() throws Exception {
    settings.setProperty("device.id", "edge-1");
    settings.setProperty("device.labels", "site=berlin");
    Registry beans = configure();
    MeterRegistry meters =
        beans.lookupByNameAndType(MicrometerConstants.METRICS_REGISTRY_NAME, MeterRegistry.class);
    meters.counter("orders", "state", "failed").increment();
    Sampler sampler = beans.lookupByNameAndType("sampler", Sampler.class);

    var sample = new ObjectMapper().valueToTree(sampler.sample());
    assertThat(sample.at("/deviceId").asText()).isEqualTo("edge-1");
    assertThat(sample.at("/labels/site").asText()).isEqualTo("berlin");
    assertThat(sample.at("/metrics/system/memory/usage/used").isIntegralNumber()).isTrue();
    assertThat(sample.at("/metrics/orders/failed").asInt()).isEqualTo(1);
    assertThat(sample.at("/metrics/jvm").isMissingNode()).isTrue();
    assertThat(sample.at("/metrics/collector").isMissingNode()).isTrue();
    PrometheusScrape scrape = new WebConfiguration().prometheus(context);
    assertThat(new String(scrape.scrape().array(), StandardCharsets.UTF_8))
        .contains("system_memory_usage_bytes", "orders_total", "jvm_threads", "jvm_memory");
    assertThat(beans.lookupByNameAndType("inventory", Inventory.class).inventory())
        .containsEntry("deviceId", "edge-1");
    assertThat(beans.lookupByNameAndType("hostMeters", HostMeters.class)).isNotNull();
  }

  @Test
  void aSampleOfThisHostFitsInFourKilobytes() throws Exception {
    Sampler sampler = configure().lookupByNameAndType("sampler", Sampler.class);

    assertThat(new ObjectMapper().writeValueAsBytes(sampler.sample()).length).isLessThan(4096);
  }

  @ParameterizedTest
  @CsvSource({"67108864, 1", "134217728, 0", "NaN, 0"})
  void warnsAboutLowMemoryAtStartup(double limit, int lines) {
    CapturedLog log = new CapturedLog(HostConfiguration.class);
    try (log) {
      HostConfiguration.checkMemory(container(limit));
    }

    assertThat(log.messages())
        .hasSize(lines)
        .allMatch(
            line ->
                line.startsWith(
                    "this container's memory limit of 64 MB is too low: the runtime uses"));
  }

  @Test
  void rejectsALabelWithoutAName() {
    settings.setProperty("device.labels", "berlin");

    assertThatThrownBy(this::configure)
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("device.labels");
  }

  private static Container container(double memoryLimit) {
    return new Container() {
      @Override
      public double cpuLimit() {
        return Double.NaN;
      }

      @Override
      public double cpuSeconds() {
        return Double.NaN;
      }

      @Override
      public double memoryLimit() {
        return memoryLimit;
      }

      @Override
      public double memoryUsage() {
        return Double.NaN;
      }
    };
  }

  private Registry configure() {
    context.getPropertiesComponent().setLocation("classpath:application.properties");
    settings.putIfAbsent("device.id", "edge-1");
    context.getPropertiesComponent().setOverrideProperties(settings);
    new HostConfiguration().configure(context);
    return context.getRegistry();
  }
}
