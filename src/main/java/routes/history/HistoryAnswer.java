package routes.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.IntToDoubleFunction;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.SynchronizationAdapter;
import routes.sample.Rounded;
import routes.sample.Sampler;

/**
 * The answer of {@code /api/history}: past values of metrics, combined per step. Errors are JSON
 * objects with the reason in {@code error}.
 */
public final class HistoryAnswer {
  private static final JsonFactory JSON = new JsonFactory();

  /** Answers in memory, at about 1 MB each, until their clients have read them. */
  private static final int MOST_ANSWERS = 8;

  private final Semaphore answers = new Semaphore(MOST_ANSWERS);
  private final History history;
  private final Sampler sampler;

  HistoryAnswer(History history, Sampler sampler) {
    this.history = history;
    this.sampler = sampler;
  }

  /** Replaces the request with its answer. */
  public void answer(Exchange exchange) throws IOException, InterruptedException {
    Message message = exchange.getMessage();
    String query = message.getHeader(Exchange.HTTP_RAW_QUERY, String.class);
    String accept = message.getHeader("Accept", String.class);
    message.removeHeaders("*"); // otherwise Camel would copy them into the response
    message.setHeader("Cache-Control", "no-store");
    try {
      HistoryQuery parsed = HistoryQuery.parse(query, accept, Instant.now());
      takePlace(exchange);
      Map<String, Series> series = history.read(parsed);
      message.setHeader(
          Exchange.CONTENT_TYPE, parsed.csv() ? "text/csv; charset=utf-8" : "application/json");
      byte[] answer = parsed.csv() ? csv(parsed, series) : json(parsed, series);
      // As a stream, of which Camel sends only as much as the client reads.
      message.setBody(new ByteArrayInputStream(answer));
    } catch (HistoryException e) {
      message.setHeader(Exchange.HTTP_RESPONSE_CODE, e.status());
      message.setHeader(Exchange.CONTENT_TYPE, "application/json");
      if (e.status() == 503) {
        message.setHeader("Retry-After", "1");
      }
      message.setBody(error(e.getMessage()));
    }
  }

  /** Until the answer has been sent or its connection is closed. */
  private void takePlace(Exchange exchange) throws HistoryException {
    if (!answers.tryAcquire()) {
      throw new HistoryException(
          503, MOST_ANSWERS + " answers are being sent; try again in a second");
    }
    exchange
        .getExchangeExtension()
        .addOnCompletion(
            new SynchronizationAdapter() {
              @Override
              public void onDone(Exchange done) {
                answers.release();
              }
            });
  }

  private static byte[] error(String reason) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("error", reason);
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private byte[] json(HistoryQuery query, Map<String, Series> series) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
    Map<String, Meter.Id> meters = sampler.numbers();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("from", query.from().toString());
      json.writeStringField("to", query.to().toString());
      json.writeNumberField("step", query.step().toSeconds());
      json.writeArrayFieldStart("time");
      for (int i = 0; i < query.points(); i++) {
        json.writeNumber(second(query, i));
      }
      json.writeEndArray();
      json.writeArrayFieldStart("series");
      for (Map.Entry<String, Series> entry : series.entrySet()) {
        write(json, entry.getKey(), entry.getValue(), meters.get(entry.getKey()), query.points());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /**
   * @param meter null if the number is not measured any more
   */
  private static void write(
      JsonGenerator json, String name, Series series, Meter.Id meter, int points)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    if (meter != null) {
      json.writeStringField("metric", meter.getName());
      json.writeObjectFieldStart("attributes");
      for (Tag tag : meter.getTagsAsIterable()) {
        json.writeStringField(tag.getKey(), tag.getValue());
      }
      json.writeEndObject();
      if (meter.getBaseUnit() != null) {
        json.writeStringField("unit", meter.getBaseUnit() + (series.isCounter() ? "/s" : ""));
      }
    }
    json.writeBooleanField("rate", series.isCounter());
    write(json, "mean", series, series::mean, points);
    write(json, "min", series, series::min, points);
    write(json, "max", series, series::max, points);
    json.writeEndObject();
  }

  private static void write(
      JsonGenerator json, String name, Series series, IntToDoubleFunction values, int points)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (int i = 0; i < points; i++) {
      if (series.isEmpty(i)) {
        json.writeNull();
      } else {
        json.writeNumber(text(values.applyAsDouble(i)));
      }
    }
    json.writeEndArray();
  }

  /** One row per step and series; steps without a value are left out. */
  private static byte[] csv(HistoryQuery query, Map<String, Series> series) {
    StringBuilder csv = new StringBuilder("time,series,mean,min,max\r\n");
    for (int i = 0; i < query.points(); i++) {
      String time = Instant.ofEpochSecond(second(query, i)).toString();
      for (Map.Entry<String, Series> entry : series.entrySet()) {
        Series values = entry.getValue();
        if (!values.isEmpty(i)) {
          csv.append(time).append(',').append(quoted(entry.getKey()));
          csv.append(',').append(text(values.mean(i)));
          csv.append(',').append(text(values.min(i)));
          csv.append(',').append(text(values.max(i))).append("\r\n");
        }
      }
    }
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static long second(HistoryQuery query, int point) {
    return query.from().getEpochSecond() + point * query.step().toSeconds();
  }

  private static String text(double value) {
    Number number = Rounded.number(value);
    return number instanceof BigDecimal decimal ? decimal.toPlainString() : number.toString();
  }

  /** RFC 4180. */
  private static String quoted(String text) {
    return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
