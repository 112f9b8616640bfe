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
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import routes.settings.KnownSettings;
import routes.settings.SecretFiles;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.SettingsFile;
import routes.settings.UnknownSettings;
import routes.uplink.GatewayKind;
import routes.uplink.Gateways;

/**
 * The runtime with all its beans and components, but without routes and never started, so nothing
 * connects and nothing listens. An invalid setting is recorded and replaced by its default, or its
 * gateway is left out, so that the rest can be checked too.
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
          "false",
          // otherwise the route of a test would start later, on another thread
          "camel.routecontroller.enabled",
          "false");
  private static final String FOLDER = "routes.directory";

  /**
   * The parts of the runtime.
   *
   * @param main creates Camel with the configurations
   * @param check validates the settings and builds the gateways
   * @param kinds the kinds of gateways, by name
   */
  public record Parts(
      Supplier<Main> main, Consumer<CamelContext> check, Map<String, GatewayKind> kinds) {}

  private final Parts parts;
  private final Map<String, String> overrides;
  private final Map<String, String> environment;
  private final Consumer<CamelContext> prepare;
  private final List<String> faults = new ArrayList<>();
  private final Set<String> leftOut = new TreeSet<>();
  private final Set<String> wrongKeys = new HashSet<>();
  private boolean usable;
  private Main main;

  private IdleRuntime(
      Parts parts,
      Map<String, String> overrides,
      Map<String, String> environment,
      Consumer<CamelContext> prepare) {
    this.parts = parts;
    this.overrides = new HashMap<>(overrides);
    this.environment = new HashMap<>(environment);
    this.prepare = prepare;
  }

  /**
   * @param overrides settings that override file and environment
   */
  static IdleRuntime of(Parts parts, Map<String, String> overrides) {
    IdleRuntime runtime = new IdleRuntime(parts, overrides, System.getenv(), SettingsFile::useIn);
    runtime.createWithFaults();
    runtime.faults.addAll(UnknownSettings.of(runtime.context(), Gateways.keys(runtime.settings())));
    return runtime;
  }

  /**
   * A runtime that ignores the environment and reads no certificates.
   *
   * @param settings override the packaged ones
   * @param prepare called before the beans are created
   */
  static IdleRuntime isolated(
      Parts parts, Map<String, String> settings, Consumer<CamelContext> prepare) {
    IdleRuntime runtime =
        new IdleRuntime(
            parts,
            settings,
            Map.of(),
            context -> {
              ((PropertiesComponent) context.getPropertiesComponent())
                  .setEnvironmentVariableMode(PropertiesComponent.ENVIRONMENT_VARIABLES_MODE_NEVER);
              Settings.leaveCertificates(context);
              prepare.accept(context);
            });
    runtime.createWithFaults();
    runtime.faults.addAll(
        UnknownSettings.among(settings.keySet(), Gateways.keys(runtime.settings())));
    return runtime;
  }

  private void createWithFaults() {
    for (boolean again = true; again; ) {
      try {
        create();
        again = false;
        usable = true;
      } catch (RuntimeException e) {
        again = recordFault(e);
      }
    }
  }

  /** Whether route files can be checked; false if the settings prevent it. */
  boolean usable() {
    return usable;
  }

  CamelContext context() {
    return main.getCamelContext();
  }

  Settings settings() {
    return new Settings(context());
  }

  /** Errors in the settings, one line each. */
  List<String> faults() {
    return faults;
  }

  /** The gateways with invalid settings. */
  Set<String> leftOut() {
    return leftOut;
  }

  private void create() {
    main = parts.main().get();
    main.configure().setAutoStartup(false);
    OFF.forEach(main::addOverrideProperty);
    main.addMainListener(this);
    // Without a shutdown hook, which would wait for a route test that never ends.
    main.setShutdownStrategy(new SimpleMainShutdownStrategy());
    main.init();
  }

  @Override
  public void beforeConfigure(BaseMainSupport main) {
    CamelContext context = main.getCamelContext();
    prepare.accept(context);
    overrides.forEach(new Settings(context)::override);
    SecretFiles.useIn(context, environment);
    parts.check().accept(context);
  }

  /** Records the error; returns whether to try again. */
  private boolean recordFault(Throwable thrown) {
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
    faults.add(settings().describe(wrong));
    environment.remove(key);
    environment.remove(SecretFiles.file(key));
    if (key.equals(GATEWAYS)) {
      return leaveOut();
    }
    overrides.put(key, KnownSettings.packaged().getProperty(key, ""));
    return !key.equals(FOLDER);
  }

  /** Leaves out the gateways with invalid settings; returns whether there are any. */
  private boolean leaveOut() {
    List<String> right = new ArrayList<>();
    List<String> names = settings().list(GATEWAYS);
    for (String name : names) {
      try {
        Gateways.check(context(), name, parts.kinds());
        right.add(name);
      } catch (SettingException e) {
        leftOut.add(name);
        String fault = settings().describe(e);
        if (!faults.contains(fault) && (e.key().equals(GATEWAYS) || wrongKeys.add(e.key()))) {
          faults.add(fault);
        }
      }
    }
    overrides.put(GATEWAYS, String.join(",", right));
    return right.size() < names.size();
  }
}
