package routes.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A separate small file system for NATS' data, which can be filled. */
final class TinyDisk {
  private static final int MEGABYTES = 16;

  private final Path filler;

  private TinyDisk(Path filler) {
    this.filler = filler;
  }

  /** Moves NATS and its data there. Needs root. */
  static TinyDisk under(Rig rig) throws Exception {
    Path data = rig.nats.data();
    rig.nats.stop();
    Path aside = data.resolveSibling("aside");
    Files.move(data, aside);
    Files.createDirectory(data);
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + MEGABYTES + "m", "tmpfs", data.toString());
    if (mounted) {
      // before NATS' files are deleted, which fails on a mount point
      rig.onClose(() -> run("umount", "-l", data.toString()));
      run("cp", "-a", aside + "/.", data.toString());
    }
    assumeTrue(mounted, "cannot mount a tmpfs; run as root and not in a container that forbids it");
    rig.nats.start();
    return new TinyDisk(data.resolve("filler"));
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // as intended
    }
  }

  void free() throws IOException {
    Files.delete(filler);
  }
}
