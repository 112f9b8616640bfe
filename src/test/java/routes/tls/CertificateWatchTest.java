package routes.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.log.CapturedLog;
import routes.settings.Settings;

/** Certificates that change in their files, and certificates that expire. */
class CertificateWatchTest {
  private static final Instant END =
      Instant.now().plus(20, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);

  @TempDir Path folder;
  private Certificates make;
  private Settings settings;
  private TlsFiles tls;
  private int renewals;

  private final Renewable owner =
      new Renewable() {
        @Override
        public List<String> files() {
          return tls.keys();
        }

        @Override
        public List<Expiry> expiries() {
          return tls.expiries();
        }

        @Override
        public void check() {
          tls.get();
        }

        @Override
        public void renew() {
          renewals++;
        }
      };

  @BeforeEach
  void files() throws Exception {
    make = new Certificates(Files.createDirectory(folder.resolve("made")));
    Properties properties = new Properties();
    properties.setProperty("mqtt.ca", folder.resolve("ca").toString());
    properties.setProperty("mqtt.certificate", folder.resolve("certificate").toString());
    properties.setProperty("mqtt.private-key", folder.resolve("key").toString());
    DefaultCamelContext context = new DefaultCamelContext();
    context.getPropertiesComponent().setInitialProperties(properties);
    settings = new Settings(context);
    tls = new TlsFiles(settings, "mqtt.ca", "mqtt.certificate", "mqtt.private-key");
    copy(make.write(make.ca().certificate()), "ca");
    Certificates.Identity first = device();
    giveCertificate(first);
    giveKey(first);
    tls.get();
  }

  private Certificates.Identity device() {
    return make.client("edge-1", Certificates.ec(), END);
  }

  private void giveCertificate(Certificates.Identity device) throws Exception {
    copy(make.write(device.certificate()), "certificate");
  }

  private void giveKey(Certificates.Identity device) throws Exception {
    copy(make.writePkcs8(device.keys().getPrivate()), "key");
  }

  private void copy(Path from, String name) throws Exception {
    Files.writeString(folder.resolve(name), Files.readString(from));
  }

  @Test
  void renewsOnceTheFilesHaveSettled() throws Exception {
    WatchedFiles files = new WatchedFiles(settings, owner);
    look(files, 3);
    assertThat(renewals).as("without a change").isZero();
    Certificates.Identity second = device();
    giveCertificate(second);
    giveKey(second);
    look(files, 1);
    assertThat(renewals).as("the tool may still be writing").isZero();
    look(files, 3);
    assertThat(renewals).isEqualTo(1);
  }

  @Test
  void keepsTheConnectionUntilTheKeyMatches() throws Exception {
    WatchedFiles files = new WatchedFiles(settings, owner);
    Certificates.Identity second = device();
    try (CapturedLog log = new CapturedLog()) {
      giveCertificate(second);
      look(files, 4);
      Files.delete(folder.resolve("key"));
      look(files, 4);
      assertThat(renewals).isZero();
      assertThat(log.messages())
          .containsExactly(
              "mqtt.private-key: "
                  + folder.resolve("key")
                  + " is not the key of mqtt.certificate; the previous files stay in use",
              "mqtt.private-key: there is no file "
                  + folder.resolve("key")
                  + "; the previous files stay in use");
      log.clear();
      giveKey(second);
      look(files, 3);
      assertThat(renewals).isEqualTo(1);
      assertThat(log.messages())
          .containsExactly("mqtt.certificate, mqtt.private-key changed; renewing the connection");
    }
  }

  private static void look(WatchedFiles files, int times) {
    for (int i = 0; i < times; i++) {
      files.look();
    }
  }

  @Test
  void publishesWhenEachExpires() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    CertificateWatch.bind(tls.expiries(), registry);
    System.gc(); // the registry alone must keep the gauges
    assertThat(expiry(registry, "mqtt.certificate")).isEqualTo(END.getEpochSecond());
    assertThat(expiry(registry, "mqtt.ca"))
        .isEqualTo(make.ca().certificate().getNotAfter().getTime() / 1000.0);
    assertThat(expiry(registry, "mqtt.server")).as("no server yet").isNaN();
  }

  private static double expiry(SimpleMeterRegistry registry, String name) {
    return registry.get("certificate.expiry.timestamp").tag("name", name).gauge().value();
  }

  @Test
  void ofAChainTheFirstToExpireCountsAndOfSeveralCasTheLast() throws Exception {
    Path soon = make.write(make.client("old", Certificates.ec(), END).certificate());
    String late = Files.readString(make.write(make.ca().certificate()));
    Files.writeString(folder.resolve("ca"), Files.readString(soon) + late);
    Files.writeString(
        folder.resolve("certificate"), Files.readString(folder.resolve("certificate")) + late);
    tls.get();
    assertThat(end("mqtt.certificate")).isEqualTo(END);
    assertThat(end("mqtt.ca")).isAfter(END);
  }

  private Instant end(String name) {
    return tls.expiries().stream()
        .filter(expiry -> expiry.name().equals(name))
        .findFirst()
        .flatMap(Expiry::end)
        .orElseThrow();
  }

  @Test
  void warnsOncePerDayAboutWhatExpiresSoon() {
    AtomicReference<Instant> now = new AtomicReference<>();
    List<Expiry> expiries =
        List.of(
            new Expiry("mqtt.certificate", true, () -> END),
            new Expiry("mqtt.ca", true, () -> END.plus(Duration.ofDays(100))),
            new Expiry("mqtt.server", false, () -> END),
            new Expiry("nats.credentials", true, () -> null));
    ExpiryWarnings warnings = new ExpiryWarnings(expiries, Duration.ofDays(30), now::get);
    try (CapturedLog log = new CapturedLog()) {
      now.set(END.minus(Duration.ofDays(31)));
      warnings.log();
      assertThat(warnings.current()).isEmpty();
      assertThat(log.messages()).isEmpty();
      now.set(END.minus(Duration.ofDays(20)));
      for (int hour = 0; hour < 49; hour++) {
        warnings.log();
        now.updateAndGet(time -> time.plus(Duration.ofHours(1)));
      }
      assertThat(log.messages())
          .containsExactly(
              "mqtt.certificate expires in 20 days, on " + END + "; renew it",
              "mqtt.certificate expires in 19 days, on " + END + "; renew it",
              "mqtt.certificate expires in 18 days, on " + END + "; renew it");
      now.set(END.minus(Duration.ofMinutes(90)));
      assertThat(warnings.current())
          .containsExactly("mqtt.certificate expires in 1 hours, on " + END + "; renew it");
      now.set(END.plusSeconds(1));
      assertThat(warnings.current())
          .containsExactly("mqtt.certificate expired on " + END + "; renew it");
    }
  }
}
