package routes.uplink;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a cloud assigned to this device.
 *
 * @param fields one line each, in this order; no line breaks
 * @param pem certificates and private key; empty for none
 */
public record Identity(Map<String, String> fields, String pem) {
  private static final String NOTE =
      "# The identity of this device; it contains secrets. Written by cloud-iot-routes.\n";

  public Optional<String> find(String field) {
    return Optional.ofNullable(fields.get(field));
  }

  /** Whether it has all of these fields. */
  public boolean matches(Map<String, String> registration) {
    return fields.entrySet().containsAll(registration.entrySet());
  }

  /** The content of its file: lines such as {@code hub: contoso.azure-devices.net}, then PEM. */
  String text() {
    StringBuilder text = new StringBuilder(NOTE);
    fields.forEach(
        (name, value) -> text.append(name).append(": ").append(value.strip()).append('\n'));
    return text.append(pem).toString();
  }

  /** Reads the content of a file; empty if {@link #text} did not write all of it. */
  static Optional<Identity> parse(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    int end = text.indexOf("-----BEGIN ");
    String head = end < 0 ? text : text.substring(0, end);
    for (String line : head.split("\n")) {
      int colon = line.indexOf(": ");
      if (colon > 0 && !line.startsWith("#")) {
        fields.put(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    return text.startsWith(NOTE) && text.endsWith("\n") && !fields.isEmpty()
        ? Optional.of(new Identity(fields, end < 0 ? "" : text.substring(end)))
        : Optional.empty();
  }

  /** Omits the secrets. */
  @Override
  public String toString() {
    return "Identity" + fields.keySet();
  }
}
