package routes.routefiles;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.CatalogCamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultRegistry;
import org.apache.camel.support.SimpleRegistry;
import routes.jetstream.JetStreamConstants;
import routes.jetstream.JetStreamEndpoint;
import routes.settings.KnownSettings;
import routes.settings.Settings;
import routes.steps.AlertEndpoint;
import routes.steps.BatchEndpoint;
import routes.steps.DeadbandEndpoint;
import routes.uplink.Gateways;

/** The words that a route file may use in this process, for suggestions. */
public final class KnownWords {
  private static final String COMPONENTS =
      "META-INF/services/org/apache/camel/component.properties";
  private static final String STEP = "org.apache.camel.model.ProcessorDefinition";

  private static final String EXPRESSION = "org.apache.camel.model.language.ExpressionDefinition";

  /** Components without generated code. */
  private static final Map<String, Class<?>> OWN =
      Map.of(
          "jetstream",
          JetStreamEndpoint.class,
          "batch",
          BatchEndpoint.class,
          "deadband",
          DeadbandEndpoint.class,
          "alert",
          AlertEndpoint.class);

  private final CamelContext context;
  private Set<String> headers;

  public KnownWords(CamelContext context) {
    this.context = context;
  }

  /** All settings, including those of gateway instances. */
  Set<String> settings() {
    Set<String> keys = new TreeSet<>(KnownSettings.keys());
    keys.addAll(Gateways.keys(new Settings(context)));
    return keys;
  }

  /** The schemes of the components on the class path, and our own. */
  Set<String> components() {
    Set<String> names = new TreeSet<>(OWN.keySet());
    try {
      for (URL url : Collections.list(KnownWords.class.getClassLoader().getResources(COMPONENTS))) {
        Properties module = new Properties();
        try (InputStream in = url.openStream()) {
          module.load(in);
        }
        names.addAll(List.of(module.getProperty("components", "").split("\\s+")));
      }
    } catch (IOException e) {
      // fewer suggestions
    }
    return names;
  }

  /** The options of a component's endpoints. */
  Set<String> options(String scheme) {
    EndpointUriFactory factory = context.getCamelContextExtension().getEndpointUriFactory(scheme);
    if (factory != null) {
      return factory.propertyNames();
    }
    Set<String> names = new TreeSet<>();
    Class<?> type = OWN.getOrDefault(scheme, DefaultEndpoint.class);
    for (; type != DefaultEndpoint.class; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().startsWith("set")) {
          names.add(
              Character.toLowerCase(method.getName().charAt(3)) + method.getName().substring(4));
        }
      }
    }
    return names;
  }

  /** The headers and exchange properties of these components that begin with Camel. */
  Set<String> headers() {
    if (headers == null) {
      headers = readHeaders(); // once, because it parses the description of each component
    }
    return headers;
  }

  private Set<String> readHeaders() {
    Set<String> names = new TreeSet<>();
    for (Class<?> constants : List.of(Exchange.class, JetStreamConstants.class)) {
      for (Field field : constants.getFields()) {
        try {
          names.add(String.valueOf(field.get(null)));
        } catch (IllegalAccessException e) {
          // not one of the constants
        }
      }
    }
    for (String component : components()) {
      try {
        String schema = ((CatalogCamelContext) context).getComponentParameterJsonSchema(component);
        if (schema != null) {
          JsonMapper.builder()
              .build()
              .readTree(schema)
              .path("headers")
              .fieldNames()
              .forEachRemaining(names::add);
        }
      } catch (IOException e) {
        // fewer suggestions
      }
    }
    return names;
  }

  /** The names of beans. */
  Set<String> beans() {
    Set<String> names = new HashSet<>();
    if (context.getRegistry() instanceof DefaultRegistry registry) {
      for (Registry part :
          List.of(registry.getFallbackRegistry(), registry.getSupplierRegistry())) {
        if (part instanceof SimpleRegistry beans) {
          names.addAll(beans.keySet());
        }
      }
    }
    return names;
  }

  /** The steps that a route may have, and the nodes that a file may begin with. */
  static Collection<String> nodes() {
    JsonNode items = schema();
    Set<String> names = names(items.path("definitions").path(STEP));
    names.addAll(names(items));
    return names;
  }

  /** The languages that an expression may be in. */
  static Collection<String> expressions() {
    return names(schema().path("definitions").path(EXPRESSION));
  }

  /** The fields of a node. */
  static Collection<String> fields(String node) {
    JsonNode items = schema();
    JsonNode definitions = items.path("definitions");
    List<JsonNode> found = new ArrayList<>();
    found.add(definitions.path(STEP).path("properties").path(node));
    found.add(items.path("properties").path(node));
    found.addAll(definitions.path(EXPRESSION).findValues(node));
    String type =
        found.stream()
            .filter(reference -> reference.has("$ref"))
            .map(reference -> reference.path("$ref").asText().replaceFirst(".*/", ""))
            .findFirst()
            .orElse("");
    JsonNode definition = definitions.path(type);
    Set<String> names = names(definition);
    definition.path("oneOf").forEach(form -> names.addAll(names(form)));
    return names;
  }

  /** The functions of the language simple. */
  static Collection<String> functions() {
    Set<String> names = new TreeSet<>();
    read("/META-INF/org/apache/camel/language/simple/simple.json")
        .path("functions")
        .fieldNames()
        .forEachRemaining(name -> names.add(name.replaceFirst("\\W.*", "")));
    return names;
  }

  /** The methods of a bean's class. */
  static Collection<String> methods(String type) {
    try {
      return Arrays.stream(
              Class.forName(type, false, KnownWords.class.getClassLoader()).getMethods())
          .map(Method::getName)
          .collect(Collectors.toSet());
    } catch (ClassNotFoundException | LinkageError e) {
      return Set.of();
    }
  }

  private static Set<String> names(JsonNode definition) {
    Set<String> names = new TreeSet<>();
    definition.path("properties").fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Camel's schema of route files, 800 KB, read only for suggestions. */
  private static JsonNode schema() {
    return read("/schema/camelYamlDsl.json").path("items");
  }

  private static JsonNode read(String resource) {
    JsonMapper json = JsonMapper.builder().build();
    try (InputStream in = KnownWords.class.getResourceAsStream(resource)) {
      return json.readTree(in);
    } catch (IOException | IllegalArgumentException e) {
      return json.createObjectNode();
    }
  }
}
