package routes.jetstream;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.MessageInfo;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import routes.bus.Bus;

/**
 * The dead letters of this process: those of its device, and those of its own consumers, which at a
 * hub are for other devices. Devices that share a server do not see each other's letters.
 */
public final class DeviceDeadLetters {
  /**
   * Some letters.
   *
   * @param newest the newest first
   * @param next continues with older letters; 0 if there are none
   */
  public record Page(List<NewestDeadLetters.Letter> newest, long next) {}

  /**
   * A letter with its content.
   *
   * @param headers the publisher's and the letter's own; several values are joined by commas
   */
  public record Content(long number, Map<String, String> headers, byte[] body) {}

  /** An operation on the stream. */
  @FunctionalInterface
  private interface Work<T> {
    T run(DeadStream stream) throws IOException, JetStreamApiException, InterruptedException;
  }

  private final CamelContext context;
  private final Bus bus;
  private final String device;

  public DeviceDeadLetters(CamelContext context, Bus bus, String device) {
    this.context = context;
    this.bus = bus;
    this.device = device;
  }

  /**
   * The newest letters before a number. Looks at a thousand places of the stream, so a page can be
   * empty although older letters follow.
   */
  public Page before(long number, int most) throws UnreadableStreamException, InterruptedException {
    return work(
        stream -> {
          List<NewestDeadLetters.Letter> page = new ArrayList<>();
          long[] next = {0};
          long looked =
              stream.before(
                  number,
                  letter -> {
                    if (!isOwn(letter.headers())) {
                      return;
                    }
                    if (page.size() < most) {
                      page.add(NewestDeadLetters.letter(letter));
                    } else if (next[0] == 0) {
                      next[0] = letter.number() + 1;
                    }
                  });
          return new Page(page, next[0] == 0 ? looked : next[0]);
        });
  }

  /** A letter; empty if there is none of this number. */
  public Optional<Content> get(long number) throws UnreadableStreamException, InterruptedException {
    return work(
        stream -> {
          MessageInfo letter = stream.find(number);
          if (letter == null || !isOwn(letter.getHeaders())) {
            return Optional.empty();
          }
          Map<String, String> headers = new LinkedHashMap<>();
          letter
              .getHeaders()
              .forEach((name, values) -> headers.put(name, String.join(",", values)));
          byte[] body = letter.getData() == null ? new byte[0] : letter.getData();
          return Optional.of(new Content(number, headers, body));
        });
  }

  /**
   * Sends a letter's message to its gateway again, and removes the letter.
   *
   * @throws IllegalStateException if that is not possible, with the reason in one line
   */
  public void replay(long number) throws UnreadableStreamException, InterruptedException {
    work(
        stream -> {
          stream.replay(number);
          return null;
        });
  }

  /**
   * Removes a letter.
   *
   * @throws IllegalStateException if there is none of this number
   */
  public void drop(long number) throws UnreadableStreamException, InterruptedException {
    work(
        stream -> {
          stream.drop(number);
          return null;
        });
  }

  private boolean isOwn(Headers headers) {
    if (headers == null) {
      return false;
    }
    String consumer = headers.getFirst(JetStreamConstants.DEAD_CONSUMER);
    return device.equals(headers.getFirst(JetStreamConstants.DEAD_DEVICE))
        || Consumers.of(context).stream().anyMatch(own -> own.durable().name().equals(consumer));
  }

  private <T> T work(Work<T> work) throws UnreadableStreamException, InterruptedException {
    try {
      return work.run(new DeadStream(StreamReader.connection(bus)));
    } catch (IOException | JetStreamApiException e) {
      throw new UnreadableStreamException("stream DEAD cannot be read: " + DeadLetter.reason(e));
    }
  }
}
