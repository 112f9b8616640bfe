import java.io.BufferedOutputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Removes the names of local variables from the classes of jars, for tools/image: {@code java
 * tools/StripDebug.java JAR...}. Line numbers stay, because stack traces need them. Needs a JDK 24
 * or later.
 */
final class StripDebug {
  private final ClassFile format;

  private StripDebug(URL... jars) {
    ClassHierarchyResolver types =
        ClassHierarchyResolver.ofResourceParsing(new URLClassLoader(jars))
            .orElse(ClassHierarchyResolver.defaultResolver());
    format =
        ClassFile.of(
            ClassFile.DebugElementsOption.DROP_DEBUG,
            ClassFile.ConstantPoolSharingOption.NEW_POOL,
            ClassFile.ClassHierarchyResolverOption.of(types));
  }

  public static void main(String... args) throws IOException {
    List<Path> jars = Stream.of(args).map(Path::of).toList();
    URL[] urls = new URL[args.length];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = jars.get(i).toUri().toURL();
    }
    StripDebug strip = new StripDebug(urls);
    for (Path jar : jars) {
      strip.jar(jar);
    }
  }

  private void jar(Path jar) throws IOException {
    Path smaller = jar.resolveSibling(jar.getFileName() + ".new");
    try (ZipFile from = new ZipFile(jar.toFile());
        ZipOutputStream to =
            new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(smaller)))) {
      to.setLevel(9);
      for (ZipEntry entry : Collections.list(from.entries())) {
        byte[] content = from.getInputStream(entry).readAllBytes();
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTime(entry.getTime());
        to.putNextEntry(copy);
        to.write(entry.getName().endsWith(".class") ? strip(content) : content);
        to.closeEntry();
      }
    }
    Files.setLastModifiedTime(smaller, Files.getLastModifiedTime(jar));
    Files.move(smaller, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A class that refers to a missing optional dependency stays as it is. */
  private byte[] strip(byte[] content) {
    try {
      return format.transformClass(format.parse(content), ClassTransform.ACCEPT_ALL);
    } catch (IllegalArgumentException e) {
      return content;
    }
  }
}
