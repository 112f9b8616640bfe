package routes.routefiles;

import static routes.routefiles.LiveRoutes.key;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;

/**
 * Applies edited, new and deleted route files while the other routes keep running. An invalid edit
 * is logged with file and line, and the file's last valid version keeps running; Camel's own reload
 * would leave the route stopped.
 */
public final class RouteReload extends ServiceSupport implements CamelContextAware {
  private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);

  /** Each look reads the state of every file, much of the processor time at rest. */
  private static final long PERIOD_MILLIS = 1000;

  /** Two files have a route with the same id; a simultaneous edit may resolve that. */
  private static final class SameId extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    SameId(String id, Path file, Path owner) {
      super("route: %s (source: file:%s): its id is also in %s".formatted(id, file, owner));
    }
  }

  private final RouteNames names;
  private final RouteChanges changes;
  private final Map<Path, String> good = new HashMap<>();
  private final Map<Path, String> seen = new HashMap<>();
  private CamelContext context;
  private LiveRoutes routes;
  private ScheduledExecutorService thread;

  public RouteReload(RouteNames names) {
    this.names = names;
    this.changes = new RouteChanges(names.directory());
  }

  @Override
  public CamelContext getCamelContext() {
    return context;
  }

  @Override
  public void setCamelContext(CamelContext context) {
    this.context = context;
    this.routes = new LiveRoutes(context);
  }

  @Override
  protected void doStart() throws Exception {
    for (Path file : changes.next()) {
      if (names.test(file)) {
        good.put(key(file), Files.readString(file));
      }
    }
    seen.putAll(good);
    thread =
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "RouteReload");
    thread.scheduleWithFixedDelay(
        Loops.step("route reload", this::look),
        PERIOD_MILLIS,
        PERIOD_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  @Override
  protected void doStop() {
    context.getExecutorServiceManager().shutdownNow(thread);
  }

  private void look() {
    try {
      List<Path> again = new ArrayList<>();
      for (Path file : changes.next()) {
        if (names.test(file)) {
          tryReload(file, (conflict, why) -> again.add(conflict));
        } else if (RouteFolder.isOther(file) && Files.exists(file)) {
          LOG.warn("{}: not loaded; the name must end in {}", file, RouteFolder.SUFFIX);
        }
      }
      for (Path file : again) {
        // not marked as seen, because the other file may be removed
        tryReload(file, this::broken);
      }
    } catch (IOException e) {
      LOG.error("{} cannot be read", names.directory(), e);
    }
  }

  private void reload(Path file) throws Exception {
    String text;
    try {
      text = settled(file);
    } catch (IOException e) {
      if (!e.getMessage().equals(seen.put(key(file), e.getMessage()))) {
        LOG.error("{}", new Fault(file, 0, e.getMessage()));
      }
      return;
    }
    if (text.equals(seen.put(key(file), text)) || text.isBlank() && Files.exists(file)) {
      return;
    }
    if (text.isEmpty()) {
      boolean ran = !ids(file).isEmpty();
      routes.remove(ids(file));
      good.remove(key(file));
      LOG.info("{}: removed{}", file, ran ? "; route stopped" : "");
      return;
    }
    try {
      replace(file, text);
    } catch (SameId e) {
      seen.remove(key(file));
      restore(file);
      throw e;
    } catch (Exception | LinkageError | StackOverflowError e) {
      restore(file);
      broken(file, e);
      return;
    }
    LOG.info("{}: {}", file, good.put(key(file), text) == null ? "loaded" : "reloaded");
    if (text.contains("routeConfiguration:")) {
      // routes adopt their configuration when they are created
      for (Map.Entry<Path, String> other : good.entrySet()) {
        if (!other.getKey().equals(key(file))) {
          routes.load(other.getKey(), other.getValue());
        }
      }
    }
  }

  /** A failure must not prevent edits of other files from taking effect. */
  private void tryReload(Path file, BiConsumer<Path, SameId> conflict) {
    try {
      reload(file);
    } catch (SameId e) {
      conflict.accept(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("{}: reload failed", Fault.shown(file), e);
    } catch (Error e) {
      Loops.failed("route reload", e);
    }
  }

  private void broken(Path file, Throwable why) {
    Set<String> ids = ids(file);
    boolean runs = ids.stream().anyMatch(id -> context.getRoute(id) != null);
    String next = runs ? "; the old version keeps running" : "; trying again";
    LOG.error("{}{}", fault(why, file), ids.isEmpty() ? "" : next);
  }

  /** Restarts the file's last valid version, if there is one. */
  private void restore(Path file) {
    String last = good.get(key(file));
    try {
      if (last != null) {
        routes.remove(ids(file));
        replace(file, last);
      } // otherwise Camel's controller tries again
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("{}: the last valid version failed to start too", Fault.shown(file), e);
    }
  }

  /** Loads the file and removes those of its routes that the text no longer contains. */
  private void replace(Path file, String text) throws Exception {
    Map<String, Path> owners = routes.owners();
    try {
      Set<String> failed = ids(file);
      failed.removeIf(id -> context.getRoute(id) != null);
      routes.remove(failed);
      Set<String> loaded = routes.load(file, text);
      for (String id : loaded) {
        Path owner = owners.getOrDefault(id, key(file));
        if (!owner.equals(key(file))) {
          routes.load(owner, good.containsKey(owner) ? good.get(owner) : Files.readString(owner));
          throw new SameId(id, file, owner);
        }
      }
      owners.keySet().removeIf(id -> loaded.contains(id) || !owners.get(id).equals(key(file)));
      routes.remove(owners.keySet());
    } catch (Exception | LinkageError | StackOverflowError e) {
      if (e instanceof SameId) {
        Set<String> added = ids(file);
        added.removeAll(owners.keySet());
        routes.remove(added);
      }
      throw e;
    }
  }

  private Fault fault(Throwable e, Path file) {
    return Fault.of(e, file, new KnownWords(context));
  }

  /** The file's text once it is stable, because editors truncate first and then write. */
  private static String settled(Path file) throws Exception {
    String text = null;
    for (int i = 0; i < 10; i++) {
      String now = Files.exists(file) ? RouteText.read(file) : "";
      if (now.equals(text)) {
        return now;
      }
      text = now;
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return text;
  }

  private Set<String> ids(Path file) {
    Map<String, Path> owners = routes.owners();
    owners.values().removeIf(owner -> !owner.equals(key(file)));
    return owners.keySet();
  }
}
