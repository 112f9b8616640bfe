package routes.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import routes.settings.SettingException;

class DeviceTest {
  @Test
  void aMessageHasItsHead() {
    Map<String, Object> message = new Device("edge-1", Map.of("site", "berlin")).message();

    assertThat(message).containsOnlyKeys("id", "deviceId", "timestamp", "labels");
    assertThat((String) message.get("timestamp"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  }

  @Test
  void noLabelsAreAbsent() {
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
  void labelsArePairs() {
    assertThat(Device.labels(List.of("site=berlin", "line = 3", "note=a=b", "empty=")))
        .isEqualTo(Map.of("site", "berlin", "line", "3", "note", "a=b", "empty", ""));
    assertThatThrownBy(() -> Device.labels(List.of("=berlin")))
        .isInstanceOf(SettingException.class);
  }

  @Test
  void thisHostHasAName() {
    assertThat(Device.hostName(Path.of("/"))).isNotBlank();
  }

  @Test
  void aContainersHostNameIsTheHosts(@TempDir Path root) throws IOException {
    assertThat(Device.hostName(root)).isEqualTo(Device.hostName(Path.of("/")));
    Files.createDirectory(root.resolve("etc"));
    Files.writeString(root.resolve("etc/hostname"), "pump-7\n");
    assertThat(Device.hostName(root)).isEqualTo("pump-7");
  }
}
