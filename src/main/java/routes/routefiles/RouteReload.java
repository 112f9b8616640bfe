package routes.routefiles;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.FileWatcherResourceReloadStrategy;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts an edited, new or deleted route file into effect while the other routes go on. A broken edit
 * is logged with file and line, and the file's last good version keeps running; Camel's own reload
 * would leave the route dead.
 */
public final class RouteReload extends FileWatcherResourceReloadStrategy {
  private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);

  private final RouteNames names;
  private final Map<Path, String> good = new HashMap<>();
  private final Map<Path, String> seen = new HashMap<>();

  public RouteReload(RouteNames names) {
    super(names.directory().toString(), true);
    this.names = names;
    setFileFilter(file -> names.test(file.toPath()) || RouteFolder.isOther(file.toPath()));
    setResourceReload((name, resource) -> reload(new File(name).toPath()));
  }

  @Override
  protected void doStart() throws Exception {
    for (Path file : RouteFolder.of(names.directory()).routeFiles()) {
      if (names.test(file)) {
        good.put(key(file), Files.readString(file));
      }
    }
    seen.putAll(good);
    super.doStart();
  }

  @Override
  protected String startupMessage(File folder) {
    return null;
  }

  private void reload(Path file) throws Exception {
    if (RouteFolder.isOther(file)) {
      if (Files.exists(file) && seen.put(key(file), "") == null) {
        LOG.warn("{} isn't loaded: its name should end in {}", file, RouteFolder.SUFFIX);
      }
      return;
    }
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
      remove(ids(file));
      boolean ran = good.remove(key(file)) != null;
      LOG.info("{} is gone{}", file, ran ? ": its route is stopped" : "");
      return;
    }
    try {
      replace(file, text);
      good.put(key(file), text);
      LOG.info("{} is in effect", file);
    } catch (Exception | LinkageError | StackOverflowError e) {
      // or the watcher's thread would end, and no edit take effect any more
      String last = good.get(key(file));
      try {
        if (last != null) {
          replace(file, last);
        }
      } finally {
        LOG.error("{}{}", fault(e, file), last == null ? "" : " (the old one runs on)");
      }
      return;
    }
    if (text.contains("routeConfiguration:")) {
      // routes take their configuration over when they are made
      for (Map.Entry<Path, String> other : good.entrySet()) {
        if (!other.getKey().equals(key(file))) {
          load(other.getKey(), other.getValue());
        }
      }
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
          throw new IllegalStateException(
              "route: %s (source: file:%s): its id is also in %s".formatted(id, file, owner));
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
    return Fault.of(e, file, new KnownWords(getCamelContext()));
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
    RoutesLoader loader = PluginHelper.getRoutesLoader(getCamelContext());
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
    for (Route route : getCamelContext().getRoutes()) {
      Resource source = route.getSourceResource();
      if (source != null) {
        owners.put(route.getRouteId(), key(Path.of(path(source))));
      }
    }
    return owners;
  }

  private void remove(Set<String> ids) throws Exception {
    CamelContext context = getCamelContext();
    for (String id : List.copyOf(ids)) {
      context.getRouteController().stopRoute(id);
      context.removeRoute(id);
    }
  }

  private static String path(Resource source) {
    return source.getLocation().replaceFirst("^file:", "");
  }

  private static Path key(Path file) {
    return file.toAbsolutePath().normalize();
  }
}
