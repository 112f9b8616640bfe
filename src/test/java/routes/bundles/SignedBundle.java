package routes.bundles;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A key, and bundles signed with it by the command sign. */
public final class SignedBundle {
  private final Path folder;
  private final Path key;
  private final String trusted;

  /**
   * @param folder an existing folder for all files
   */
  public SignedBundle(Path folder) {
    this.folder = folder;
    this.key = folder.resolve("signing.pem");
    this.trusted =
        sign(List.of("new-key", key.toString())).replaceFirst("routes.trusted-key = ", "");
  }

  /** The value of routes.trusted-key. */
  public String trusted() {
    return trusted;
  }

  /** The desired property that offers these files, whose archive is at {@link #zip}. */
  public String offer(int version, String url, Map<String, String> files) throws IOException {
    Path bundle = Files.createTempDirectory(folder, "bundle");
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(bundle.resolve(file.getKey()), file.getValue());
    }
    Files.deleteIfExists(zip(version));
    return sign(
        List.of(
            bundle.toString(),
            "--key",
            key.toString(),
            "--version",
            "" + version,
            "--url",
            url,
            "--to",
            zip(version).toString()));
  }

  public Path zip(int version) {
    return folder.resolve(version + ".zip");
  }

  private static String sign(List<String> words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    if (SignCommand.run(new ArrayList<>(words), print, print) != 0) {
      throw new IllegalStateException(out.toString(StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8).strip();
  }
}
