package routes.settings;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.DefaultPropertiesParser;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.component.properties.PropertiesLookup;

/** Values that go over file and environment; Camel's own overrides yield to the environment. */
public final class Overrides extends DefaultPropertiesParser {
  private final Map<String, String> values = new ConcurrentHashMap<>();

  private Overrides(PropertiesComponent properties) {
    super(properties);
  }

  public static void set(CamelContext context, String key, String value) {
    PropertiesComponent properties = (PropertiesComponent) context.getPropertiesComponent();
    if (!(properties.getPropertiesParser() instanceof Overrides)) {
      properties.setPropertiesParser(new Overrides(properties));
    }
    ((Overrides) properties.getPropertiesParser()).values.put(key, value);
  }

  @Override
  public String parseProperty(String key, String value, PropertiesLookup properties) {
    return key == null ? value : values.getOrDefault(key, value);
  }
}
