package routes.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.f4b6a3.ulid.Ulid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import routes.settings.SettingException;

class DeviceTest {
  @Test
  void messagesHaveIdDeviceTimeAndLabels() {
    Map<String, Object> message = new Device("edge-1", Map.of("site", "berlin")).message();

    assertThat(message).containsOnlyKeys("id", "deviceId", "timestamp", "labels");
    assertThat((String) message.get("timestamp"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  }

  @Test
  void omitsEmptyLabels() {
    assertThat(new Device("edge-1", Map.of()).message()).doesNotContainKey("labels");
  }

  @Test
  void idsAreUniqueAndSortByTime() {
    Device device = new Device("edge-1", Map.of());
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ids.add((String) device.message().get("id"));
    }

    assertThat(ids).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void idsStaySortedWhenTheClockStepsBack() {
    AtomicLong millis = new AtomicLong(-5000);
    Supplier<String> ids = Device.ids(() -> Instant.ofEpochMilli(millis.get()));
    List<String> made = new ArrayList<>();
    long[] steps = {0, 10_000, 1_700_000_000_000L, -7_200_000, 1, 3_600_000, -90_000_000, 1};
    long latest = 0;
    for (long step : steps) {
      latest = Math.max(latest, millis.addAndGet(step));
      made.add(ids.get());
      made.add(ids.get());
      assertThat(Ulid.from(made.get(made.size() - 1)).getTime()).isEqualTo(latest);
    }

    assertThat(made).isSorted().doesNotHaveDuplicates();
    assertThat(made.stream().map(id -> id.substring(10, 16))).doesNotContain("000000");
  }

  @Test
  void idsOfAllDevicesInAProcessAreSorted() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add((String) new Device("edge-" + i, Map.of()).message().get("id"));
    }

    assertThat(ids).isSorted();
  }

  @Test
  void labelsArePairs() {
    assertThat(Device.labels(List.of("site=berlin", "line = 3", "note=a=b", "empty=")))
        .isEqualTo(Map.of("site", "berlin", "line", "3", "note", "a=b", "empty", ""));
    assertThatThrownBy(() -> Device.labels(List.of("=berlin")))
        .isInstanceOf(SettingException.class);
  }
}
