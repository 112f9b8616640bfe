package routes.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import routes.Fuzz;
import routes.settings.SettingException;
import routes.settings.Settings;

class BusFuzzTest {
  @Test
  void addresses() throws Exception {
    Properties properties = new Properties();
    try (DefaultCamelContext context = new DefaultCamelContext()) {
      context.getPropertiesComponent().setInitialProperties(properties);
      Settings settings = new Settings(context);
      Fuzz.text(
          text -> {
            properties.setProperty("nats.servers", text);
            try {
              BusServers servers = BusServers.of(settings);
              assertThat(servers.toString()).doesNotContain("@");
              servers.options().build();
              return true;
            } catch (SettingException e) {
              assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}|s3cr3t");
              return false;
            }
          },
          "nats://localhost:4222",
          "nats://edge:s3cr3t-s3cr3t@10.0.0.1,tls://[::1]:4443",
          "localhost , nats://token-s3cr3t@h");
    }
  }
}
