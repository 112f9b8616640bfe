package routes.bundles;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import routes.settings.AtomicFile;

/**
 * A bundle as a ZIP file: route files, their tests, and settings, without folders. Everything is
 * bounded, because the size of a ZIP file says little about its content.
 */
final class Archive {
  /** Bytes of the ZIP file. */
  static final long LARGEST = 4L << 20;

  /** Bytes of all files in it. */
  static final long LARGEST_CONTENT = 8L << 20;

  static final int MOST_FILES = 500;
  static final String SETTINGS = "settings.properties";

  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,100}\\.(camel|test)\\.yaml|settings\\.properties");

  /** A fixed time makes equal folders equal archives. */
  private static final long NO_TIME = 0x386D4380L * 1000; // 2000-01-01

  private Archive() {}

  /**
   * Extracts the files into an empty folder, and waits until they are on the disk.
   *
   * @throws BundleException for content that a bundle must not have
   */
  static void unpack(Path zip, Path folder) throws IOException, BundleException {
    long left = LARGEST_CONTENT;
    int files = 0;
    try (ZipInputStream in =
        new ZipInputStream(Files.newInputStream(zip), StandardCharsets.UTF_8)) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; files++) {
        checkName(entry.getName());
        if (files == MOST_FILES) {
          throw new BundleException("more than " + MOST_FILES + " files");
        }
        left -= write(in, folder.resolve(entry.getName()), left);
      }
    } catch (IllegalArgumentException | ZipException | EOFException e) {
      throw new BundleException("not a ZIP file: " + e.getMessage());
    }
    if (files == 0 && !isEmptyZip(zip)) {
      throw new BundleException("not a ZIP file");
    }
    AtomicFile.sync(folder);
  }

  /** Whether the file consists of an end record (APPNOTE.TXT 4.3.16), whose numbers are all 0. */
  private static boolean isEmptyZip(Path zip) throws IOException {
    byte[] end = Arrays.copyOf(new byte[] {'P', 'K', 5, 6}, 22);
    return Files.size(zip) == end.length && Arrays.equals(Files.readAllBytes(zip), end);
  }

  private static void checkName(String name) throws BundleException {
    if (!NAME.matcher(name).matches()) {
      throw new BundleException(
          "the file \""
              + name.replaceAll("[^ -~]", "?").substring(0, Math.min(100, name.length()))
              + "\" is not allowed; a bundle has NAME.camel.yaml, NAME.test.yaml and "
              + SETTINGS
              + ", without folders");
    }
  }

  private static long write(InputStream in, Path file, long limit)
      throws IOException, BundleException {
    if (Files.exists(file)) {
      throw new BundleException("two files with the name " + file.getFileName());
    }
    long written = 0;
    byte[] buffer = new byte[8192];
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
      for (int read; (read = in.read(buffer)) > 0; written += read) {
        if (written + read > limit) {
          throw new BundleException("larger than " + (LARGEST_CONTENT >> 20) + " MB when unpacked");
        }
        out.write(buffer, 0, read);
      }
    }
    AtomicFile.sync(file);
    return written;
  }

  /**
   * Creates an archive of a folder.
   *
   * @throws BundleException for content that a device would refuse
   */
  static void pack(Path folder, Path zip) throws IOException, BundleException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.sorted().toList();
    }
    long size = 0;
    for (Path file : files) {
      checkName(file.getFileName() + (Files.isDirectory(file) ? "/" : ""));
      size += Files.size(file);
    }
    if (files.size() > MOST_FILES || size > LARGEST_CONTENT) {
      throw new BundleException(
          "more than " + MOST_FILES + " files or " + (LARGEST_CONTENT >> 20) + " MB");
    }
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Path file : files) {
        ZipEntry entry = new ZipEntry(file.getFileName().toString());
        entry.setTime(NO_TIME);
        out.putNextEntry(entry);
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    if (Files.size(zip) > LARGEST) {
      throw new BundleException("larger than " + (LARGEST >> 20) + " MB as a ZIP file");
    }
  }
}
