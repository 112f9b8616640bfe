package routes.host;

import static routes.host.KernelFile.unsigned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import oshi.hardware.NetworkIF;
import routes.host.NetworkMetrics.Interface;
import routes.host.NetworkMetrics.Traffic;

/**
 * Reads the network interfaces. On Linux they all come from /proc/net/dev, because OSHI misses
 * interfaces without an address, such as members of a bridge. OSHI also opens a dozen files per
 * interface.
 */
final class Interfaces {
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private Interfaces() {}

  /**
   * @param dev /proc/net/dev
   */
  static Supplier<List<Source<Interface>>> linux(Path dev) {
    return () -> {
      try {
        return parse(KernelFile.text(dev));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  static List<Source<Interface>> parse(String dev) {
    List<Source<Interface>> interfaces = new ArrayList<>();
    for (String line : dev.lines().filter(text -> !text.isBlank()).toList()) {
      // An address alias, as old kernels list it, has a colon in its name: eth0:1
      int colon = line.lastIndexOf(':');
      String name = line.substring(0, Math.max(0, colon)).strip();
      if (!name.isEmpty()) {
        // bytes packets errors dropped and four more, of what was received, then of what was sent
        String[] numbers = BLANKS.split(line.substring(colon + 1).strip());
        interfaces.add(new Source<>(name, () -> traffic(name, numbers)));
      } else if (line.indexOf('|') < 0) { // the two header lines have one
        interfaces.add(new Source<>(line.strip(), () -> traffic(name, new String[0])));
      }
    }
    return interfaces;
  }

  private static Interface traffic(String name, String[] numbers) {
    if (numbers.length < 16) {
      throw new IllegalStateException("a truncated line");
    }
    return new Interface(name, traffic(numbers, 0), traffic(numbers, 8));
  }

  private static Traffic traffic(String[] numbers, int first) {
    return new Traffic(
        unsigned(numbers[first]),
        unsigned(numbers[first + 1]),
        unsigned(numbers[first + 2]),
        unsigned(numbers[first + 3]));
  }

  /** Skips an interface that has been removed and so cannot be updated. */
  static Supplier<List<Source<Interface>>> elsewhere(Supplier<List<NetworkIF>> interfaces) {
    return () ->
        interfaces.get().stream()
            .filter(NetworkIF::updateAttributes)
            .map(link -> Source.of(link.getName(), traffic(link)))
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
    return new Link(
        link.getName(), link.getIfAlias(), link.getMacaddr(), addresses, link.getSpeed());
  }

  /**
   * This machine's addresses of an interface. By index, since Java may not be able to represent its
   * name.
   */
  static List<String> addresses(int index) {
    try {
      NetworkInterface link = NetworkInterface.getByIndex(index);
      return link == null
          ? List.of()
          : link.inetAddresses()
              .map(address -> address.getHostAddress().replaceFirst("%.*", ""))
              .sorted(Comparator.comparing(address -> address.contains(":")))
              .collect(Collectors.toList());
    } catch (SocketException e) {
      return List.of();
    }
  }

  /**
   * @param net /sys/class/net, which a mounted root may lack
   * @param addresses returns the addresses of the interface with an index
   */
  static List<Link> links(Path net, IntFunction<List<String>> addresses) {
    List<Link> links = new ArrayList<>();
    if (!Files.isDirectory(net)) {
      return links;
    }
    // skips the file bonding_masters
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(net, Files::isDirectory)) {
      for (Path directory : directories) {
        int index = (int) number(directory.resolve("ifindex"));
        links.add(
            new Link(
                KernelFile.name(directory),
                KernelFile.answer(directory.resolve("ifalias")),
                KernelFile.answer(directory.resolve("address")),
                index > 0 ? addresses.apply(index) : List.of(),
                speed(number(directory.resolve("speed")))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return links;
  }

  private static long speed(double megabits) {
    double plausible = Bounds.LINK_SPEED.check(megabits * 1e6);
    return Double.isNaN(plausible) ? 0 : (long) plausible;
  }

  /** NaN if the kernel has none: an interface that is down does not report its speed. */
  private static double number(Path file) {
    try {
      return Long.parseLong(KernelFile.answer(file));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /**
   * The description of an interface.
   *
   * @param alias a description set by an administrator
   * @param speed bit/s; 0 or less is unknown
   */
  record Link(String name, String alias, String mac, List<String> addresses, long speed) {}
}
