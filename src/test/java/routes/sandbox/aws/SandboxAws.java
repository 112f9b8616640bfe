package routes.sandbox.aws;

import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import routes.Certificates;
import routes.sandbox.Arrived;
import routes.sandbox.Connect;
import routes.sandbox.SandboxBroker;
import routes.sandbox.SandboxCloud;

/**
 * A stand-in for AWS IoT Core, with one account that has a device certificate, the thing {@value
 * #THING}, the policy of docs/aws-policy.json and the rule {@value #RULE}, whose S3 bucket is a
 * folder. It keeps to the quotas of a connection and hangs up where AWS does.
 *
 * <p>Not kept: one CONNECT a second for a client id, 512 KiB a second, persistent sessions,
 * retained messages, jobs, named shadows, and that TLS has to name the host (Java sends no SNI for
 * localhost).
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

  /** What a client has to ask for by ALPN where the port is 443. */
  public static final String ALPN = "x-amzn-mqtt-ca";

  private static final int CLIENT_ID_INVALID = 0x85;
  private static final int TOPIC_NAME_INVALID = 0x90;
  private static final int PACKET_TOO_LARGE = 0x95;
  private static final int QUOTA_EXCEEDED = 0x97;
  private static final int LONGEST_CLIENT_ID = 128;
  private static final int LARGEST_PAYLOAD = 128 * 1024;

  /** That AWS announces one shows in what its own clients negotiate; no manual has the number. */
  private static final int LARGEST_PACKET = 146 * 1024;

  private static final int MOST_FILTERS = 8;
  private static final int MOST_SUBSCRIPTIONS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Publishes a second that a connection may send; what is above is discarded. */
  public volatile int publishRate = 100;

  /** Messages that were discarded for the rate, by any connection. */
  public final AtomicInteger discarded = new AtomicInteger();

  /** Seconds that a client's keep-alive is brought to. */
  int leastKeepAlive = 30;

  int mostKeepAlive = 1_200;

  private record Connection(RateLimit publishes, Set<String> filters) {}

  private final AwsAccount account;
  private final Certificates certificates;
  private final Map<Connect, Connection> connections = new IdentityHashMap<>();
  private final CommandRequests requests = new CommandRequests();
  private final Path landed;
  private Map<String, String> settings = Map.of();
  private SandboxAws port443;

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
    Certificates.Identity device = certificates.client(thing, Certificates.rsa());
    register(device.certificate(), policy(Path.of("docs/aws-policy.json")), thing);
    settings =
        Map.of(
            "AWS_CERTIFICATE", certificates.write(device.certificate()).toString(),
            "AWS_PRIVATE_KEY", certificates.writeTraditional(device.keys().getPrivate()).toString(),
            "AWS_ROOT_CA", certificates.write(certificates.ca().certificate()).toString(),
            "AWS_THING", thing);
    rule(RULE, SQL, KEY);
  }

  private SandboxAws(AwsAccount account, Path landed, Certificates certificates) {
    this.account = account;
    this.landed = landed;
    this.certificates = certificates;
    account.add(this);
  }

  /** A policy of a file, with its REGION and ACCOUNT replaced by this account's. */
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
   * Registers a certificate of the CA, or gives it another policy.
   *
   * @param thing what it is attached to; null for nothing
   */
  public void register(X509Certificate certificate, String policy, String thing) {
    account.register(
        certificate, new AwsCertificate(AwsPolicy.parse(policy), Optional.ofNullable(thing)));
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

  /** The same account's endpoint as on port 443: only for who asks for MQTT by ALPN. */
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
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put("AWS_ENDPOINT", host() + ":" + port());
    return all;
  }

  /**
   * As {@code aws iot-data publish} does it, with a response topic and correlation data (MQTT 5,
   * 4.10).
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
        shadow(device, "update", update.getBytes(StandardCharsets.UTF_8)).get("update/rejected");
    if (rejected != null) {
      throw new IllegalArgumentException("the shadow refused it: " + rejected);
    }
  }

  /** The state of a thing's shadow as JSON: desired and reported. */
  public String shadow(String thing) {
    return account.shadow(thing).state().toString();
  }

  /** Sends the answers of a shadow to whoever subscribes, and returns them. */
  private Map<String, String> shadow(String thing, String operation, byte[] request) {
    Map<String, String> answers = account.shadow(thing).answer(operation, request);
    answers.forEach(
        (end, answer) ->
            account.publish(
                new Arrived(
                    "shadow",
                    "$aws/things/" + thing + "/shadow/" + end,
                    answer.getBytes(StandardCharsets.UTF_8),
                    1,
                    false,
                    MqttProperties.NO_PROPERTIES)));
    return answers;
  }

  @Override
  protected int onConnect(Connect connect) {
    String id = connect.clientId();
    if (id.isEmpty()
        || id.startsWith("$")
        || id.getBytes(StandardCharsets.UTF_8).length > LONGEST_CLIENT_ID) {
      return CLIENT_ID_INVALID;
    }
    return account.may(connect, "iot:Connect", "client/" + id) ? SUCCESS : NOT_AUTHORIZED;
  }

  /** 7, which 3.1.1 doesn't know, for what is not authorized. */
  @Override
  protected int returnCode(int reason) {
    return reason == NOT_AUTHORIZED ? 7 : super.returnCode(reason);
  }

  @Override
  protected MqttProperties announce(Connect connect) {
    MqttProperties properties = super.announce(connect);
    properties.add(
        new IntegerProperty(MqttPropertyType.MAXIMUM_PACKET_SIZE.value(), LARGEST_PACKET));
    if (keepAlive(connect) != connect.keepAlive()) {
      properties.add(
          new IntegerProperty(MqttPropertyType.SERVER_KEEP_ALIVE.value(), keepAlive(connect)));
    }
    return properties;
  }

  @Override
  protected int keepAlive(Connect connect) {
    int wanted = connect.keepAlive() == 0 ? mostKeepAlive : connect.keepAlive();
    return Math.max(leastKeepAlive, Math.min(mostKeepAlive, wanted));
  }

  @Override
  protected void onConnected(Connect connect) {
    connections.put(connect, new Connection(new RateLimit(publishRate), new HashSet<>()));
    account.takeOver(this, connect.clientId());
  }

  @Override
  protected void onClosed(Connect client) {
    connections.remove(client);
  }

  @Override
  protected int onPublish(Connect client, Arrived message) {
    String topic = message.topic();
    if (message.qos() == 2) {
      return SILENCE;
    }
    if (message.payload().length > LARGEST_PAYLOAD) {
      return end(client, PACKET_TOO_LARGE);
    }
    if (!AwsTopicName.fits(topic)) {
      return end(client, TOPIC_NAME_INVALID);
    }
    if (!AwsTopicName.mayBePublished(topic)
        || !account.may(client, "iot:Publish", "topic/" + topic)
        || message.retain() && !mayRetain(client, topic)) {
      return DISCONNECT;
    }
    if (!connections.get(client).publishes().take(System.nanoTime())) {
      discarded.incrementAndGet();
      return SILENCE;
    }
    return SUCCESS;
  }

  private boolean mayRetain(Connect client, String topic) {
    return !topic.startsWith("$") && account.may(client, "iot:RetainPublish", "topic/" + topic);
  }

  private int end(Connect client, int reason) {
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
    account.publish(message);
    AwsTopicName.shadow(message.topic())
        .ifPresent(found -> shadow(found.group(1), found.group(2), message.payload()));
    requests.arrived(message);
  }

  @Override
  protected int onSubscribe(Connect client, List<String> filters) {
    return filters.size() > MOST_FILTERS ? DISCONNECT : SUCCESS;
  }

  @Override
  protected int onSubscribe(Connect client, String filter, int qos) {
    if (qos == 2) {
      return SILENCE;
    }
    if (!AwsTopicName.fits(filter)
        || !account.may(client, "iot:Subscribe", "topicfilter/" + filter)) {
      return DISCONNECT;
    }
    Set<String> filters = connections.get(client).filters();
    if (!filters.contains(filter) && filters.size() >= MOST_SUBSCRIPTIONS) {
      return QUOTA_EXCEEDED;
    }
    filters.add(filter);
    return qos;
  }

  @Override
  protected void onUnsubscribed(Connect client, String filter) {
    connections.get(client).filters().remove(filter);
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
