package routes.pubsub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.rpc.ApiExceptionFactory;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.pubsub.PublishFailure.Kind;

class PublishFailureTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          INVALID_ARGUMENT    | REFUSED     | refused: why
          UNAUTHENTICATED     | DENIED      | pubsub.service-account-key: not accepted: why
          PERMISSION_DENIED   | DENIED      | pubsub.service-account-key: lacks the role roles/pubsub.publisher: why
          NOT_FOUND           | DENIED      | pubsub.topic: there is none: why
          FAILED_PRECONDITION | DENIED      | refused whatever the message: why
          RESOURCE_EXHAUSTED  | UNREACHABLE | RESOURCE_EXHAUSTED: why
          INTERNAL            | UNREACHABLE | INTERNAL: why
          DEADLINE_EXCEEDED   | UNREACHABLE | no answer in time: why
          UNAVAILABLE         | UNREACHABLE | unreachable: why
          """)
  void aCodeSaysWhoseFaultItIs(Status.Code code, Kind kind, String message) {
    Throwable status = code.toStatus().withDescription("why").asRuntimeException();
    PublishFailure failure =
        PublishFailure.of(
            new ExecutionException(
                ApiExceptionFactory.createException(status, GrpcStatusCode.of(code), false)));
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage(message);
  }

  @Test
  void whatNeverReachedTheCloudIsToldApart() {
    PublishFailure none =
        PublishFailure.of(new ExecutionException(new IOException("no default\ncredentials")));
    assertThat(none.kind()).isEqualTo(Kind.DENIED);
    assertThat(none)
        .hasMessage("pubsub.service-account-key: no credentials: no default credentials");
    assertThat(PublishFailure.of(new IllegalStateException("shut-down")).kind())
        .isEqualTo(Kind.RENEWED);
    assertThat(PublishFailure.of(new RejectedExecutionException()).kind()).isEqualTo(Kind.RENEWED);
    assertThat(PublishFailure.of(new ClassCastException("body")).kind()).isEqualTo(Kind.REFUSED);
  }
}
