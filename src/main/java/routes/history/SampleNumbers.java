package routes.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/**
 * Extracts the numbers of some metrics from a sample without building a tree. The rest of the
 * sample is skipped.
 */
final class SampleNumbers {
  private static final JsonFactory JSON = new JsonFactory();

  /** Takes one number. */
  @FunctionalInterface
  interface Numbers {
    /**
     * @param name the number's path in the sample, joined with dots
     */
    void number(String name, double value);
  }

  private final List<String> metrics;

  /**
   * @param metrics names of metrics, with or without attribute values
   */
  SampleNumbers(List<String> metrics) {
    this.metrics = metrics;
  }

  /** Ends early at malformed JSON: any program may publish to the subject of samples. */
  void read(byte[] sample, Numbers numbers) {
    try (JsonParser parser = JSON.createParser(sample)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean found = parser.currentName().equals("metrics");
        if (parser.nextToken() == JsonToken.START_OBJECT && found) {
          object(parser, new StringBuilder(), numbers);
          return;
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      // What was read so far is kept.
    }
  }

  private void object(JsonParser parser, StringBuilder path, Numbers numbers) throws IOException {
    int length = path.length();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      path.append(length == 0 ? "" : ".").append(parser.currentName());
      JsonToken value = parser.nextToken();
      if (value == JsonToken.START_OBJECT && (isAbove(path) || isWithin(path))) {
        object(parser, path, numbers);
      } else if (value.isNumeric() && isWithin(path)) {
        numbers.number(path.toString(), parser.getDoubleValue());
      } else {
        parser.skipChildren();
      }
      path.setLength(length);
    }
  }

  /** Whether a metric's name begins with the path. */
  private boolean isAbove(CharSequence path) {
    for (String metric : metrics) {
      if (metric.length() > path.length()
          && metric.charAt(path.length()) == '.'
          && metric.startsWith(path.toString())) {
        return true;
      }
    }
    return false;
  }

  private boolean isWithin(CharSequence path) {
    for (String metric : metrics) {
      if (isWithin(path, metric)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the path is the metric, or the metric with attribute values. */
  static boolean isWithin(CharSequence path, String metric) {
    int length = metric.length();
    return path.length() >= length
        && (path.length() == length || path.charAt(length) == '.')
        && metric.contentEquals(path.subSequence(0, length));
  }
}
