package routes.routefiles;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import routes.settings.KnownSettings;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.UnknownSettings;
import routes.uplink.GatewayKind;
import routes.uplink.Gateways;

/**
 * The runtime with all its beans and components, but without routes, and never started: Camel
 * leaves services for the start, so nothing connects and nothing listens. What is wrong with the
 * settings is noted, and the default then stands in, or a gateway is left out, so that the rest can
 * be looked at too.
 */
public final class IdleRuntime extends MainListenerSupport {
  private static final String GATEWAYS = "gateways";
  private static final Map<String, String> OFF =
      Map.of(
          "camel.main.routes-include-pattern",
          "classpath:none/*.yaml",
          "camel.server.enabled",
          "false",
          "camel.management.enabled",
          "false");
  private static final String FOLDER = "routes.directory";

  /**
   * What the runtime consists of.
   *
   * @param main makes Camel with the configurations
   * @param check validates the settings and builds the gateways
   * @param kinds of gateways
   */
  public record Parts(
      Supplier<Main> main, Consumer<CamelContext> check, Map<String, GatewayKind> kinds) {}

  private final Parts parts;
  private final Map<String, String> overrides;
  private final Map<String, String> environment = new HashMap<>(System.getenv());
  private final List<String> faults = new ArrayList<>();
  private final Set<String> leftOut = new TreeSet<>();
  private final Set<String> wrongKeys = new HashSet<>();
  private boolean usable;
  private Main main;

  private IdleRuntime(Parts parts, Map<String, String> overrides) {
    this.parts = parts;
    this.overrides = new HashMap<>(overrides);
  }

  /**
   * @param overrides settings that go over file and environment
   */
  static IdleRuntime of(Parts parts, Map<String, String> overrides) {
    IdleRuntime runtime = new IdleRuntime(parts, overrides);
    for (boolean again = true; again; ) {
      try {
        runtime.make();
        again = false;
        runtime.usable = true;
      } catch (RuntimeException e) {
        again = runtime.noted(e);
      }
    }
    runtime.faults.addAll(UnknownSettings.of(runtime.context(), Gateways.keys(runtime.settings())));
    return runtime;
  }

  /** Whether route files can be looked at: not with settings that stop all of it. */
  boolean usable() {
    return usable;
  }

  CamelContext context() {
    return main.getCamelContext();
  }

  Settings settings() {
    return new Settings(context());
  }

  /** What is wrong with the settings, one line each. */
  List<String> faults() {
    return faults;
  }

  /** The gateways whose settings are wrong. */
  Set<String> leftOut() {
    return leftOut;
  }

  private void make() {
    main = parts.main().get();
    main.configure().setAutoStartup(false);
    OFF.forEach(main::addOverrideProperty);
    main.addMainListener(this);
    main.init();
  }

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    overrides.forEach(new Settings(context)::override);
    SecretFiles.useIn(context, environment);
    parts.check().accept(context);
  }

  /** Notes it, and whether another try makes sense. */
  private boolean noted(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingException wrong) {
        return standIn(wrong);
      }
    }
    faults.add(
        Fault.of(thrown, Path.of(settings().find(FOLDER).orElse("")), new KnownWords(context()))
            .text());
    return false;
  }

  private boolean standIn(SettingException wrong) {
    String key = wrong.key();
    if (!wrongKeys.add(key)) {
      return leaveOut();
    }
    faults.add(wrong.getMessage());
    environment.remove(key);
    environment.remove(SecretFiles.file(key));
    if (key.equals(GATEWAYS)) {
      return leaveOut();
    }
    overrides.put(key, KnownSettings.packaged().getProperty(key, ""));
    return !key.equals(FOLDER);
  }

  /** Leaves out the gateways whose settings are wrong, if there are any. */
  private boolean leaveOut() {
    List<String> right = new ArrayList<>();
    List<String> names = settings().list(GATEWAYS);
    for (String name : names) {
      try {
        Gateways.check(context(), name, parts.kinds());
        right.add(name);
      } catch (SettingException e) {
        leftOut.add(name);
        if (!faults.contains(e.getMessage())
            && (e.key().equals(GATEWAYS) || wrongKeys.add(e.key()))) {
          faults.add(e.getMessage());
        }
      }
    }
    overrides.put(GATEWAYS, String.join(",", right));
    return right.size() < names.size();
  }
}
