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
    /** The message's. */
    REFUSED,
    /** That of a setting or of the cloud's side: a person has to mend it. */
    DENIED,
    /** The network's or the cloud's: it passes. */
    UNREACHABLE,
    /** No one's: the client was closed at this moment, to be made anew. */
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
   * Tells what the endpoint threw. Only INVALID_ARGUMENT is about the message: a missing topic, a
   * missing right or a spent quota would fail every other one as well
   * (cloud.google.com/pubsub/docs/reference/error-codes).
   */
  static PublishFailure of(Throwable thrown, GatewaySettings settings) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ApiException e) {
        return of(e.getStatusCode().getCode(), e, settings);
      }
    }
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      // Camel closes its publisher every three minutes, also under those that publish.
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
              Kind.DENIED, settings.key("topic") + ": there is none: " + detail(e), e);
      case FAILED_PRECONDITION, UNIMPLEMENTED ->
          new PublishFailure(Kind.DENIED, "refused whatever the message: " + detail(e), e);
      case DEADLINE_EXCEEDED ->
          new PublishFailure(Kind.UNREACHABLE, "no answer in time: " + detail(e), e);
      case UNAVAILABLE -> new PublishFailure(Kind.UNREACHABLE, "unreachable: " + detail(e), e);
      default -> new PublishFailure(Kind.UNREACHABLE, code + ": " + detail(e), e);
    };
  }

  /** What the server said, or else what broke under the call. */
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
