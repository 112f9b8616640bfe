package routes.sandbox.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.CommandRequests;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;

/**
 * A stand-in for AWS IoT Core, with one account that has a device certificate, the thing {@value
 * #THING}, the policy of docs/aws-policy.json and the rule {@value #RULE}, whose S3 bucket is a
 * folder. It enforces the quotas of a connection and disconnects where AWS does.
 *
 * <p>docs/sandbox.md lists what it supports, rejects and lacks.
 *
 * @see <a href="https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html">MQTT</a>
 * @see <a href="https://docs.aws.amazon.com/general/latest/gr/iot-core.html">AWS IoT Core endpoints
 *     and quotas</a>
 */
public final class SandboxAws extends SandboxBroker implements SandboxCloud {
  public static final String THING = "edge-1";
  public static final String RULE = "device_metrics";

  /** The rule of cloud/aws/setup and cloud/aws/template.yaml; a test compares them. */
  public static final String SQL = "SELECT * FROM 'devices/+/+'";

  public static final String KEY =
      "${topic()}/${parse_time(\"yyyy/MM/dd/HH\", timestamp())}/${timestamp()}-${newuuid()}";

  /** The protocol that a client must request by ALPN on port 443. */
  public static final String ALPN = "x-amzn-mqtt-ca";

  private static final int TOPIC_NAME_INVALID = 0x90;
  private static final int PACKET_TOO_LARGE = 0x95;
  private static final int QUOTA_EXCEEDED = 0x97;
  private static final int QOS_NOT_SUPPORTED = 0x9B;
  private static final int MOST_ALIASES = 8;
  private static final long LONGEST_EXPIRY = Duration.ofDays(7).toSeconds();
  private static final int LONGEST_CLIENT_ID = 128;
  private static final int LARGEST_PAYLOAD = 128 * 1024;

  /** AWS's own clients show that AWS announces one; no manual contains the number. */
  private static final int LARGEST_PACKET = 146 * 1024;

  private static final int MOST_FILTERS = 8;
  private static final int MOST_SUBSCRIPTIONS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Publishes per second that a connection may send; others are discarded. */
  public volatile int publishRate = 100;

  /** Messages of all connections discarded because of the rate limit. */
  public final AtomicInteger discarded = new AtomicInteger();

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The maximum keep-alive in seconds, which replaces a larger one of a client. */
  int leastKeepAlive = 30;

  int mostKeepAlive = 1_200;

  private final AwsAccount account;
  private final Certificates certificates;
  private final Map<Connect, RateLimit> publishes = new IdentityHashMap<>();

  /** Creates certificates of new devices; without templates until one is added. */
  public final FleetProvisioning provisioning;

  private final CommandRequests requests = new CommandRequests("iot-data");
  private final Path landed;
  private Map<String, String> settings = Map.of();
  private Map<String, String> views = Map.of();
  private SandboxAws port443;

  /** The template of {@code ./run}; it names a thing after the device. */
  private static final String TEMPLATE = "edge-devices";

  /**
   * @param landed the folder of the rule's objects and errors
   */
  public SandboxAws(Path landed, Certificates certificates) {
    this(landed, certificates, THING);
  }

  /**
   * @param thing in place of {@value #THING}
   */
  public SandboxAws(Path landed, Certificates certificates, String thing) {
    this(new AwsAccount(), landed, certificates);
    settings = thing(thing, Certificates.rsa());
    rule(RULE, SQL, KEY);
    Certificates.Identity watcher = certificates.client("watch", Certificates.ec());
    register(watcher.certificate(), watcherPolicy(thing), null);
    views =
        Map.of(
            "SANDBOX_AWS_CERTIFICATE", certificates.write(watcher.certificate()).toString(),
            "SANDBOX_AWS_PRIVATE_KEY",
                certificates.writePkcs8(watcher.keys().getPrivate()).toString());
  }

  /** Creates a certificate and returns the settings of the device that has it. */
  private Map<String, String> thing(String thing, KeyPair keys) {
    Certificates.Identity device = certificates.client(thing, keys);
    register(device.certificate(), policy(Path.of("docs/aws-policy.json")), thing);
    return Map.of(
        "AWS_CERTIFICATE", certificates.write(device.certificate()).toString(),
        "AWS_PRIVATE_KEY", certificates.writeTraditional(device.keys().getPrivate()).toString(),
        "AWS_ROOT_CA", certificates.write(certificates.ca().certificate()).toString(),
        "AWS_THING", thing);
  }

  @Override
  public Map<String, String> admit(String device) {
    return withEndpoint(thing(device, Certificates.ec()));
  }

  private Map<String, String> withEndpoint(Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put("AWS_ENDPOINT", host() + ":" + port());
    return all;
  }

  /** Receives everything on the device's topics, as a client other than the device. */
  private static String watcherPolicy(String thing) {
    String arn = "arn:aws:iot:" + AwsCertificate.REGION + ":" + AwsCertificate.ACCOUNT + ":";
    List<String> below =
        List.of("devices/" + thing + "/*", "cmd/" + thing + "/*", "$aws/things/" + thing + "/*");
    ObjectNode policy = JSON.createObjectNode().put("Version", "2012-10-17");
    ArrayNode statements = policy.putArray("Statement");
    statement(statements, "Allow", "iot:Connect", List.of(arn + "client/*"));
    statement(statements, "Deny", "iot:Connect", List.of(arn + "client/" + thing));
    statement(statements, "Allow", "iot:Subscribe", prefixed(arn + "topicfilter/", below));
    statement(statements, "Allow", "iot:Subscribe", prefixed(arn + "topicfilter/$share/*/", below));
    for (String action : List.of("iot:Publish", "iot:RetainPublish", "iot:Receive")) {
      statement(statements, "Allow", action, prefixed(arn + "topic/", below));
    }
    return policy.toString();
  }

  private static List<String> prefixed(String prefix, List<String> texts) {
    return texts.stream().map(prefix::concat).toList();
  }

  private static void statement(
      ArrayNode statements, String effect, String action, List<String> resources) {
    ObjectNode statement = statements.addObject().put("Effect", effect).put("Action", action);
    resources.forEach(statement.putArray("Resource")::add);
  }

  /** With ./run, new devices can be provisioned too. */
  @Override
  public void open(String host, int port, Consumer<Arrived> listener) {
    super.open(host, port, listener);
    provisioning.template(TEMPLATE, "");
    views = new LinkedHashMap<>(views);
    claim(TEMPLATE)
        .forEach(
            (name, value) -> {
              if (name.startsWith("AWS_PROVISIONING_")) {
                views.put(name, value);
              }
            });
  }

  @Override
  public Map<String, String> views() {
    return views;
  }

  private SandboxAws(AwsAccount account, Path landed, Certificates certificates) {
    this.account = account;
    this.landed = landed;
    this.certificates = certificates;
    this.provisioning =
        new FleetProvisioning(
            certificates,
            (certificate, thing) ->
                register(certificate, policy(Path.of("docs/aws-policy.json")), thing));
    account.add(this);
  }

  /** Reads a policy file, with REGION and ACCOUNT replaced by those of this account. */
  public static String policy(Path file) {
    try {
      return Files.readString(file)
          .replace("REGION", AwsCertificate.REGION)
          .replace("ACCOUNT", AwsCertificate.ACCOUNT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Registers a certificate of the CA, or changes its policy.
   *
   * @param thing the thing it is attached to; null for none
   */
  public void register(X509Certificate certificate, String policy, String thing) {
    account.register(
        certificate, new AwsCertificate(AwsPolicy.parse(policy), Optional.ofNullable(thing)));
  }

  /**
   * Registers a claim certificate for a template, with the policy of docs/aws-claim-policy.json.
   *
   * @return the settings of a device that has only this certificate, as environment variables
   */
  public Map<String, String> claim(String template) {
    Certificates.Identity claim = certificates.client("claim", Certificates.ec());
    Path policy = Path.of("docs/aws-claim-policy.json");
    register(claim.certificate(), policy(policy).replace("TEMPLATE", template), null);
    return Map.of(
        "AWS_ENDPOINT", host() + ":" + port(),
        "AWS_ROOT_CA", certificates.write(certificates.ca().certificate()).toString(),
        "AWS_PROVISIONING_TEMPLATE", template,
        "AWS_PROVISIONING_CLAIM_CERTIFICATE", certificates.write(claim.certificate()).toString(),
        "AWS_PROVISIONING_CLAIM_PRIVATE_KEY",
            certificates.writePkcs8(claim.keys().getPrivate()).toString());
  }

  /** Adds a rule with an S3 action. */
  public void rule(String name, String sql, String key) {
    account.add(new TopicRule(name, sql, key, landed));
  }

  @Override
  public SandboxAws start(int port) {
    withTls(certificates.serverContext(certificates.server(host(), Certificates.ec())), true);
    super.start(port);
    return this;
  }

  /** The endpoint of the same account as on port 443, for clients that request MQTT by ALPN. */
  public SandboxAws start443(int port) {
    port443 = new SandboxAws(account, landed, certificates);
    port443.withProtocols(ALPN).start(port);
    return port443;
  }

  @Override
  public String name() {
    return "aws";
  }

  @Override
  public String protocol() {
    return "MQTT 5, client certificate";
  }

  @Override
  public int usualPort() {
    return 8884;
  }

  @Override
  public Map<String, String> settings() {
    return withEndpoint(settings);
  }

  /**
   * Publishes like {@code aws iot-data publish}, with a response topic and correlation data (MQTT
   * 5, 4.10).
   */
  @Override
  public CompletableFuture<Reply> command(String device, String name, String payload) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    if (!account.connected(device)) {
      reply.completeExceptionally(new IllegalStateException(device + " is not connected"));
      return reply;
    }
    String silence = device + " did not answer " + name + " within " + PATIENCE.toSeconds() + " s";
    schedule(PATIENCE, () -> reply.completeExceptionally(new IllegalStateException(silence)));
    account.publish(requests.request("cmd/" + device + "/" + name, payload, reply));
    return reply;
  }

  @Override
  public void desire(String device, String json) {
    String update = "{\"state\":{\"desired\":" + json + "}}";
    String rejected =
        shadow(device, null, "update", update.getBytes(StandardCharsets.UTF_8))
            .get("update/rejected");
    if (rejected != null) {
      throw new IllegalArgumentException("refused by the shadow: " + rejected);
    }
  }

  /** The state of a thing's shadow as JSON: desired and reported. */
  public String shadow(String thing) {
    return account.shadow(thing, null).state().toString();
  }

  @Override
  public JsonNode reported(String device) {
    return account.shadow(device, null).state().path("reported");
  }

  /** Sends the responses of a shadow to subscribers, and returns them. */
  private Map<String, String> shadow(String thing, String name, String operation, byte[] request) {
    String path = "$aws/things/" + thing + "/shadow/" + (name == null ? "" : "name/" + name + "/");
    Map<String, String> answers = account.shadow(thing, name).answer(operation, request);
    answers.forEach((end, answer) -> answer("shadow", path + end, answer));
    return answers;
  }

  private void answer(String service, String topic, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    account.publish(new Arrived(service, topic, bytes, 1, false, MqttProperties.NO_PROPERTIES));
  }

  @Override
  protected int onConnect(Connect connect) {
    String id = connect.clientId();
    if (id.startsWith("$") && !connect.assigned()
        || id.getBytes(StandardCharsets.UTF_8).length > LONGEST_CLIENT_ID) {
      return refused("the client id " + id, CLIENT_ID_INVALID);
    }
    if (provisioning.holds.test(FleetProvisioning.Step.CONNECT)) {
      return SILENCE;
    }
    if (!account.may(connect, "iot:Connect", "client/" + id)) {
      return refused(
          "the client id " + id + ": not allowed by the certificate's policy", NOT_AUTHORIZED);
    }
    return connect.will().map(will -> judge(connect, will.message())).orElse(SUCCESS);
  }

  private int judge(Connect connect, Arrived will) {
    if (will.qos() == 2) {
      return refused("a will with QoS 2", QOS_NOT_SUPPORTED);
    }
    return AwsTopicName.fits(will.topic())
            && will.payload().length <= LARGEST_PAYLOAD
            && mayPublish(connect, will)
        ? SUCCESS
        : refused(
            "a will on " + will.topic() + ": not allowed by the certificate's policy",
            NOT_AUTHORIZED);
  }

  /** AWS assigns such ids and refuses a client that reconnects with one. */
  @Override
  protected String spareId() {
    return "$GEN/" + UUID.randomUUID();
  }

  @Override
  protected long sessionExpiry(Connect connect) {
    return Math.min(LONGEST_EXPIRY, super.sessionExpiry(connect));
  }

  @Override
  protected int topicAliasMaximum() {
    return MOST_ALIASES;
  }

  @Override
  protected boolean subscriptionIdentifiers() {
    return false;
  }

  @Override
  protected boolean matches(String filter, String topic) {
    return AwsTopicName.matches(filter, topic);
  }

  /** Filters with wildcards get no retained messages. */
  @Override
  protected boolean sendsRetained(String filter, String topic) {
    return filter.equals(topic);
  }

  /** Returns 7, which is not in 3.1.1, if not authorized. */
  @Override
  protected int returnCode(int reason) {
    return reason == NOT_AUTHORIZED ? 7 : super.returnCode(reason);
  }

  @Override
  protected MqttProperties announce(Connect connect) {
    MqttProperties properties = super.announce(connect);
    Map<MqttPropertyType, Integer> announced = new EnumMap<>(MqttPropertyType.class);
    announced.put(MqttPropertyType.SESSION_EXPIRY_INTERVAL, (int) sessionExpiry(connect));
    announced.put(MqttPropertyType.MAXIMUM_QOS, 1);
    announced.put(MqttPropertyType.RETAIN_AVAILABLE, 1);
    announced.put(MqttPropertyType.MAXIMUM_PACKET_SIZE, LARGEST_PACKET);
    announced.put(MqttPropertyType.TOPIC_ALIAS_MAXIMUM, MOST_ALIASES);
    announced.put(MqttPropertyType.WILDCARD_SUBSCRIPTION_AVAILABLE, 1);
    announced.put(MqttPropertyType.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0);
    announced.put(MqttPropertyType.SHARED_SUBSCRIPTION_AVAILABLE, 1);
    if (keepAlive(connect) != connect.keepAlive()) {
      announced.put(MqttPropertyType.SERVER_KEEP_ALIVE, keepAlive(connect));
    }
    announced.forEach((type, value) -> properties.add(new IntegerProperty(type.value(), value)));
    return properties;
  }

  @Override
  protected int keepAlive(Connect connect) {
    int wanted = connect.keepAlive() == 0 ? mostKeepAlive : connect.keepAlive();
    return Math.max(leastKeepAlive, Math.min(mostKeepAlive, wanted));
  }

  @Override
  protected void onConnected(Connect connect) {
    publishes.put(connect, new RateLimit(publishRate));
    account.takeOver(this, connect.clientId());
  }

  @Override
  protected void onClosed(Connect client) {
    publishes.remove(client);
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    String topic = message.topic();
    if (message.qos() == 2) {
      return refused("a message with QoS 2, which has no answer", SILENCE);
    }
    if (message.payload().length > LARGEST_PAYLOAD) {
      return end(client, PACKET_TOO_LARGE, "a payload of more than 128 KB");
    }
    if (!AwsTopicName.fits(topic)) {
      return end(client, TOPIC_NAME_INVALID, "a topic of more than 256 bytes or 7 slashes");
    }
    if (!AwsTopicName.mayBePublished(topic)) {
      return refused(
          topic + ": of AWS's own topics only rules, shadows, jobs and provisioning are supported",
          DISCONNECT);
    }
    if (!mayPublish(client, message)) {
      String retained = message.retain() ? "a retained message on " : "a message on ";
      return refused(retained + topic + ": not allowed by the certificate's policy", DISCONNECT);
    }
    if (!publishes.get(client).take(System.nanoTime())) {
      discarded.incrementAndGet();
      return refused("messages above " + publishRate + " per second", SILENCE);
    }
    return SUCCESS;
  }

  private boolean mayPublish(Connect client, Arrived message) {
    String topic = message.topic();
    return AwsTopicName.mayBePublished(topic)
        && account.may(client, "iot:Publish", "topic/" + topic)
        && (!message.retain()
            || !topic.startsWith("$")
                && account.may(client, "iot:RetainPublish", "topic/" + topic));
  }

  private int end(Connect client, int reason, String why) {
    refused(why);
    kick(client.clientId(), reason);
    return SILENCE;
  }

  @Override
  protected void onPublished(Connect client, Arrived message) {
    Optional<Matcher> ingest = AwsTopicName.ingest(message.topic());
    if (ingest.isPresent()) {
      account.ingest(ingest.get().group(1), ingest.get().group(2), message);
      return;
    }
    if (FleetProvisioning.isRequest(message.topic())) {
      provisioning
          .answer(message.topic(), message.payload())
          .ifPresent(answer -> provisioned(client, answer));
      return;
    }
    account.publish(message);
    AwsTopicName.shadow(message.topic())
        .ifPresent(
            found -> shadow(found.group(1), found.group(2), found.group(3), message.payload()));
    AwsTopicName.jobs(message.topic())
        .map(found -> ThingJobs.answer(found, message.payload()))
        .ifPresent(
            reply -> answer("jobs", message.topic() + "/" + reply.getKey(), reply.getValue()));
    requests.arrived(message);
  }

  /** Answers on the connection of the request only. */
  private void provisioned(Connect client, FleetProvisioning.Answer answer) {
    byte[] body = answer.body().toString().getBytes(StandardCharsets.UTF_8);
    if (!answer.accepted()) {
      refused(answer.topic() + ": " + answer.body());
    }
    publish(
        client.clientId(),
        new Arrived("fleet", answer.topic(), body, 1, false, MqttProperties.NO_PROPERTIES));
  }

  @Override
  protected int onSubscribe(Connect client, List<String> filters) {
    return filters.size() > MOST_FILTERS
        ? refused("more than " + MOST_FILTERS + " filters in a SUBSCRIBE", DISCONNECT)
        : SUCCESS;
  }

  @Override
  protected int onSubscribe(Connect client, String filter, int qos) {
    if (qos == 2) {
      return refused("a subscription with QoS 2, which has no answer", SILENCE);
    }
    if (!AwsTopicName.fits(filter)) {
      return refused("a filter of more than 256 bytes or 7 slashes", DISCONNECT);
    }
    if (!account.may(client, "iot:Subscribe", "topicfilter/" + filter)) {
      return refused(
          "the filter " + filter + ": not allowed by the certificate's policy", DISCONNECT);
    }
    if (filter.contains("/json/") && provisioning.holds.test(FleetProvisioning.Step.SUBSCRIBE)) {
      return SILENCE;
    }
    Set<String> filters = subscriptions(client);
    return filters.contains(filter) || filters.size() < MOST_SUBSCRIPTIONS
        ? qos
        : refused("more than " + MOST_SUBSCRIPTIONS + " subscriptions", QUOTA_EXCEEDED);
  }

  @Override
  protected boolean mayReceive(Connect client, String topic) {
    return account.may(client, "iot:Receive", "topic/" + topic);
  }

  @Override
  public void close() {
    if (port443 != null) {
      port443.close();
    }
    super.close();
  }
}
