package routes.bus;

import io.nats.client.Connection;
import io.nats.client.api.ServerInfo;
import io.nats.client.api.StreamConfiguration;
import java.util.List;
import routes.settings.Settings;

/**
 * The setting {@code bus.replicas}: how many servers of a NATS cluster store each stream.
 *
 * @param wanted 0 if the setting is empty. New streams then have one replica, and existing streams
 *     keep theirs, because another process may have set them.
 */
record Replicas(int wanted) {
  private static final String KEY = "bus.replicas";

  /** The most that nats-server accepts. */
  private static final int MOST = 5;

  /**
   * @throws routes.settings.SettingException if the value is not a number from 1 to 5
   */
  static Replicas of(Settings settings) {
    return new Replicas(settings.find(KEY).isEmpty() ? 0 : settings.integer(KEY, 1, MOST));
  }

  /** The number for a new stream. */
  int initial() {
    return Math.max(1, wanted);
  }

  boolean differ(StreamConfiguration found) {
    return wanted > 0 && found.getReplicas() != wanted;
  }

  /**
   * nats-server 2.9 accepts this change on a server without a cluster, and then ignores it.
   *
   * @throws IllegalStateException if several replicas are wanted and the server is in no cluster
   */
  void check(Connection connection) {
    if (wanted > 1 && !isClustered(connection.getServerInfo())) {
      throw new IllegalStateException(advice(connection));
    }
  }

  /** A server that has leaf-node remotes, but no cluster, reports its own name as the cluster's. */
  static boolean isClustered(ServerInfo server) {
    return server.getCluster() != null && !server.getCluster().equals(server.getServerName());
  }

  /** Why the servers cannot store so many replicas, and how to fix it. */
  String advice(Connection connection) {
    ServerInfo server = connection.getServerInfo();
    List<String> found = server.getConnectURLs();
    return KEY
        + "="
        + initial()
        + " needs a cluster of at least "
        + initial()
        + " nats-servers; found "
        + (isClustered(server) && !found.isEmpty()
            ? "cluster " + server.getCluster() + " with " + String.join(", ", found)
            : server.getHost() + ":" + server.getPort() + " without a cluster")
        + "; start or add servers, or lower "
        + KEY;
  }
}
