package routes.routefiles;

import static org.apache.camel.model.ProcessorDefinitionHelper.filterTypeInOutputs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import routes.settings.Nearest;

/**
 * Loads route files into a runtime that is not started, as a start would: reads them, creates each
 * route with its endpoints, expressions and beans, and continues after an error.
 */
final class RouteCheck {

  private static final String MQTT = "paho-mqtt5:";
  private static final Pattern ITEM = Pattern.compile("^\\s*- *\\w", Pattern.MULTILINE);

  private static final Pattern GATEWAY =
      Pattern.compile("(?m)^ *(?:uplink|client): *[\"']?#([\\w-]+)");

  /** Camel reserves names with this prefix, and ignores unknown ones. */
  private static final Pattern HEADER =
      Pattern.compile(
          "(?:\\bname: *[\"']?|\\b(?:header|exchangeProperty)\\w*[.\\[:?('\"]+)(Camel[A-Z]\\w*)");

  private final DefaultCamelContext context;
  private final Consumer<RouteDefinition> adapt;
  private final KnownWords words;
  private final Map<Path, List<RoutesBuilder>> builders = new LinkedHashMap<>();
  private final Map<String, Path> owners = new HashMap<>();
  private Collection<Path> files = Set.of();
  private final Set<Fault> faults = new LinkedHashSet<>();
  private final Set<Fault> warnings = new LinkedHashSet<>();
  private final Set<Path> off = new LinkedHashSet<>();

  RouteCheck(DefaultCamelContext context) {
    this(context, route -> {});
  }

  /**
   * @param adapt called with each route before it is created
   */
  RouteCheck(DefaultCamelContext context, Consumer<RouteDefinition> adapt) {
    this.context = context;
    this.adapt = adapt;
    this.words = new KnownWords(context);
  }

  /** One step of the check for one file. */
  @FunctionalInterface
  private interface Step {
    void take(Path file) throws Exception;
  }

  void check(Collection<Path> routeFiles) {
    files = routeFiles;
    each(files, this::read);
    each(List.copyOf(builders.keySet()), this::load);
    each(List.copyOf(builders.keySet()), this::create);
  }

  /** A file's errors, which would stop a start. */
  List<Fault> faults(Path file) {
    return faults.stream().filter(fault -> file.equals(fault.file())).toList();
  }

  /** Errors that belong to none of the files. */
  List<Fault> unplaced() {
    return faults.stream().filter(fault -> !files.contains(fault.file())).toList();
  }

  List<Fault> warnings(Path file) {
    return warnings.stream().filter(fault -> file.equals(fault.file())).toList();
  }

  /** Whether the precondition disables a route, which is then read but not created. */
  boolean isOff(Path file) {
    return off.contains(file);
  }

  boolean hasRoute(String id) {
    return owners.containsKey(id);
  }

  private void each(Collection<Path> files, Step step) {
    for (Path file : files) {
      try {
        step.take(file);
      } catch (IOException e) {
        fail(new Fault(file, 0, e.getMessage()));
      } catch (Exception | StackOverflowError e) {
        Fault fault = Fault.of(e, file, words);
        fail(fault.file() == null ? new Fault(file, 0, fault.text()) : fault);
      }
    }
  }

  private void fail(Fault fault) {
    faults.add(fault);
    builders.remove(fault.file());
  }

  private void read(Path file) throws Exception {
    String text = RouteText.read(file);
    if (text.isBlank()) {
      faults.add(new Fault(file, 0, "empty; contains no route"));
      return;
    }
    if (!ITEM.matcher(text).find()) {
      warnings.add(new Fault(file, 0, "contains no route"));
    }
    // a copy in which only some names were replaced would send to the wrong cloud
    List<String> gateways =
        GATEWAY.matcher(text).results().map(found -> found.group(1)).distinct().toList();
    if (gateways.size() > 1) {
      warnings.add(
          new Fault(
              file,
              0,
              "uplink and client name different gateways: " + String.join(", ", gateways)));
    }
    checkHeaders(file);
    List<RoutesBuilder> read =
        List.copyOf(
            PluginHelper.getRoutesLoader(context)
                .findRoutesBuilders(List.of(ResourceHelper.fromString("file:" + file, text))));
    for (RoutesBuilder builder : read) {
      if (builder instanceof RouteConfigurationsBuilder configurations) {
        configurations.addRouteConfigurationsToCamelContext(context);
      }
    }
    builders.put(file, read);
  }

  private void checkHeaders(Path file) {
    List<String> lines = RouteText.of(file).withoutComments();
    for (int i = 0; i < lines.size(); i++) {
      for (MatchResult found : HEADER.matcher(lines.get(i)).results().toList()) {
        String name = found.group(1);
        if (!words.headers().contains(name)) {
          String hint = Nearest.hint(name, words.headers());
          faults.add(new Fault(file, i + 1, "unknown header " + name + hint));
        }
      }
    }
  }

  private void load(Path file) throws Exception {
    for (RoutesBuilder builder : builders.get(file)) {
      builder.addRoutesToCamelContext(context);
      builder.addTemplatedRoutesToCamelContext(context);
    }
    checkNames(file);
    for (RouteDefinition route : named(file)) {
      // of two routes with the same id, the file with that name owns it
      owners.merge(
          route.getId(),
          file,
          (one, two) -> RouteFolder.nameOf(two).equals(route.getId()) ? two : one);
    }
  }

  /** Warns if a route's id is not its file's name, which also names durable consumer and logger. */
  private void checkNames(Path file) {
    String name = RouteFolder.nameOf(file);
    for (RouteDefinition route : routes(file)) {
      if (!route.hasCustomIdAssigned()) {
        int line = RouteText.of(file).line("from", "");
        warnings.add(new Fault(file, line, "the route has no id; use the file's name, " + name));
      } else if (routes(file).size() == 1 && !name.equals(route.getId())) {
        int line = RouteText.of(file).line(route.getId(), "id");
        warnings.add(
            new Fault(
                file,
                line,
                "the route's id is " + route.getId() + "; use the file's name, " + name));
      }
    }
  }

  /** The routes of a file that has no errors. */
  List<RouteDefinition> routes(Path file) {
    List<RouteDefinition> routes = new ArrayList<>();
    for (RoutesBuilder builder : builders.get(file)) {
      if (builder instanceof RouteBuilder own) {
        routes.addAll(own.getRouteCollection().getRoutes());
      }
    }
    return routes;
  }

  private List<RouteDefinition> named(Path file) {
    return routes(file).stream().filter(RouteDefinition::hasCustomIdAssigned).toList();
  }

  private void create(Path file) throws Exception {
    Set<String> ids = new HashSet<>();
    for (RouteDefinition route : named(file)) {
      String id = route.getId();
      Path owner = owners.get(id);
      if (!ids.add(id) || !owner.equals(file)) {
        String where = owner.equals(file) ? "" : "; also in " + owner.getFileName();
        int line = RouteText.of(file).line(id, "id");
        fail(new Fault(file, line, "duplicate route id " + id + where));
        return;
      }
    }
    for (RouteDefinition route : routes(file)) {
      adapt.accept(route);
      boolean loaded = context.getRouteDefinitions().contains(route);
      context.startRouteDefinitions(new ArrayList<>(List.of(route)));
      if (loaded && !context.getRouteDefinitions().contains(route)) {
        off.add(file);
      } else {
        checkTopics(route);
      }
    }
  }

  /** An endpoint validates its topics when it creates a consumer or producer; none is started. */
  private void checkTopics(RouteDefinition route) throws Exception {
    String from = context.resolvePropertyPlaceholders(route.getInput().getEndpointUri());
    if (from.startsWith(MQTT)) {
      context.getEndpoint(from).createConsumer(exchange -> {});
    }
    for (ToDefinition step : filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
      String to = context.resolvePropertyPlaceholders(step.getEndpointUri());
      if (to.startsWith(MQTT)) {
        context.getEndpoint(to).createProducer();
      }
    }
  }
}
