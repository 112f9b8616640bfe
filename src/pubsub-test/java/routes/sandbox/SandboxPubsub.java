package routes.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.pubsub.v1.PublishRequest;
import com.google.pubsub.v1.PublishResponse;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.PubsubProto;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A stand-in for Google Cloud Pub/Sub. It accepts what the real service accepts, and refuses the
 * rest with the same codes. Published messages are kept and written to {@code
 * <landed>/<topic>.jsonl} as PubsubMessage in JSON, with the data in base64.
 */
public final class SandboxPubsub implements AutoCloseable {
  /** google.pubsub.v1.Publisher, of googleapis' pubsub.proto. */
  static final MethodDescriptor<PublishRequest, PublishResponse> PUBLISH =
      MethodDescriptor.<PublishRequest, PublishResponse>newBuilder()
          .setType(MethodType.UNARY)
          .setFullMethodName("google.pubsub.v1.Publisher/Publish")
          .setRequestMarshaller(ProtoUtils.marshaller(PublishRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(PublishResponse.getDefaultInstance()))
          .build();

  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final int MEGABYTE = 1_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path landed;
  private final Set<String> topics = ConcurrentHashMap.newKeySet();
  private final List<PubsubMessage> messages = new CopyOnWriteArrayList<>();
  private ScheduledExecutorService late;
  private Server server;

  /** The status of every response; with OK, the rules decide. */
  public volatile Function<PubsubMessage, Status> answer = message -> Status.OK;

  /** The delay of a response. */
  public volatile Duration delay = Duration.ZERO;

  /** Accepts an Authorization header, which is null if absent. */
  public volatile Predicate<String> authorization = header -> true;

  public SandboxPubsub(Path landed) {
    this.landed = landed;
  }

  /**
   * @param name as projects/p/topics/t
   */
  public SandboxPubsub addTopic(String name) {
    topics.add(name);
    return this;
  }

  /**
   * @param port 0 for a free port
   */
  public SandboxPubsub start(int port) {
    return start(builder(port));
  }

  /**
   * @param certificate PEM
   * @param key PEM, PKCS#8
   */
  public SandboxPubsub startTls(int port, Path certificate, Path key) {
    return start(builder(port).useTransportSecurity(certificate.toFile(), key.toFile()));
  }

  private static NettyServerBuilder builder(int port) {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
        .maxInboundMessageSize(20 * MEGABYTE);
  }

  private SandboxPubsub start(NettyServerBuilder builder) {
    late = Executors.newSingleThreadScheduledExecutor();
    for (ServiceDescriptor described : PubsubProto.getDescriptor().getServices()) {
      ServerServiceDefinition.Builder service =
          ServerServiceDefinition.builder(described.getFullName());
      if (PUBLISH.getServiceName().equals(described.getFullName())) {
        service.addMethod(PUBLISH, ServerCalls.asyncUnaryCall(this::publish));
      }
      OtherMethods.addTo(service, described, PUBLISH.getFullMethodName());
      builder.addService(ServerInterceptors.intercept(service.build(), this::authorize));
    }
    try {
      server = builder.build();
      server.start();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getPort();
  }

  /** The published messages, in order of arrival. */
  public List<PubsubMessage> messages() {
    return messages;
  }

  private <A, B> ServerCall.Listener<A> authorize(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (authorization.test(headers.get(AUTHORIZATION))) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.UNAUTHENTICATED.withDescription(
            "Request had invalid authentication credentials. Expected OAuth 2 access token."),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private void publish(PublishRequest request, StreamObserver<PublishResponse> observer) {
    late.schedule(() -> answer(request, observer), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void answer(PublishRequest request, StreamObserver<PublishResponse> observer) {
    Status status = judge(request);
    if (!status.isOk()) {
      observer.onError(status.asRuntimeException());
      return;
    }
    PublishResponse.Builder ids = PublishResponse.newBuilder();
    for (PubsubMessage message : request.getMessagesList()) {
      String id = String.valueOf(messages.size() + 1);
      messages.add(message);
      land(request.getTopic(), id, message);
      ids.addMessageIds(id);
    }
    observer.onNext(ids.build());
    observer.onCompleted();
  }

  private Status judge(PublishRequest request) {
    String topic = request.getTopic();
    if (!topic.matches("projects/[^/]+/topics/[^/]+")) {
      return invalid("Invalid resource name given (name=" + topic + ").");
    }
    if (!topics.contains(topic)) {
      return Status.NOT_FOUND.withDescription(
          "Resource not found (resource=" + topic.replaceFirst(".*/", "") + ").");
    }
    if (request.getMessagesCount() == 0 || request.getMessagesCount() > 1000) {
      return invalid("The request should hold 1 to 1000 messages.");
    }
    if (request.getSerializedSize() > 10 * MEGABYTE) {
      return invalid("Request payload size exceeds the limit: 10485760 bytes.");
    }
    for (PubsubMessage message : request.getMessagesList()) {
      Status status = judge(message);
      if (!status.isOk()) {
        return status;
      }
      if (!message.getOrderingKey().equals(request.getMessages(0).getOrderingKey())) {
        return invalid("All messages of a request should have the same ordering key.");
      }
    }
    return Status.OK;
  }

  /** cloud.google.com/pubsub/quotas#resource_limits. */
  private Status judge(PubsubMessage message) {
    Map<String, String> attributes = message.getAttributesMap();
    if (message.getData().isEmpty() && attributes.isEmpty()) {
      return invalid("Some messages have neither data nor attributes.");
    }
    if (message.getData().size() > 10 * MEGABYTE) {
      return invalid("The data is longer than 10 MB.");
    }
    if (attributes.size() > 100) {
      return invalid("There are more than 100 attributes.");
    }
    if (bytes(message.getOrderingKey()) > 1024) {
      return invalid("The ordering key is longer than 1024 bytes.");
    }
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      String key = attribute.getKey();
      if (key.isEmpty() || bytes(key) > 256 || key.startsWith("goog")) {
        return invalid("An attribute key should be 1 to 256 bytes and not begin with goog.");
      }
      if (bytes(attribute.getValue()) > 1024) {
        return invalid("An attribute value is longer than 1024 bytes.");
      }
    }
    return answer.apply(message);
  }

  private static Status invalid(String description) {
    return Status.INVALID_ARGUMENT.withDescription(description);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private void land(String topic, String id, PubsubMessage message) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("messageId", id);
    line.put("publishTime", Instant.now().toString());
    line.put("attributes", new LinkedHashMap<>(message.getAttributesMap()));
    line.put("data", message.getData().toByteArray());
    try {
      Files.writeString(
          landed.resolve(topic.replaceFirst(".*/", "") + ".jsonl"),
          JSON.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it. It can be restarted. */
  @Override
  public void close() {
    if (server != null) {
      server.shutdownNow();
      late.shutdownNow();
      try {
        server.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
