package routes.bus;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import java.io.IOException;

/** Why JetStream refuses something, and how to fix it, in one line. */
public final class StreamProblem {
  private static final int UNAVAILABLE = 10008;

  private StreamProblem() {}

  /** The error's text, and how to get a cluster to answer again if it does not. */
  public static String describe(Exception e, Connection connection) {
    return code(e) == UNAVAILABLE ? text(e) + "; " + quorum(connection) : text(e);
  }

  /** The error's own text. */
  static String text(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static int code(Exception e) {
    return e instanceof JetStreamApiException api ? api.getApiErrorCode() : 0;
  }

  /**
   * Why a stream could not be checked or created.
   *
   * @param stream its name
   */
  static String describe(String stream, Exception e, Connection connection, Replicas replicas) {
    String problem = text(e);
    return "stream "
        + stream
        + ": "
        + problem
        + switch (code(e)) {
          case 10076, 10039 -> "; start nats-server with -js or a jetstream block";
          case 10005 -> // also reported when a single replica does not fit
              problem.contains("storage") ? storage() : "; " + replicas.advice(connection);
          case 10074 -> "; " + replicas.advice(connection);
          case 10023, 10047, 10028, 10122 -> storage();
          case 10065 -> "; another stream has its subject: delete it or change its subjects";
          case 10052 -> "; delete the stream if its messages are not needed";
          case UNAVAILABLE -> "; " + quorum(connection);
          default -> e instanceof IOException ? "; " + unanswered(connection) : "";
        };
  }

  private static String storage() {
    return "; lower bus.max-bytes and dead.max-bytes, or raise nats-server's max_file_store";
  }

  static String quorum(Connection connection) {
    return "cluster "
        + connection.getServerInfo().getCluster()
        + " has no quorum: start its other servers, so that more than half of them run";
  }

  private static String unanswered(Connection connection) {
    return Replicas.isClustered(connection.getServerInfo())
        ? quorum(connection)
        : "is JetStream enabled (nats-server -js), and may this user access $JS.API.>?";
  }
}
