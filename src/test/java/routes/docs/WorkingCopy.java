package routes.docs;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A copy of the repository as a build leaves it, created without a build. */
final class WorkingCopy {
  private static final Path TARGET = Path.of("target").toAbsolutePath();
  private static final Set<String> LEFT_OUT =
      Set.of(".git", ".tools", "target", "data", ".env", ".camel-jbang");

  private final Path folder;

  private WorkingCopy(Path folder) {
    this.folder = folder;
  }

  static Path into(Path folder) throws IOException {
    WorkingCopy copy = new WorkingCopy(folder);
    try (Stream<Path> top = Files.list(Path.of(""))) {
      for (Path each : top.filter(path -> !LEFT_OUT.contains(path.toString())).toList()) {
        copy.copy(each);
      }
    }
    copy.link(Path.of(".tools"));
    Files.createDirectory(folder.resolve("target"));
    copy.link(Path.of("target/lib"));
    copy.link(Path.of("target/test-classes"));
    Files.writeString(folder.resolve("target/test-classpath"), libraries());
    copy.jar();
    return folder;
  }

  private void copy(Path from) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, folder.resolve(each), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  private void link(Path path) throws IOException {
    if (Files.exists(path)) {
      Files.createSymbolicLink(folder.resolve(path), path.toAbsolutePath());
    }
  }

  private static String libraries() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Like the jar that Maven packages after the tests. It is newer than the sources. */
  private void jar() throws IOException {
    Path classes = TARGET.resolve("classes");
    try (OutputStream file = Files.newOutputStream(folder.resolve("target/cloud-iot-routes.jar"));
        JarOutputStream out = new JarOutputStream(file, manifest());
        Stream<Path> all = Files.walk(classes)) {
      for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, out);
      }
    }
  }

  private static Manifest manifest() throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, "routes.EdgeRuntime");
    attributes.put(new Attributes.Name("Enable-Native-Access"), "ALL-UNNAMED");
    try (Stream<Path> jars = Files.list(TARGET.resolve("lib"))) {
      attributes.put(
          Attributes.Name.CLASS_PATH,
          jars.map(jar -> "lib/" + jar.getFileName()).sorted().collect(Collectors.joining(" ")));
    }
    return manifest;
  }

  /** Deletes the copy, but not the targets of its links. */
  static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
