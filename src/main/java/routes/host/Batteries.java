package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import oshi.hardware.PowerSource;
import routes.host.BatteryMetrics.Battery;

/**
 * Reads the batteries. OSHI would give a power supply that is not a battery the charge of the one
 * before it.
 */
final class Batteries {
  private Batteries() {}

  /**
   * @param supplies /sys/class/power_supply
   */
  static Supplier<List<Source<Battery>>> linux(Path supplies) {
    return () -> {
      List<Source<Battery>> batteries = new ArrayList<>();
      if (!Files.isDirectory(supplies)) {
        return batteries;
      }
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(supplies)) {
        for (Path folder : folders) {
          if (Files.exists(folder.resolve("capacity"))) {
            String name = KernelFile.name(folder);
            batteries.add(new Source<>(name, () -> battery(name, folder)));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return batteries;
    };
  }

  private static Battery battery(String name, Path folder) {
    String percent = KernelFile.answer(folder.resolve("capacity"));
    boolean discharges = KernelFile.answer(folder.resolve("status")).equals("Discharging");
    String seconds = KernelFile.answer(folder.resolve("time_to_empty_now"));
    return new Battery(
        name,
        percent.isEmpty() ? Double.NaN : Integer.parseInt(percent) / 100.0,
        discharges && !seconds.isEmpty() ? Long.parseLong(seconds) : Double.NaN);
  }

  static Supplier<List<Source<Battery>>> elsewhere(Supplier<List<PowerSource>> sources) {
    return () ->
        sources.get().stream()
            .filter(source -> !isMissing(source))
            .map(
                source ->
                    Source.of(
                        source.getName(),
                        new Battery(
                            source.getName(),
                            source.getRemainingCapacityPercent(),
                            source.getTimeRemainingEstimated())))
            .collect(Collectors.toList());
  }

  /** If there is no battery, Windows describes one of capacity 1 and charge 0. */
  private static boolean isMissing(PowerSource source) {
    return source.getMaxCapacity() == 1 && source.getCurrentCapacity() == 0;
  }
}
