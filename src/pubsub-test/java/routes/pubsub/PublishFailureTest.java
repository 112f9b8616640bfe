package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.rpc.ApiExceptionFactory;
import io.grpc.Status;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.pubsub.PublishFailure.Kind;
import routes.uplink.GatewaySettings;
import routes.uplink.TestSettings;

class PublishFailureTest {
  private static final GatewaySettings SETTINGS = TestSettings.of("pubsub", Map.of());

  private static PublishFailure of(Throwable thrown) {
    return PublishFailure.of(thrown, SETTINGS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INVALID_ARGUMENT    | REFUSED     | refused: why
          UNAUTHENTICATED     | DENIED      | pubsub.service-account-key: not accepted: why
          PERMISSION_DENIED   | DENIED      | pubsub.service-account-key: lacks the role roles/pubsub.publisher: why
          NOT_FOUND           | DENIED      | pubsub.topic: does not exist: why
          FAILED_PRECONDITION | DENIED      | every message is refused: why
          RESOURCE_EXHAUSTED  | UNREACHABLE | RESOURCE_EXHAUSTED: why
          INTERNAL            | UNREACHABLE | INTERNAL: why
          DEADLINE_EXCEEDED   | UNREACHABLE | no answer in time: why
          UNAVAILABLE         | UNREACHABLE | unreachable: why
          """)
  void classifiesStatusCodes(Status.Code code, Kind kind, String message) {
    Throwable status = code.toStatus().withDescription("why").asRuntimeException();
    PublishFailure failure =
        of(
            new ExecutionException(
                ApiExceptionFactory.createException(status, GrpcStatusCode.of(code), false)));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage(message);
  }

  @Test
  void recognizesFailuresBeforeTheCloud() {
    PublishFailure none = of(new ExecutionException(new IOException("no default\ncredentials")));
    assertThat(none.kind()).isEqualTo(Kind.DENIED);
    assertThat(none)
        .hasMessage("pubsub.service-account-key: no credentials: no default credentials");
    assertThat(of(new IllegalStateException("shut-down")).kind()).isEqualTo(Kind.RENEWED);
    assertThat(of(new RejectedExecutionException()).kind()).isEqualTo(Kind.RENEWED);
    assertThat(of(new ClassCastException("body")).kind()).isEqualTo(Kind.REFUSED);
  }
}
