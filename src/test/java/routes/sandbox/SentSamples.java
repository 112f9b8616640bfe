package routes.sandbox;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The samples that the stream TELEMETRY has stored since the start, and the gateways' backlogs. */
final class SentSamples implements AutoCloseable {
  private static final String STREAM = "TELEMETRY";
  private static final Duration PATIENCE = Duration.ofMillis(900);

  private final List<String> ids = new ArrayList<>();
  private final String url;
  private final String device;
  private Connection connection;
  private JetStreamManagement streams;
  private long sequence;

  /**
   * @param url of NATS
   */
  SentSamples(String url, String device)
      throws IOException, InterruptedException, JetStreamApiException {
    this.url = url;
    this.device = device;
    connect();
    sequence = last();
  }

  private void connect() throws IOException, InterruptedException {
    Options.Builder options = new Options.Builder().server(url).noReconnect();
    options.connectionTimeout(PATIENCE).errorListener(new ErrorListener() {});
    connection = Nats.connect(options.build());
    streams =
        connection.jetStreamManagement(JetStreamOptions.builder().requestTimeout(PATIENCE).build());
  }

  private long last() throws IOException, JetStreamApiException {
    return streams.getStreamInfo(STREAM).getStreamState().getLastSequence();
  }

  /** Adds the samples stored meanwhile. Connects again if the connection was lost. */
  void update() throws IOException, InterruptedException, JetStreamApiException {
    if (connection.getStatus() != Connection.Status.CONNECTED) {
      connection.close();
      connect();
    }
    for (long last = last(); sequence < last; sequence++) {
      MessageInfo message = streams.getMessage(STREAM, sequence + 1);
      if (message.getSubject().equals("telemetry." + device + ".metrics")) {
        ids.add(message.getHeaders().getFirst("Nats-Msg-Id"));
      }
    }
  }

  /** Their ids, oldest first. */
  List<String> ids() {
    return ids;
  }

  /** Messages that the gateway has not delivered yet. */
  long backlog(String gateway) throws IOException, JetStreamApiException {
    ConsumerInfo consumer = streams.getConsumerInfo(STREAM, "gateway-" + gateway + "_" + device);
    return consumer.getNumPending() + consumer.getNumAckPending();
  }

  @Override
  public void close() throws InterruptedException {
    connection.close();
  }
}
