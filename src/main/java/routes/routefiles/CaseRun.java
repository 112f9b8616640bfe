package routes.routefiles;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.NodeIdFactory;
import routes.routefiles.RouteCase.Input;
import routes.settings.KnownSettings;
import routes.settings.Nearest;
import routes.settings.Settings;
import routes.uplink.Gateways;

/**
 * Runs a case: starts the route of its file in a runtime without connections, sends it the input,
 * and compares the route's messages with the expected ones.
 */
final class CaseRun {
  /** Of processor time, so that no case fails because the machine is busy. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** For a case that waits. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final long LOOK_MILLIS = 100;

  private final IdleRuntime.Parts parts;
  private final RouteTestFile file;
  private final RouteCase routeCase;
  private final List<Difference> differences = new ArrayList<>();

  private CaseRun(IdleRuntime.Parts parts, RouteTestFile file, RouteCase routeCase) {
    this.parts = parts;
    this.file = file;
    this.routeCase = routeCase;
  }

  /**
   * @param defaults settings, which those of the case override
   * @return why the case fails; empty if it passes
   */
  static List<Difference> run(
      IdleRuntime.Parts parts,
      RouteTestFile file,
      RouteCase routeCase,
      Map<String, String> defaults,
      List<Path> configurations) {
    CaseRun run = new CaseRun(parts, file, routeCase);
    Map<String, String> settings = new HashMap<>(defaults);
    settings.putAll(routeCase.settings());
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              run.run(settings, configurations);
              return null;
            });
    // its own thread, because a route may loop or wait forever
    Thread thread = new Thread(task, "case");
    thread.setDaemon(true);
    thread.start();
    try {
      if (!ends(task, thread)) {
        thread.interrupt();
        return List.of(
            new Difference("has not ended within " + LIMIT.toSeconds() + " s", null, null));
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      KnownWords words = new KnownWords(new DefaultCamelContext(false));
      run.failed(Fault.of(cause, file.route(), words).toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      run.failed("interrupted");
    }
    return run.differences;
  }

  private static boolean ends(FutureTask<Void> task, Thread thread)
      throws ExecutionException, InterruptedException {
    long start = System.nanoTime();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    while (threads.getThreadCpuTime(thread.getId()) < LIMIT.toNanos()
        && System.nanoTime() - start < LONGEST.toNanos()) {
      try {
        task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException e) {
        // not yet
      }
    }
    return task.isDone();
  }

  private void failed(String why) {
    differences.add(new Difference(why, null, null));
  }

  private void run(Map<String, String> settings, List<Path> configurations) throws Exception {
    SteppedClock clock = new SteppedClock();
    IdleRuntime runtime =
        IdleRuntime.isolated(
            parts, settings, context -> context.getRegistry().bind("clock", Clock.class, clock));
    runtime.faults().forEach(fault -> failed("settings: " + fault));
    if (!runtime.faults().isEmpty()) {
      return;
    }
    DefaultCamelContext context = (DefaultCamelContext) runtime.context();
    unknownSettings(context).forEach(this::failed);
    RecordedMessages messages = new RecordedMessages(routeCase.replies());
    SteppedRoutes routes = new SteppedRoutes(context, clock);
    StandIns.useIn(context, messages);
    numberSteps(context);
    Failures failures = new Failures();
    context.getManagementStrategy().addEventNotifier(failures);
    try {
      RouteDefinition definition = create(context, routes, configurations);
      if (definition != null) {
        context.start();
        context.getRouteController().startRoute(definition.getId());
        routes.watch(definition);
        feed(context.getRoute(definition.getId()), routes, messages, failures);
        differences.addAll(Difference.between(expected(context), messages.sent()));
      }
    } finally {
      routes.stop();
    }
  }

  /** A setting that neither the runtime nor the route has is a typing error. */
  private List<String> unknownSettings(CamelContext context) {
    Set<String> known = new TreeSet<>(KnownSettings.keys());
    known.addAll(Gateways.keys(new Settings(context)));
    RouteText route = RouteText.of(file.route());
    return routeCase.settings().keySet().stream()
        .filter(key -> !known.contains(key) && route.line(key, "") == 0)
        .map(key -> "unknown setting " + key + Nearest.hint(key, known))
        .toList();
  }

  /** Camel numbers the steps of all contexts of a process with one counter. */
  private static void numberSteps(CamelContext context) {
    Map<String, Integer> numbers = new HashMap<>();
    NodeIdFactory ids =
        node -> node.getShortName() + numbers.merge(node.getShortName(), 1, Integer::sum);
    context.getCamelContextExtension().addContextPlugin(NodeIdFactory.class, ids);
  }

  /** Null if the file has errors. */
  private RouteDefinition create(
      DefaultCamelContext context, SteppedRoutes routes, List<Path> configurations) {
    RouteCheck check = new RouteCheck(context, routes::adapt);
    Set<Path> files = new LinkedHashSet<>(configurations);
    files.add(file.route());
    check.check(files);
    files.forEach(path -> check.faults(path).forEach(fault -> failed(fault.toString())));
    check.unplaced().forEach(fault -> failed(fault.toString()));
    if (!differences.isEmpty()) {
      return null;
    }
    List<RouteDefinition> found = check.routes(file.route());
    String name = Fault.shown(file.route());
    if (found.size() != 1) {
      failed(name + " contains " + found.size() + " routes; a test needs one");
      return null;
    }
    if (check.isOff(file.route())) {
      failed(
          name
              + ": the route is off: its precondition "
              + found.get(0).getPrecondition()
              + " is false; change the settings of the case");
      return null;
    }
    return found.get(0);
  }

  private void feed(Route route, SteppedRoutes routes, RecordedMessages messages, Failures failures)
      throws Exception {
    boolean requests = routeCase.expected().containsKey(RouteCase.REPLY);
    RouteFeed feed = new RouteFeed(route, routes.clock(), requests ? messages : null);
    int number = 0;
    for (Input input : routeCase.input()) {
      number++;
      if (input.advance() != null) {
        routes.advance(input.advance());
      } else if (!feed.receives(input)) {
        failed(
            "input %d (line %d): the route receives no message on %s; its topic is %s"
                .formatted(number, input.line(), input.subject(), feed.address()));
      } else if (!feed.send(input)) {
        routes.waitFor(feed);
      }
      routes.update();
      compare(number, input, failures.take());
    }
  }

  private void compare(int number, Input input, List<String> failures) {
    String what = "input " + number + " (line " + input.line() + ")";
    if (input.error() == null) {
      failures.forEach(failure -> failed(what + " failed: " + failure));
    } else if (failures.stream().noneMatch(failure -> failure.contains(input.error()))) {
      String actual = failures.isEmpty() ? "none" : String.join("; ", failures);
      differences.add(new Difference(what + ": error", input.error(), actual));
    }
  }

  /** With placeholders resolved. */
  private Map<String, List<RouteCase.Expected>> expected(CamelContext context) {
    Map<String, List<RouteCase.Expected>> resolved = new HashMap<>();
    routeCase
        .expected()
        .forEach(
            (destination, messages) ->
                resolved.put(
                    RecordedComponent.destination(context.resolvePropertyPlaceholders(destination)),
                    messages));
    return resolved;
  }
}
