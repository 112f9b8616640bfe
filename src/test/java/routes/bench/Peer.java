package routes.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import routes.sandbox.Ports;
import routes.sandbox.RuntimeProcess;

/** A program that does the same work as the runtime, with the configuration for that work. */
enum Peer {
  RUNTIME(null, "/metrics"),
  BENTO("bento", "/metrics"),
  TELEGRAF("telegraf", "/metrics"),
  NODE_EXPORTER("node_exporter", "/metrics");

  /** The subjects of all telemetry, in the stream that the runtime creates. */
  static final String STREAM = "TELEMETRY";

  private static final String ALL = "telemetry.*.>";

  private final String program;
  private final String path;

  Peer(String program, String path) {
    this.program = program;
    this.path = path;
  }

  /** Its name in the table. */
  String title() {
    return this == RUNTIME ? "runtime" : program;
  }

  /** The path of the program, or nothing if it is not on PATH. */
  Optional<Path> binary() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  boolean isAvailable() {
    return this == RUNTIME || binary().isPresent();
  }

  /** Forwards the stream to the broker, with QoS 1 and an acknowledgement after the PUBACK. */
  Running forward(String nats, int broker, Path folder) throws IOException {
    return switch (this) {
      case RUNTIME -> runtime(nats, broker, "gateway-mqtt,on-error", folder);
      case BENTO -> start("-c", write(folder, "bento.yaml", BENTO_FORWARDS, nats, broker, 0));
      default ->
          start("--config", write(folder, "telegraf.conf", TELEGRAF_FORWARDS, nats, broker, 0));
    };
  }

  /** Samples the host once per second, and serves what it measures over HTTP. */
  Running sample(String nats, int broker, Path folder) throws IOException {
    int port = Ports.free();
    String url = "http://127.0.0.1:" + port + path;
    return switch (this) {
      case RUNTIME -> runtime(nats, broker, "*", folder);
      case TELEGRAF ->
          start("--config", write(folder, "idle.conf", TELEGRAF_SAMPLES, nats, broker, port))
              .at(url);
      default -> start("--web.listen-address=127.0.0.1:" + port, "--log.level=error").at(url);
    };
  }

  private static Running runtime(String nats, int broker, String routes, Path folder)
      throws IOException {
    RuntimeProcess runtime =
        RuntimeProcess.startJar(
            Map.of(
                "NATS_SERVERS",
                nats,
                "GATEWAYS",
                "mqtt",
                "MQTT_URL",
                "tcp://127.0.0.1:" + broker,
                "DEVICE_ID",
                Bench.DEVICE,
                "ROUTES_INCLUDE",
                routes,
                "COLLECT_PERIOD",
                "1s",
                "BUS_MAX_BYTES",
                "8GB",
                "DATA_DIRECTORY",
                folder.resolve("data").toString()));
    return new Running(runtime.process(), runtime.url("/metrics"));
  }

  private Running start(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.command().add(0, binary().orElseThrow().toString());
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    return new Running(builder.start(), null);
  }

  private static String write(
      Path folder, String name, String text, String nats, int broker, int port) throws IOException {
    String filled =
        text.replace("{nats}", nats)
            .replace("{broker}", "tcp://127.0.0.1:" + broker)
            .replace("{stream}", STREAM)
            .replace("{subjects}", ALL)
            .replace("{port}", Integer.toString(port))
            .replace("{http}", Integer.toString(Ports.free()));
    return Files.writeString(folder.resolve(name), filled).toString();
  }

  /**
   * @param url where it serves what it measures, or null
   */
  record Running(Process process, String url) implements AutoCloseable {
    Running at(String address) {
      return new Running(process, address);
    }

    @Override
    public void close() {
      process.destroy();
      process.onExit().join();
    }
  }

  private static final String BENTO_FORWARDS =
      """
      http: { address: "127.0.0.1:{http}" }
      input:
        nats_jetstream:
          urls: [ "{nats}" ]
          queue: bench
          durable: bench
          subject: "{subjects}"
          deliver: all
          stream: {stream}
          ack_wait: 30s
          max_ack_pending: 1024
      output:
        mqtt: { urls: [ "{broker}" ], client_id: bento, topic: up/x, qos: 1, max_in_flight: 64 }
      logger: { level: "OFF" }
      """;

  private static final String TELEGRAF_FORWARDS =
      """
      [agent]
        interval = "1s"
        flush_interval = "1s"
        metric_batch_size = 1000
        metric_buffer_limit = 100000
        omit_hostname = true
        quiet = true
      [[inputs.nats_consumer]]
        servers = ["{nats}"]
        jetstream_subjects = ["{subjects}"]
        jetstream_stream = "{stream}"
        subjects = []
        max_undelivered_messages = 1000
        data_format = "value"
        data_type = "string"
      [[outputs.mqtt]]
        servers = ["{broker}"]
        topic = 'up/x'
        qos = 1
        client_id = "telegraf"
        data_format = "template"
        template = '{{ .Field "value" }}'
      """;

  /** Through JetStream to the broker, like the runtime. */
  private static final String TELEGRAF_SAMPLES =
      """
      [agent]
        interval = "1s"
        flush_interval = "1s"
        quiet = true
      [[inputs.cpu]]
      [[inputs.mem]]
      [[inputs.disk]]
      [[inputs.diskio]]
      [[inputs.net]]
      [[inputs.system]]
      [[inputs.swap]]
      [[inputs.processes]]
      [[outputs.nats]]
        servers = ["{nats}"]
        subject = "telegraf.metrics"
        data_format = "json"
        [outputs.nats.tagdrop]
          frombus = ["y"]
        [outputs.nats.jetstream]
          name = "TELEGRAF"
      [[inputs.nats_consumer]]
        servers = ["{nats}"]
        jetstream_subjects = ["telegraf.metrics"]
        jetstream_stream = "TELEGRAF"
        subjects = []
        data_format = "value"
        data_type = "string"
        [inputs.nats_consumer.tags]
          frombus = "y"
      [[outputs.mqtt]]
        servers = ["{broker}"]
        topic = 'up/t'
        qos = 1
        data_format = "template"
        template = '{{ .Field "value" }}'
        [outputs.mqtt.tagpass]
          frombus = ["y"]
      [[outputs.prometheus_client]]
        listen = "127.0.0.1:{port}"
      """;
}
