package routes.routefiles;

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
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.log.Loops;

/**
 * Puts an edited, new or deleted route file into effect while the other routes go on. A broken edit
 * is logged with file and line, and the file's last good version keeps running; Camel's own reload
 * would leave the route dead.
 */
public final class RouteReload extends ServiceSupport implements CamelContextAware {
  private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);
  private static final long PERIOD_MILLIS = 500;

  /** Two files have a route of one id; another edit of the same moment may resolve that. */
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
          LOG.warn("{} isn't loaded: its name should end in {}", file, RouteFolder.SUFFIX);
        }
      }
      for (Path file : again) {
        // not noted as seen: the other file may go
        tryReload(file, this::broken);
      }
    } catch (IOException e) {
      LOG.error("{} can't be read", names.directory(), e);
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
      remove(ids(file));
      good.remove(key(file));
      LOG.info("{} is gone{}", file, ran ? ": its route is stopped" : "");
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
    good.put(key(file), text);
    LOG.info("{} is in effect", file);
    if (text.contains("routeConfiguration:")) {
      // routes take their configuration over when they are made
      for (Map.Entry<Path, String> other : good.entrySet()) {
        if (!other.getKey().equals(key(file))) {
          load(other.getKey(), other.getValue());
        }
      }
    }
  }

  /** Whatever happens, edits of other files still have to take effect. */
  private void tryReload(Path file, BiConsumer<Path, SameId> conflict) {
    try {
      reload(file);
    } catch (SameId e) {
      conflict.accept(file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // stopped
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("{}: the edit could not be put into effect", Fault.shown(file), e);
    } catch (Error e) {
      Loops.failed("route reload", e);
    }
  }

  private void broken(Path file, Throwable why) {
    LOG.error("{}{}", fault(why, file), ids(file).isEmpty() ? "" : " (the old one runs on)");
  }

  /** Runs the file's last good version again, if there is one. */
  private void restore(Path file) {
    String last = good.get(key(file));
    try {
      if (last != null) {
        replace(file, last);
      }
    } catch (Exception | LinkageError | StackOverflowError e) {
      LOG.error("{}: its last good version doesn't start either", Fault.shown(file), e);
    }
  }

  /** Loads the file and ends those of its routes that the text no longer has. */
  private void replace(Path file, String text) throws Exception {
    Map<String, Path> owners = owners();
    try {
      Set<String> loaded = load(file, text);
      for (String id : loaded) {
        Path owner = owners.getOrDefault(id, key(file));
        if (!owner.equals(key(file))) {
          load(owner, good.get(owner));
          throw new SameId(id, file, owner);
        }
      }
      owners.keySet().removeIf(id -> loaded.contains(id) || !owners.get(id).equals(key(file)));
      remove(owners.keySet());
    } catch (Exception | LinkageError | StackOverflowError e) {
      Set<String> broken = ids(file);
      broken.removeAll(owners.keySet());
      remove(broken);
      throw e;
    }
  }

  private Fault fault(Throwable e, Path file) {
    return Fault.of(e, file, new KnownWords(context));
  }

  /** The file's text once it stays the same for a moment: editors truncate first, then write. */
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

  private Set<String> load(Path file, String text) throws Exception {
    RoutesLoader loader = PluginHelper.getRoutesLoader(context);
    Resource resource = ResourceHelper.fromString("file:" + file, text);
    return loader.updateRoutes(List.of(resource));
  }

  private Set<String> ids(Path file) {
    Map<String, Path> owners = owners();
    owners.values().removeIf(owner -> !owner.equals(key(file)));
    return owners.keySet();
  }

  /** The file of each route, by the route's id. */
  private Map<String, Path> owners() {
    Map<String, Path> owners = new HashMap<>();
    for (Route route : context.getRoutes()) {
      Resource source = route.getSourceResource();
      if (source != null) {
        owners.put(route.getRouteId(), key(Path.of(path(source))));
      }
    }
    return owners;
  }

  private void remove(Set<String> ids) throws Exception {
    for (String id : List.copyOf(ids)) {
      context.getRouteController().stopRoute(id);
      if (!context.removeRoute(id)) {
        throw new IllegalStateException("the route " + id + " could not be stopped");
      }
    }
  }

  private static String path(Resource source) {
    return source.getLocation().replaceFirst("^file:", "");
  }

  private static Path key(Path file) {
    return file.toAbsolutePath().normalize();
  }
}
