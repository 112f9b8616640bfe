package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import oshi.hardware.Sensors;
import routes.host.SensorMetrics.Kind;
import routes.host.SensorMetrics.Sensor;

/**
 * Reads the sensors. On Linux they come from the kernel's hwmon chips and thermal zones, since OSHI
 * numbers fans in the order in which drivers were loaded.
 */
final class Hwmon {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  /** Chips and zones that measure a processor; others measure boards, disks and radios. */
  private static final Pattern PROCESSOR =
      Pattern.compile(
          "coretemp|k8temp|k10temp|zenpower|via.cputemp|x86_pkg_temp|cpu[-_]?\\d*[-_]thermal");

  /** Mainboard chips, whose first voltage is the processor's. */
  private static final Pattern MAINBOARD = Pattern.compile("(nct|it8|w83|f71|f81|sch5|lm78).*");

  private Hwmon() {}

  /**
   * @param hwmon /sys/class/hwmon
   * @param thermal /sys/class/thermal
   */
  static Supplier<List<Source<Sensor>>> linux(Path hwmon, Path thermal) {
    return () -> {
      List<Source<Sensor>> sensors = new ArrayList<>();
      for (Path zone : list(thermal, "thermal_zone*")) {
        sensors.add(source(zone, "temp", () -> zone(zone)));
      }
      for (Path chip : list(hwmon, "hwmon*")) {
        sensors.add(source(chip, "temp", () -> temperature(chip)));
        sensors.add(source(chip, "in", () -> voltage(chip)));
        for (Path fan : list(chip, "fan*_input")) {
          sensors.add(source(chip, attribute(fan), () -> fan(chip, attribute(fan))));
        }
      }
      return sensors;
    };
  }

  static Supplier<List<Source<Sensor>>> elsewhere(Supplier<Sensors> sensors) {
    return () -> {
      List<Source<Sensor>> found = new ArrayList<>();
      Sensors now = sensors.get();
      found.add(
          Source.of(
              "temp", new Sensor(Kind.TEMPERATURE, "cpu", positive(now.getCpuTemperature()))));
      found.add(Source.of("in", new Sensor(Kind.VOLTAGE, "cpu", now.getCpuVoltage())));
      int[] fans = now.getFanSpeeds();
      for (int i = 0; i < fans.length; i++) {
        String id = "fan" + (i + 1);
        found.add(Source.of(id, new Sensor(Kind.FAN_SPEED, id, fans[i])));
      }
      return found;
    };
  }

  /** OSHI returns 0 for an unknown value. */
  private static double positive(double value) {
    return value > 0 ? value : Double.NaN;
  }

  private static Sensor zone(Path zone) {
    boolean processor = PROCESSOR.matcher(KernelFile.answer(zone.resolve("type"))).matches();
    return new Sensor(
        Kind.TEMPERATURE, "cpu", processor ? number(zone.resolve("temp")) / 1000 : Double.NaN);
  }

  /** The first sensor of a processor's chip is that of the package, if it has one. */
  private static Sensor temperature(Path chip) {
    double degrees = Double.NaN;
    if (PROCESSOR.matcher(name(chip)).matches()) {
      for (Path input : list(chip, "temp*_input")) {
        degrees = Bounds.TEMPERATURE.check(value(chip, attribute(input)) / 1000);
        if (!Double.isNaN(degrees)) {
          break;
        }
      }
    }
    return new Sensor(Kind.TEMPERATURE, "cpu", degrees);
  }

  private static Sensor voltage(Path chip) {
    double volts = MAINBOARD.matcher(name(chip)).matches() ? value(chip, "in0") / 1000 : Double.NaN;
    return new Sensor(Kind.VOLTAGE, "cpu", volts);
  }

  private static Sensor fan(Path chip, String fan) {
    return new Sensor(Kind.FAN_SPEED, id(chip) + "-" + fan, value(chip, fan));
  }

  /**
   * An id from the chip and its location, such as nct6775.656, since hwmon's numbers change between
   * boots.
   */
  private static String id(Path chip) {
    String name = name(chip);
    try {
      String device = KernelFile.name(chip.resolve("device").toRealPath());
      return device.contains(name) ? device : name + "-" + device;
    } catch (IOException e) {
      return name; // a driver without a device
    }
  }

  private static String name(Path chip) {
    return KernelFile.answer(chip.resolve("name"));
  }

  /** NaN if the driver returns nothing or reports the sensor as broken. */
  private static double value(Path chip, String attribute) {
    boolean broken = KernelFile.answer(chip.resolve(attribute + "_fault")).equals("1");
    return broken ? Double.NaN : number(chip.resolve(attribute + "_input"));
  }

  private static double number(Path file) {
    String text = KernelFile.answer(file);
    return text.isEmpty() || text.equals("-1") ? Double.NaN : Long.parseLong(text);
  }

  /** Such as fan1 of fan1_input. */
  private static String attribute(Path input) {
    return KernelFile.name(input).replace("_input", "");
  }

  private static List<Path> list(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
        entries.forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    found.sort(Comparator.comparingInt(Hwmon::index));
    return found;
  }

  /** The number in an entry's name. */
  private static int index(Path entry) {
    Matcher number = NUMBER.matcher(KernelFile.name(entry));
    return number.find() ? Integer.parseInt(number.group()) : 0;
  }

  private static Source<Sensor> source(Path device, String attribute, Callable<Sensor> value) {
    return new Source<>(KernelFile.name(device) + "/" + attribute, value);
  }
}
