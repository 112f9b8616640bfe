package routes.bundles;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import routes.settings.AtomicFile;
import routes.settings.Settings;

/**
 * The folder {@code bundles} in data.directory: {@code state.json}, and one folder per bundle named
 * by its version. A power cut at any moment leaves the old or the new bundle: a folder is complete
 * and on the disk before the state names it, and the state is replaced in one step.
 */
public final class BundleFolder {
  /** Starts without success after which the device returns to the previous bundle. */
  private static final int MOST_STARTS = 3;

  private static final String STATE = "state.json";
  private static final String KEY = "trusted-key";
  private static final String PART = ".part";

  private final Path root;

  BundleFolder(Path root) {
    this.root = root;
  }

  static BundleFolder of(Settings settings) {
    String data = settings.require("data.directory", "the folder for data that survives restarts");
    return new BundleFolder(Path.of(data).toAbsolutePath().resolve("bundles"));
  }

  BundleState state() throws IOException {
    try {
      return BundleState.of(Files.readAllBytes(root.resolve(STATE)));
    } catch (NoSuchFileException e) {
      return BundleState.NONE;
    }
  }

  void write(BundleState state) throws IOException {
    AtomicFile.write(root.resolve(STATE), state.json());
  }

  /** Leaves the bundles of another key, which may be stolen, and forgets its versions. */
  void trust(String key) throws IOException {
    Path file = root.resolve(KEY);
    String before = Files.exists(file) ? Files.readString(file) : "";
    if (!before.equals(key)) {
      if (!before.isEmpty()) {
        write(BundleState.NONE);
      }
      AtomicFile.write(file, key.getBytes(StandardCharsets.US_ASCII));
    }
  }

  boolean contains(Path file) {
    return file.toAbsolutePath().startsWith(root);
  }

  /** The folder of a bundle. */
  Path of(int version) {
    return root.resolve(Integer.toString(version));
  }

  /** Where an archive is downloaded, so that an interrupted download can continue. */
  Path download(String sha256) throws IOException {
    Files.createDirectories(root);
    try (Stream<Path> all = Files.list(root)) {
      for (Path path : all.filter(each -> each.toString().endsWith(PART)).toList()) {
        if (!path.endsWith(sha256 + PART)) {
          Files.delete(path);
        }
      }
    }
    return root.resolve(sha256 + PART);
  }

  /** A new folder in which files are checked together. */
  Path checked() throws IOException {
    Path folder = root.resolve("check");
    delete(folder);
    return Files.createDirectories(folder);
  }

  /** Extracts an archive into the folder of its version. */
  void unpack(Path zip, int version) throws IOException, BundleException {
    Path fresh = root.resolve(version + ".new");
    delete(fresh);
    delete(of(version));
    Archive.unpack(zip, Files.createDirectories(fresh));
    Files.move(fresh, of(version), StandardCopyOption.ATOMIC_MOVE);
    AtomicFile.sync(root);
  }

  /** Deletes everything that the state does not name, except downloads that can continue. */
  void clean() throws IOException {
    BundleState state = state();
    List<String> used = List.of(STATE, KEY, "" + state.current(), "" + state.previous());
    try (Stream<Path> all = Files.exists(root) ? Files.list(root) : Stream.empty()) {
      for (Path path : all.toList()) {
        String name = path.getFileName().toString();
        if (!used.contains(name) && !name.endsWith(PART)) {
          delete(path);
        }
      }
    }
  }

  /**
   * Counts a start of the runtime, and returns to the previous bundle after three starts in a row
   * that did not end well.
   *
   * @return the state from which to start
   */
  BundleState start() throws IOException {
    BundleState state = state();
    if (state.current() == 0) {
      return state;
    }
    boolean complete = Files.isDirectory(of(state.current()));
    BundleState next =
        !complete
            ? state.rolledBack("the files of version " + state.current() + " are missing")
            : state.starts() < MOST_STARTS
                ? state.started(state.starts() + 1)
                : state.rolledBack(
                    "the runtime did not start "
                        + MOST_STARTS
                        + " times with version "
                        + state.current());
    write(next);
    return next;
  }

  /** The bundle's files with a suffix, sorted; none for version 0. */
  List<Path> files(int version, String suffix) {
    if (version == 0) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(of(version))) {
      return all.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> all = Files.walk(path)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
