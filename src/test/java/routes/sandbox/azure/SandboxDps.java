package routes.sandbox.azure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;

/**
 * A stand-in for Azure's Device Provisioning Service over MQTT 3.1.1 that refuses what the service
 * refuses (learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-dps), and creates assigned devices
 * in a stand-in hub.
 *
 * <p>Where the documentation leaves it open, a wrong token, scope or API version is refused at
 * CONNECT, and an unknown certificate with an answer of status 401, as the service's SDKs expect
 * it.
 */
public final class SandboxDps extends SandboxBroker {
  public static final String ID_SCOPE = "0ne00ABCDEF";

  /** What a device does in turn. */
  public enum Step {
    CONNECT,
    SUBSCRIBE,
    REGISTER,
    POLL
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MQTT_3_1_1 = 4;
  private static final int UNSUPPORTED_VERSION = 0x84;
  private static final String ANSWERS = "$dps/registrations/res/";
  private static final Pattern USER =
      Pattern.compile("([^/]+)/registrations/([^/]+)/api-version=2019-03-31(&ClientVersion=.*)?");
  private static final Pattern REGISTER =
      Pattern.compile("\\$dps/registrations/PUT/iotdps-register/\\?\\$rid=([^&]+)");
  private static final Pattern POLL =
      Pattern.compile(
          "\\$dps/registrations/GET/iotdps-get-operationstatus/\\?\\$rid=([^&]+)&operationId=(.+)");

  private static final class Operation {
    final String id = "5." + UUID.randomUUID();
    final String registration;
    final DpsEnrollment enrollment;
    final Connect client;
    int polls;
    Instant due;

    Operation(String registration, DpsEnrollment enrollment, Connect client) {
      this.registration = registration;
      this.enrollment = enrollment;
      this.client = client;
    }
  }

  private final List<DpsEnrollment> enrollments = new CopyOnWriteArrayList<>();
  private final Map<String, Operation> operations = new ConcurrentHashMap<>();
  private final Map<String, DpsEnrollment> connected = new ConcurrentHashMap<>();
  private final SandboxAzure hub;
  private final Certificates certificates;
  private final Path ca;

  /** Seconds that a device shall wait between two requests. */
  public volatile int retryAfter = 1;

  /** How many polls are answered with "assigning". */
  public volatile int pollsUntilAssigned = 1;

  /** How many of the next requests are answered with 429. */
  public final AtomicInteger throttled = new AtomicInteger();

  /** Polls before the time was up; they are answered. */
  public final AtomicInteger earlyPolls = new AtomicInteger();

  /** How many registrations have been assigned. */
  public final AtomicInteger assigned = new AtomicInteger();

  /** Whether a step gets no answer; called when a device has reached it. */
  public volatile Predicate<Step> holds = step -> false;

  /**
   * @param hub which gets the assigned devices
   */
  public SandboxDps(SandboxAzure hub, Certificates certificates) {
    this.hub = hub;
    this.certificates = certificates;
    this.ca = certificates.write(certificates.ca().certificate());
  }

  @Override
  public SandboxDps start(int port) {
    Certificates.Identity server = certificates.server(host(), Certificates.ec());
    withTls(Certificates.serverContext(server, new AnyCertificate()), false);
    super.start(port);
    return this;
  }

  @Override
  protected boolean asksForCertificate() {
    return true;
  }

  /**
   * @param key base64
   */
  public DpsEnrollment enrollGroup(String key) {
    return enroll(DpsEnrollment.group(Base64.getDecoder().decode(key)));
  }

  public DpsEnrollment enrollGroup(X509Certificate authority) {
    return enroll(DpsEnrollment.group(authority));
  }

  /**
   * @param key base64
   */
  public DpsEnrollment enroll(String registrationId, String deviceId, String key) {
    return enroll(
        DpsEnrollment.individual(registrationId, deviceId, Base64.getDecoder().decode(key)));
  }

  public DpsEnrollment enroll(String registrationId, X509Certificate certificate) {
    return enroll(DpsEnrollment.individual(registrationId, certificate));
  }

  private DpsEnrollment enroll(DpsEnrollment enrollment) {
    enrollments.add(enrollment);
    return enrollment;
  }

  /** The settings of a device, without its credential, as environment variables. */
  public Map<String, String> settings() {
    return Map.of(
        "AZURE_DPS_ID_SCOPE",
        ID_SCOPE,
        "AZURE_DPS_HOST",
        host() + ":" + port(),
        "AZURE_PORT",
        String.valueOf(hub.port()),
        "AZURE_CA",
        ca.toString());
  }

  @Override
  protected int onConnect(Connect connect) {
    if (connect.version() != MQTT_3_1_1) {
      return refused("protocol level " + connect.version() + " is not 3.1.1", UNSUPPORTED_VERSION);
    }
    if (holds.test(Step.CONNECT)) {
      return SILENCE;
    }
    return refusal(connect).map(why -> refused(why, NOT_AUTHORIZED)).orElse(SUCCESS);
  }

  private Optional<String> refusal(Connect connect) {
    Matcher user = USER.matcher(connect.username().orElse(""));
    if (!user.matches()) {
      return Optional.of("the user name or its API version: " + connect.username().orElse(""));
    }
    if (!user.group(1).equals(ID_SCOPE)) {
      return Optional.of("unknown ID scope " + user.group(1));
    }
    String id = user.group(2);
    if (!id.equals(connect.clientId())) {
      return Optional.of("the client id is not the registration id " + id);
    }
    return connect.password().isPresent()
        ? tokenRefusal(id, connect.password().get())
        : certificateRefusal(id, connect);
  }

  private Optional<String> tokenRefusal(String id, String password) {
    SasCheck token = SasCheck.of(password);
    if (token == null) {
      return Optional.of("the password is not a token");
    }
    Optional<String> why = Optional.of("no enrollment with a key for " + id);
    for (DpsEnrollment each : enrollments) {
      if (each.hasKey() && each.isFor(id)) {
        why = token.refusalByDps(ID_SCOPE + "/registrations/" + id, each.key(id), Instant.now());
        if (why.isEmpty()) {
          connected.put(id, each);
          return why;
        }
      }
    }
    return why;
  }

  private Optional<String> certificateRefusal(String id, Connect connect) {
    X509Certificate shown = connect.certificate().orElse(null);
    if (shown == null) {
      return Optional.of(id + " sent neither token nor certificate");
    }
    if (!shown.getSubjectX500Principal().getName().equals("CN=" + id)) {
      return Optional.of("the certificate's common name is not the registration id " + id);
    }
    connected.remove(id);
    enrollments.stream()
        .filter(each -> !each.hasKey() && each.isFor(id) && each.accepts(shown))
        .findFirst()
        .ifPresent(each -> connected.put(id, each));
    return Optional.empty();
  }

  @Override
  protected int onSubscribe(Connect client, String filter, int qos) {
    if (!filter.equals(ANSWERS + "#")) {
      return refused("the filter " + filter, DISCONNECT);
    }
    return holds.test(Step.SUBSCRIBE) ? SILENCE : Math.min(qos, 1);
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    boolean known =
        REGISTER.matcher(message.topic()).matches() || POLL.matcher(message.topic()).matches();
    if (!known || message.qos() == 2) {
      return refused("a message on " + message.topic(), DISCONNECT);
    }
    return SUCCESS;
  }

  @Override
  protected void onPublished(Connect client, Arrived message) {
    Matcher register = REGISTER.matcher(message.topic());
    if (register.matches()) {
      if (!holds.test(Step.REGISTER)) {
        register(client, register.group(1), message);
      }
      return;
    }
    Matcher poll = POLL.matcher(message.topic());
    if (poll.matches() && !holds.test(Step.POLL)) {
      poll(client, poll.group(1), poll.group(2));
    }
  }

  private boolean throttles(Connect client, String request) {
    if (throttled.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      return false;
    }
    error(client, request, 429, 429001, "Too many requests.", "&retry-after=" + retryAfter);
    return true;
  }

  private void register(Connect client, String request, Arrived message) {
    String id = client.clientId();
    if (throttles(client, request)) {
      return;
    }
    JsonNode body;
    try {
      body = JSON.readTree(message.payload());
    } catch (IOException e) {
      body = JSON.missingNode();
    }
    if (!body.path("registrationId").asText().equals(id)) {
      error(client, request, 400, 400004, "The body is not a registration of " + id + ".", "");
      return;
    }
    DpsEnrollment enrollment = connected.get(id);
    if (enrollment == null) {
      error(client, request, 401, 401002, "Invalid certificate.", "");
      return;
    }
    Operation operation = new Operation(id, enrollment, client);
    operations.put(operation.id, operation);
    assigning(client, request, operation);
  }

  private void assigning(Connect client, String request, Operation operation) {
    operation.due = Instant.now().plusSeconds(retryAfter);
    ObjectNode body =
        JSON.createObjectNode().put("operationId", operation.id).put("status", "assigning");
    answer(client, request, 202, "&retry-after=" + retryAfter, body);
  }

  private void poll(Connect client, String request, String operationId) {
    if (throttles(client, request)) {
      return;
    }
    Operation operation = operations.get(operationId);
    if (operation == null || !operation.registration.equals(client.clientId())) {
      error(client, request, 404, 404204, "Operation not found.", "");
      return;
    }
    if (Instant.now().isBefore(operation.due.minus(Duration.ofMillis(20)))) {
      earlyPolls.incrementAndGet();
    }
    if (operation.polls++ < pollsUntilAssigned) {
      assigning(client, request, operation);
    } else {
      answer(client, request, 200, "", result(operation));
    }
  }

  private ObjectNode result(Operation operation) {
    DpsEnrollment enrollment = operation.enrollment;
    ObjectNode body = JSON.createObjectNode().put("operationId", operation.id);
    ObjectNode state = body.putObject("registrationState");
    state.put("registrationId", operation.registration);
    if (!enrollment.enabled) {
      state.put("status", "disabled");
      return body.put("status", "disabled");
    }
    if (enrollment.failure != 0) {
      state.put("status", "failed").put("errorCode", enrollment.failure);
      state.put("errorMessage", "Allocation failed.");
      return body.put("status", "failed");
    }
    String device = enrollment.device(operation.registration);
    if (enrollment.hasKey()) {
      hub.register(
          device, Base64.getEncoder().encodeToString(enrollment.key(operation.registration)));
    } else {
      X509Certificate certificate = operation.client.certificate().orElseThrow();
      hub.registerThumbprint(device, SandboxAzure.thumbprint(certificate, "SHA-256"));
    }
    assigned.incrementAndGet();
    state.put("assignedHub", host()).put("deviceId", device).put("status", "assigned");
    state.put("substatus", "initialAssignment");
    return body.put("status", "assigned");
  }

  private void error(
      Connect client, String request, int status, int code, String message, String more) {
    ObjectNode body = JSON.createObjectNode().put("errorCode", code).put("message", message);
    refused(message);
    answer(client, request, status, more, body);
  }

  private void answer(Connect client, String request, int status, String more, ObjectNode body) {
    String topic = ANSWERS + status + "/?$rid=" + request + more;
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    // Later, because a client may have its CONNACK before the broker has its session.
    schedule(Duration.ZERO, () -> publish(client.clientId(), Sent.message(topic, bytes)));
  }
}
