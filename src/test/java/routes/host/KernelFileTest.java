package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFileTest {
  @TempDir private Path folder;

  @Test
  void bytesThatAreNotUtf8StayDifferent() {
    assertThat(KernelFile.text("Größe €".getBytes(UTF_8))).isEqualTo("Größe €");
    assertThat(KernelFile.text("caf\u00e9 x".getBytes(ISO_8859_1))).isEqualTo("caf\\xe9 x");
    assertThat(KernelFile.text(new byte[] {'a', (byte) 0xe2, (byte) 0x82}))
        .isEqualTo("a\\xe2\\x82");
  }

  @Test
  void readsAPathOfAnyBytes() throws Exception {
    byte[] bytes = (folder + "/caf\u00e9 %\n").getBytes(ISO_8859_1);
    Path file = KernelFile.path(bytes);
    Files.writeString(file, "x");

    assertThat(KernelFile.text(file)).isEqualTo("x");
    assertThat(KernelFile.name(file)).isEqualTo("caf\\xe9 %\n");
    assertThat(KernelFile.raw(file)).isEqualTo(new String(bytes, ISO_8859_1));
    try (var files = Files.list(folder)) {
      assertThat(files.map(KernelFile::name)).containsExactly("caf\\xe9 %\n");
    }
  }

  @Test
  void countersAreUnsigned() {
    assertThat(KernelFile.unsigned("18446744073709551615")).isEqualTo(18446744073709551615.0);
    assertThat(KernelFile.unsigned("9223372036854775808")).isEqualTo(9223372036854775808.0);
    assertThat(KernelFile.unsigned("0")).isZero();
    for (String wrong : new String[] {"18446744073709551616", "-1", "1x", ""}) {
      assertThatThrownBy(() -> KernelFile.unsigned(wrong))
          .isInstanceOf(NumberFormatException.class);
    }
  }

  @Test
  void aMissingOrUnreadableFileIsEmpty() throws Exception {
    assertThat(KernelFile.word(folder.resolve("absent"))).isEmpty();
    assertThat(KernelFile.answer(folder)).isEmpty();
  }
}
