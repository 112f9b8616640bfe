package routes.pubsub;

import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.StatusCode.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import routes.uplink.GatewaySettings;

/** Why a message was not published, in one line. */
final class PublishFailure extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST = 300;

  /** Whose fault it is. */
  enum Kind {
    /** The message cannot be published. */
    REFUSED,
    /** A setting or the cloud's configuration is wrong; somebody must fix it. */
    DENIED,
    /** A temporary fault of the network or the cloud. */
    UNREACHABLE,
    /** Nobody's fault: Camel was replacing the client. */
    RENEWED
  }

  private final Kind kind;

  private PublishFailure(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /**
   * Classifies an exception of the endpoint. Only INVALID_ARGUMENT is the fault of the message; a
   * missing topic, permission or quota would fail every message
   * (cloud.google.com/pubsub/docs/reference/error-codes).
   */
  static PublishFailure of(Throwable thrown, GatewaySettings settings) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApiException e) {
        return of(e.getStatusCode().getCode(), e, settings);
      }
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      // Camel closes its publisher every three minutes, even while messages are being published.
      if (cause instanceof IllegalStateException || cause instanceof RejectedExecutionException) {
        return new PublishFailure(Kind.RENEWED, "the client was renewed meanwhile", thrown);
      }
      if (cause instanceof IOException) {
        return new PublishFailure(
            Kind.DENIED,
            settings.key(PubsubSettings.KEY) + ": no credentials: " + line(cause),
            thrown);
      }
    }
    return new PublishFailure(Kind.REFUSED, line(thrown), thrown);
  }

  private static PublishFailure of(Code code, ApiException e, GatewaySettings settings) {
    String key = settings.key(PubsubSettings.KEY);
    return switch (code) {
      case INVALID_ARGUMENT -> new PublishFailure(Kind.REFUSED, "refused: " + detail(e), e);
      case UNAUTHENTICATED ->
          new PublishFailure(Kind.DENIED, key + ": not accepted: " + detail(e), e);
      case PERMISSION_DENIED ->
          new PublishFailure(
              Kind.DENIED, key + ": lacks the role roles/pubsub.publisher: " + detail(e), e);
      case NOT_FOUND ->
          new PublishFailure(
              Kind.DENIED, settings.key("topic") + ": does not exist: " + detail(e), e);
      case FAILED_PRECONDITION, UNIMPLEMENTED ->
          new PublishFailure(Kind.DENIED, "every message is refused: " + detail(e), e);
      case DEADLINE_EXCEEDED ->
          new PublishFailure(Kind.UNREACHABLE, "no answer in time: " + detail(e), e);
      case UNAVAILABLE -> new PublishFailure(Kind.UNREACHABLE, "unreachable: " + detail(e), e);
      default -> new PublishFailure(Kind.UNREACHABLE, code + ": " + detail(e), e);
    };
  }

  /** The server's description, or the cause of the failed call. */
  private static String detail(ApiException e) {
    if (!(e.getCause() instanceof StatusRuntimeException status)) {
      return line(e);
    }
    Throwable cause = status.getCause();
    while (cause instanceof SSLException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String said = status.getStatus().getDescription();
    return cause != null ? line(cause) : said != null ? line(said) : "no reason given";
  }

  private static String line(Throwable e) {
    return line(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  private static String line(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }
}
