package routes.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamePatternsTest {
  @Test
  void aStarMatchesAnyCharacters() {
    NamePatterns patterns = new NamePatterns(List.of("system.*", "*d1"), List.of());

    assertThat(List.of("system.cpu.time", "nvme0n1", "sd1", "systemd", "d"))
        .filteredOn(patterns)
        .containsExactly("system.cpu.time", "sd1");
  }

  @Test
  void excludeOverridesInclude() {
    NamePatterns patterns = new NamePatterns(List.of("*"), List.of("lo", "veth*"));

    assertThat(List.of("eth0", "lo", "lo1", "veth12"))
        .filteredOn(patterns)
        .containsExactly("eth0", "lo1");
  }

  @Test
  void anEmptyIncludeListIncludesEverything() {
    assertThat(new NamePatterns(List.of(), List.of())).accepts("eth0");
  }

  @Test
  void aStarMatchesALineBreak() {
    assertThat(new NamePatterns(List.of("/mnt/*"), List.of())).accepts("/mnt/new\nline");
  }

  @Test
  void otherCharactersMatchLiterally() {
    assertThat(new NamePatterns(List.of("a.b", "c(d", "e\\E"), List.of()))
        .accepts("a.b", "c(d", "e\\E")
        .rejects("aXb");
  }
}
