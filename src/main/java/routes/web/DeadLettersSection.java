package routes.web;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import routes.jetstream.NewestDeadLetters;
import routes.jetstream.NewestDeadLetters.Letter;
import routes.jetstream.NewestDeadLetters.Letters;
import routes.jetstream.UnreadableStreamException;

/** The newest dead letters. They are read apart from the page, because NATS may be slow. */
final class DeadLettersSection implements Section {
  private static final long FRESH = TimeUnit.SECONDS.toNanos(4);
  private static final long PATIENCE_MILLIS = 100;

  private final NewestDeadLetters letters;
  private final Lock reading = new ReentrantLock();
  private long read;
  private volatile Letters last = new Letters(0, List.of());
  private volatile String html = "<p class=\"empty\">Reading the stream DEAD...</p>";

  DeadLettersSection(NewestDeadLetters letters) {
    this.letters = letters;
  }

  @Override
  public String id() {
    return "dead";
  }

  @Override
  public String html() {
    return html;
  }

  /** Whether the stream holds a letter of a gateway's route, as far as the newest ones show. */
  boolean waits(String gateway) {
    return last.newest().stream().anyMatch(letter -> letter.gateway().equals(gateway));
  }

  /** As {@link #refresh}, but a slow NATS does not delay the caller for long. */
  void refreshBriefly() {
    Thread reader = new Thread(this::refresh, "page");
    reader.setDaemon(true);
    reader.start();
    try {
      reader.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Reads the letters, unless that was done just now; may wait for NATS. Only one thread waits,
   * because the HTTP port has few.
   */
  void refresh() {
    if (!reading.tryLock()) {
      return;
    }
    try {
      long now = System.nanoTime();
      if (read != 0 && now - read < FRESH) {
        return;
      }
      read = now;
      last = letters.read();
      html = html(last);
    } catch (UnreadableStreamException e) {
      html = new Html().raw("<p class=\"empty\">").text(e.getMessage()).raw("</p>").toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      reading.unlock();
    }
  }

  private static String html(Letters letters) {
    if (letters.newest().isEmpty()) {
      return "<p class=\"empty\">None. A message that a destination keeps refusing would appear"
          + " here.</p>";
    }
    Html html = new Html().raw("<p>");
    html.text(Html.count(letters.total()) + (letters.total() == 1 ? " message" : " messages"));
    html.raw(" in the stream DEAD. To read one with its content: <code>./run dead show ");
    html.text(letters.newest().get(0).number());
    html.raw("</code>; to send it again: <code>./run dead replay ");
    html.text(letters.newest().get(0).number());
    html.raw("</code>. On a device, write <code>java -jar cloud-iot-routes.jar</code> for");
    html.raw(" <code>./run</code>.</p>");
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Dead letters\">");
    html.raw(
        "<table class=\"rows\"><thead><tr><th>Number<th>Gateway<th>Last try<th>Tries<th>Reason<th>Subject");
    html.raw("<th>Bytes</tr></thead><tbody>");
    letters.newest().forEach(letter -> row(html, letter));
    return html.raw("</tbody></table></div>").toString();
  }

  private static void row(Html html, Letter letter) {
    html.raw("<tr><td class=\"number\" data-label=\"Number\">").text(letter.number());
    html.raw("</td><td data-label=\"Gateway\">");
    html.text(letter.gateway().replaceFirst("^gateway-", ""));
    html.raw("</td><td data-label=\"Last try\">");
    try {
      html.time(Instant.parse(letter.lastTry()));
    } catch (DateTimeException e) {
      html.text(letter.lastTry());
    }
    html.raw("</td><td class=\"number\" data-label=\"Tries\">").text(letter.tries()).raw("</td>");
    html.raw("<td class=\"reason\" data-label=\"Reason\">").text(letter.reason()).raw("</td>");
    html.raw("<td data-label=\"Subject\">").text(letter.subject()).raw("</td>");
    html.raw("<td class=\"number\" data-label=\"Bytes\">")
        .text(Html.count(letter.bytes()))
        .raw("</td></tr>");
  }
}
