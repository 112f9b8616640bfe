package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import oshi.hardware.NetworkIF;
import routes.host.NetworkMetrics.Interface;
import routes.host.NetworkMetrics.Traffic;

/**
 * Reads the network interfaces: on Linux all of them at once from /proc/net/dev, since OSHI doesn't
 * see one without an address, as in a bridge, and opens a dozen files for each.
 */
final class Interfaces {
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private Interfaces() {}

  /**
   * @param dev /proc/net/dev
   */
  static Supplier<List<Interface>> linux(Path dev) {
    return () -> {
      try {
        return parse(Files.readString(dev));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  static List<Interface> parse(String dev) {
    List<Interface> interfaces = new ArrayList<>();
    for (String line : dev.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        // bytes packets errors dropped and four more, of what was received, then of what was sent
        String[] numbers = BLANKS.split(line.substring(colon + 1).strip());
        interfaces.add(
            new Interface(
                line.substring(0, colon).strip(), traffic(numbers, 0), traffic(numbers, 8)));
      }
    }
    return interfaces;
  }

  private static Traffic traffic(String[] numbers, int first) {
    return new Traffic(
        Long.parseLong(numbers[first]),
        Long.parseLong(numbers[first + 1]),
        Long.parseLong(numbers[first + 2]),
        Long.parseLong(numbers[first + 3]));
  }

  /** One that has gone doesn't answer the update. */
  static Supplier<List<Interface>> elsewhere(Supplier<List<NetworkIF>> interfaces) {
    return () ->
        interfaces.get().stream()
            .filter(NetworkIF::updateAttributes)
            .map(Interfaces::traffic)
            .collect(Collectors.toList());
  }

  private static Interface traffic(NetworkIF link) {
    return new Interface(
        link.getName(),
        new Traffic(
            link.getBytesRecv(), link.getPacketsRecv(), link.getInErrors(), link.getInDrops()),
        new Traffic(link.getBytesSent(), link.getPacketsSent(), link.getOutErrors(), Double.NaN));
  }

  static Link link(NetworkIF link) {
    List<String> addresses = new ArrayList<>(List.of(link.getIPv4addr()));
    addresses.addAll(List.of(link.getIPv6addr()));
    return new Link(link.getName(), link.getMacaddr(), addresses, link.getSpeed());
  }

  /**
   * @param net /sys/class/net, which a mounted root may lack
   */
  static List<Link> links(Path net) {
    List<Link> links = new ArrayList<>();
    if (!Files.isDirectory(net)) {
      return links;
    }
    // bonding_masters lies there too, a file
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(net, Files::isDirectory)) {
      for (Path directory : directories) {
        String megabits = read(directory.resolve("speed"));
        links.add(
            new Link(
                directory.getFileName().toString(),
                read(directory.resolve("address")),
                List.of(),
                megabits.isEmpty() ? 0 : Long.parseLong(megabits) * 1_000_000));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return links;
  }

  /** An interface without a speed, as one that is down, refuses to be read. */
  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * What an interface is.
   *
   * @param speed bit/s; 0 or less is unknown
   */
  record Link(String name, String mac, List<String> addresses, long speed) {}
}
