package routes.sandbox.azure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The files of a storage endpoint of Azure IoT Hub: {@code
 * hub/partition/year/month/day/hour/minute}, one JSON object per line, one file per batch.
 */
final class BlobFiles {
  private static final int PARTITIONS = 4;
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyy/MM/dd/HH/mm").withZone(ZoneOffset.UTC);

  private final Path hub;
  private final Map<Integer, StringBuilder> batch = new LinkedHashMap<>();

  /**
   * @param folder in place of the container
   * @param hub its name
   */
  BlobFiles(Path folder, String hub) {
    this.hub = folder.resolve(hub);
  }

  /**
   * @return whether a batch begins: it waits for {@link #write()}
   */
  synchronized boolean add(String device, String line) {
    boolean first = batch.isEmpty();
    int partition = Math.floorMod(device.hashCode(), PARTITIONS);
    batch.computeIfAbsent(partition, none -> new StringBuilder()).append(line).append('\n');
    return first;
  }

  synchronized void write() {
    String minute = NAME.format(Instant.now());
    batch.forEach((partition, lines) -> append(hub.resolve(partition + "/" + minute), lines));
    batch.clear();
  }

  private static void append(Path file, StringBuilder lines) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
