package routes.jetstream;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.apache.camel.Route;
import org.slf4j.LoggerFactory;
import routes.bus.Bus;
import routes.bus.StateBucket;
import routes.settings.Settings;
import routes.uplink.GatewaySettings;

/**
 * Compares the route file with that of the replica that started this route before. Replicas share a
 * durable consumer, whose options each of them sets from its own file. A difference is logged in
 * one line.
 */
final class RouteVersion {
  private static final int SHOWN = 8;

  private final StateBucket bucket;
  private final String route;
  private final String replica;
  private final String key;
  private final String version;
  private boolean compared;

  private RouteVersion(Bus bus, String route, String replica, String durable, String version) {
    this.bucket = new StateBucket(bus);
    this.route = route;
    this.replica = replica;
    this.key = StateBucket.key("route", durable);
    this.version = version;
  }

  /** Empty without {@code replica.id}, and for a route that is in no file. */
  static Optional<RouteVersion> of(Route route, Bus bus, String durable) {
    Optional<String> replica = GatewaySettings.replica(new Settings(route.getCamelContext()));
    if (replica.isEmpty() || route.getSourceResource() == null) {
      return Optional.empty();
    }
    try (InputStream file = route.getSourceResource().getInputStream()) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(file.readAllBytes());
      String version = HexFormat.of().formatHex(digest).substring(0, SHOWN);
      return Optional.of(
          new RouteVersion(bus, route.getRouteId(), replica.get(), durable, version));
    } catch (IOException e) {
      return Optional.empty(); // deleted in the meantime; the reload reports that
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Compares, and stores this version for the next replica. Later calls have no effect. */
  void compare() {
    if (compared) {
      return;
    }
    compared = true;
    try {
      String[] last = bucket.read(key).orElse("").split(" ");
      if (last.length == 2 && !last[0].equals(replica) && !last[1].equals(version)) {
        LoggerFactory.getLogger(route)
            .warn(
                "replica {} has another version of the route file ({} instead of {}); use the same"
                    + " file for all replicas",
                last[0],
                last[1],
                version);
      }
      bucket.write(key, replica + " " + version);
    } catch (IllegalStateException e) {
      LoggerFactory.getLogger(route)
          .warn("cannot compare the route file with other replicas: {}", e.getMessage());
    }
  }
}
