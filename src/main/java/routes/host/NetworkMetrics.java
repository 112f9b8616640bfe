package routes.host;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Network interfaces.
 *
 * <p><i>Registers:</i>
 *
 * <ul>
 *   <li>system.network.io - bytes - By - network.interface.name, network.io.direction (receive,
 *       transmit)
 *   <li>system.network.packet.count - packets - {packet} - the same
 *   <li>system.network.packet.dropped - dropped packets - {packet} - the same
 *   <li>system.network.errors - packets with errors - {error} - the same
 * </ul>
 *
 * <p><i>Not registered:</i> an interface without traffic since it came up; dropped outgoing packets
 * on systems other than Linux, where OSHI does not report them.
 */
final class NetworkMetrics extends MeterFamily {
  private static final String NAME = "network.interface.name";
  private static final String DIRECTION = "network.io.direction";
  private static final Metric IO =
      Metric.counter("system.network.io", "By", "Bytes received or transmitted", NAME, DIRECTION);
  private static final Metric PACKETS =
      Metric.counter(
          "system.network.packet.count",
          "{packet}",
          "Packets received or transmitted",
          NAME,
          DIRECTION);
  private static final Metric DROPPED =
      Metric.counter(
          "system.network.packet.dropped", "{packet}", "Dropped packets", NAME, DIRECTION);
  private static final Metric ERRORS =
      Metric.counter("system.network.errors", "{error}", "Packets with errors", NAME, DIRECTION);

  private final Supplier<List<Source<Interface>>> interfaces;
  private final Predicate<String> chosen;

  /**
   * @param chosen which interfaces to measure, by name
   */
  NetworkMetrics(Supplier<List<Source<Interface>>> interfaces, Predicate<String> chosen) {
    super("network");
    this.interfaces = interfaces;
    this.chosen = chosen;
  }

  @Override
  protected void read(Reading reading) {
    for (Source<Interface> link : interfaces.get()) {
      if (chosen.test(link.name())) {
        reading.record(link.name(), () -> add(reading, link.value().call()));
      }
    }
  }

  private static void add(Reading reading, Interface link) {
    if (link.received().packets() + link.sent().packets() > 0) {
      add(reading, link.name(), "receive", link.received());
      add(reading, link.name(), "transmit", link.sent());
    }
  }

  private static void add(Reading reading, String name, String direction, Traffic traffic) {
    reading.add(IO, traffic.bytes(), name, direction);
    reading.add(PACKETS, traffic.packets(), name, direction);
    reading.add(DROPPED, traffic.dropped(), name, direction);
    reading.add(ERRORS, traffic.errors(), name, direction);
  }

  /** A network interface at one instant. */
  record Interface(String name, Traffic received, Traffic sent) {}

  /** The traffic in one direction; NaN is unknown. */
  record Traffic(double bytes, double packets, double errors, double dropped) {}
}
