package routes.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import routes.web.PrometheusScrape;

class PrometheusScrapeTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{.*\\})? (\\S+)");
  private static final List<String> UNITS_THAT_ARE_NO_BASE_UNITS =
      List.of(
          "milliseconds",
          "microseconds",
          "nanoseconds",
          "minutes",
          "hours",
          "days",
          "kilobytes",
          "megabytes",
          "gigabytes",
          "kibibytes",
          "mebibytes",
          "bits",
          "percent",
          "fahrenheit",
          "kelvin",
          "millivolts",
          "kilohertz",
          "megahertz",
          "gigahertz");
  private static final List<String> ABBREVIATIONS =
      List.of("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d");
  private static final List<String> TYPES =
      List.of("gauge", "counter", "summary", "histogram", "untyped");

  @Test
  void usesTheOpenTelemetryTranslationForPrometheus() {
    assertThat(scrapeOfEverything())
        .contains(
            "system_memory_usage_bytes{system_memory_state=\"used\"} 1.073741824E9",
            "system_cpu_utilization_ratio 0.0656",
            "system_cpu_logical_utilization_ratio{cpu_logical_number=\"0\"} 0.1312",
            "system_disk_io_bytes_total{disk_io_direction=\"read\",system_device=\"nvme0n1\"} 4.9152E7",
            "system_disk_io_time_seconds_total{system_device=\"nvme0n1\"} 1.1",
            "system_disk_operations_total{"
                + "disk_io_direction=\"read\",system_device=\"nvme0n1\"} 1200.0",
            "system_network_packet_count_total{"
                + "network_interface_name=\"eth0.100\",network_io_direction=\"receive\"} 4096.0",
            "hw_temperature_celsius{hw_id=\"cpu\"} 48.5",
            "hw_voltage_volts{hw_id=\"cpu\"} 1.2",
            "hw_fan_speed_rpm{hw_id=\"nct6775.656-fan1\"} 900.0",
            "hw_battery_charge_ratio{hw_id=\"BAT0\"} 0.83",
            "container_memory_limit_bytes 1.073741824E9",
            "system_cpu_frequency_hertz 1.5E9",
            "system_uptime_seconds 86400.0",
            "collector_success{family=\"disk\"} 1.0");
  }

  @Test
  void omitsNonFiniteNumbersAsInTheSample() {
    Meters meters = new Meters();
    meters.registry.gauge("odd", Tags.of("state", "NaN"), 1);
    meters.registry.gauge("gone", Double.NaN);
    meters.registry.gauge("endless", Double.POSITIVE_INFINITY);
    meters.registry.gauge("bottomless", Double.NEGATIVE_INFINITY);

    assertThat(text(new PrometheusScrape(meters.registry, meters.host)).lines())
        .filteredOn(line -> !line.startsWith("#"))
        .containsExactly("odd{state=\"NaN\"} 1.0");
  }

  @Test
  void everyHostMeterPassesPromtool() {
    lint(scrapeOfEverything());
  }

  @Test
  void everyRuntimeMeterPassesPromtool() {
    lint(new String(new FreshHost().scrape(), StandardCharsets.UTF_8));
  }

  /** The rules of {@code promtool check metrics}. */
  private static void lint(String text) {
    Map<String, String> types = new HashMap<>();
    Map<String, String> helps = new HashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else if (line.startsWith("# HELP ")) {
        helps.put(words[2], words.length > 3 ? words[3].strip() : "");
      } else {
        assertThat(line).matches(SAMPLE);
      }
    }
    assertThat(types).isNotEmpty();
    types.forEach(
        (name, type) -> {
          List<String> words = List.of(name.split("_"));
          assertThat(helps.getOrDefault(name, "")).as("help of %s", name).isNotEmpty();
          assertThat(name.endsWith("_total"))
              .as("only counters end in _total: %s", name)
              .isEqualTo(type.equals("counter"));
          assertThat(words)
              .as("base units and no abbreviations: %s", name)
              .doesNotContainAnyElementsOf(UNITS_THAT_ARE_NO_BASE_UNITS)
              .doesNotContainAnyElementsOf(ABBREVIATIONS);
          assertThat(TYPES).as("no metric type in a name: %s", name).noneMatch(words::contains);
          assertThat(name).as("snake case").isLowerCase().doesNotContain(":");
          if (!type.equals("histogram") && !type.equals("summary")) {
            assertThat(name).doesNotEndWith("_count").doesNotEndWith("_sum");
            assertThat(name).doesNotEndWith("_bucket");
          }
        });
  }

  private static String scrapeOfEverything() {
    Meters meters = new Everything().meters();
    meters.values();
    meters.later();
    return text(new PrometheusScrape(meters.registry, meters.host));
  }

  private static String text(PrometheusScrape scrape) {
    return new String(scrape.scrape().array(), StandardCharsets.UTF_8);
  }
}
