package routes;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import routes.aws.AwsGateway;
import routes.aws.AwsProvisioner;
import routes.azure.AzureGateway;
import routes.azure.AzureProvisioner;
import routes.bundles.InstalledBundle;
import routes.bundles.SignCommand;
import routes.bus.LeafCommand;
import routes.google.GoogleGateway;
import routes.jetstream.ConsumersCommand;
import routes.jetstream.DeadCommand;
import routes.log.ConsoleLog;
import routes.log.Loops;
import routes.mqtt.BrokerGateway;
import routes.pubsub.PubsubKind;
import routes.routefiles.CheckCommand;
import routes.routefiles.Fault;
import routes.routefiles.IdleRuntime;
import routes.routefiles.KnownWords;
import routes.routefiles.LoadedRoutes;
import routes.routefiles.TestCommand;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.SettingsFile;
import routes.settings.Terminal;
import routes.settings.Version;
import routes.uplink.GatewayKind;
import routes.uplink.Gateways;
import routes.uplink.ProvisionCommand;
import routes.uplink.Provisioner;
import routes.web.PasswordCommand;

/**
 * Starts the runtime with settings from application.properties and the environment, and routes from
 * {@code routes.directory}. An error in either is reported in one line on standard error, with exit
 * code 1. A signal stops the runtime gracefully, with exit code 0. The subcommands {@code dead},
 * {@code consumers}, {@code leaf}, {@code provision}, {@code check} and {@code test} manage dead
 * letters, consumers and leaf nodes, request identities, validate settings and route files, and
 * test route files; see {@code --help}.
 */
public final class EdgeRuntime {
  /** The kinds of gateways, one per line. */
  static final Map<String, GatewayKind> KINDS =
      Map.of(
          "aws", AwsGateway::new,
          "azure", AzureGateway::new,
          "google", GoogleGateway::new,
          "mqtt", BrokerGateway::new,
          "pubsub", PubsubKind::open);

  /** The kinds whose clouds assign identities to devices. */
  static final Map<String, Provisioner.Kind> PROVISIONERS =
      Map.of("aws", AwsProvisioner::open, "azure", AzureProvisioner::open);

  private static final String HELP =
      """
      cloud-iot-routes: host metrics and other telemetry, through NATS, to any cloud's IoT endpoint

      java -jar cloud-iot-routes.jar
          Start the runtime with the route files in routes.directory.
      java -jar cloud-iot-routes.jar check [FOLDER]
          Check the settings and the route files in FOLDER (default: routes.directory) without
          starting anything. The exit code is 1 if there are errors.
      java -jar cloud-iot-routes.jar test [FOLDER | NAME.test.yaml]...
          Run the test files, NAME.test.yaml beside NAME.camel.yaml, in FOLDER (default:
          routes.directory) without NATS or a cloud. The exit code is 1 if a case fails.
      java -jar cloud-iot-routes.jar dead [list [GATEWAY]]
          List the dead letters: messages that a connected cloud keeps refusing.
      java -jar cloud-iot-routes.jar dead show N | replay N | replay all [GATEWAY] | drop N | drop all [GATEWAY]
          Show one dead letter, send dead letters to their gateway again, or remove them (drop all asks
          first on a terminal).
      java -jar cloud-iot-routes.jar consumers [list] | consumers remove NAME | consumers prune [--yes]
          List the consumers of the streams with their backlog, remove one, or remove those of this
          device that no route uses any more (asks first, unless --yes is given).
      java -jar cloud-iot-routes.jar leaf [list] | leaf add DOMAIN [new | TIME] | leaf remove DOMAIN
          On a hub: list, add or remove the leaf nodes whose telemetry the hub collects.
      java -jar cloud-iot-routes.jar provision [--again] [GATEWAY]...
          Request the identities that azure.dps.* and aws.provisioning.* describe and store them in
          data.directory, unless they are there (--again requests them anyway). The first start
          does this too.
      java -jar cloud-iot-routes.jar password NAME
          Read a password from the terminal or standard input, and print a line for the file in
          http.users.
      java -jar cloud-iot-routes.jar sign new-key FILE
          Create a key for signing bundles of routes, and print routes.trusted-key for the devices.
      java -jar cloud-iot-routes.jar sign FOLDER --key FILE --version N --url URL [--to ZIP]
          Pack the route files in FOLDER into a bundle, and print the desired property that offers it.
      java -jar cloud-iot-routes.jar --version | --help

      --settings FILE, before or after a subcommand, names a file with lines such as
      mqtt.url = tcp://broker:1883. The default is /etc/cloud-iot-routes/settings.properties, if it
      exists. Environment variables override the file: each key in upper case, with _ for . and -,
      such as NATS_SERVERS, GATEWAYS, MQTT_URL, HTTP_PORT, ROUTES_DIRECTORY. With the suffix _FILE, a
      variable names a file that contains the value: MQTT_PASSWORD_FILE. LOG_LEVEL is error, warn,
      info, debug or trace.""";

  private EdgeRuntime() {}

  public static void main(String... args) {
    // First, because even a logger opens files.
    OpenFiles.problem(Path.of("/proc/self/limits"))
        .ifPresent(
            problem -> {
              System.err.println("cloud-iot-routes: " + problem);
              System.exit(1);
            });
    prepareProcess();
    List<String> words = withoutSettingsFile(List.of(args));
    if (!words.isEmpty()) {
      System.exit(command(words));
    }
    Main main = create();
    GracefulStop stop = new GracefulStop();
    stop.listen(main);
    main.addMainListener(stop);
    Restart restart = new Restart(stop);
    main.addMainListener(restart);
    Systemd.of(System.getenv()).ifPresent(main::addMainListener);
    int exitCode;
    try {
      exitCode = restart.exitCode(main.run(new String[0]));
    } catch (Exception | StackOverflowError e) { // from route files that are nested too deeply
      Object fault = fault(e, main.getCamelContext());
      if (fault instanceof Fault known && known.file() != null) {
        InstalledBundle.uncount(new Settings(main.getCamelContext()), known.file());
      }
      System.err.println("cloud-iot-routes: " + fault);
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  /**
   * Selects the log, makes formats independent of the user's locale, and reports threads that die.
   */
  static void prepareProcess() {
    ConsoleLog.select();
    Locale.setDefault(Locale.ROOT);
    Loops.guardThreads();
  }

  /** The arguments without {@code --settings FILE}, which is stored for this process. */
  private static List<String> withoutSettingsFile(List<String> args) {
    List<String> words = new ArrayList<>(args);
    int option = words.indexOf("--settings");
    if (option >= 0) {
      if (option + 1 == words.size() || words.get(option + 1).isBlank()) {
        System.err.println("cloud-iot-routes: --settings needs a file: --settings FILE");
        System.exit(2);
      }
      words.remove(option);
      System.setProperty(SettingsFile.PROPERTY, words.remove(option));
    }
    return words;
  }

  /** Runs a subcommand without starting routes. */
  private static int command(List<String> words) {
    List<String> rest = words.subList(1, words.size());
    try {
      return switch (words.get(0)) {
        case "check" -> {
          ConsoleLog.hush(name -> true);
          yield check(rest, Map.of(), System.out, System.err);
        }
        case "test" -> {
          ConsoleLog.hush(name -> true);
          yield test(rest, System.out, System.err);
        }
        case "--help", "-h" -> {
          System.out.println(HELP);
          yield 0;
        }
        case "--version" -> {
          System.out.println("cloud-iot-routes " + Version.text());
          yield 0;
        }
        case "dead" -> withSettings(EdgeRuntime::dead, rest);
        case "consumers" -> {
          ConsoleLog.hush(name -> true);
          yield ConsumersCommand.run(
              rest,
              () -> LoadedRoutes.of(parts(), InstalledBundle::files),
              System.in,
              System.out,
              System.err);
        }
        case "leaf" -> withSettings(LeafCommand::run, rest);
        case "sign" -> SignCommand.run(rest, System.out, System.err);
        case "provision" -> {
          ConsoleLog.hush(name -> true);
          yield withSettings(EdgeRuntime::provision, rest);
        }
        case "password" -> PasswordCommand.run(rest, System.out, System.err);
        default -> {
          System.err.println(
              "cloud-iot-routes: unknown argument \""
                  + words.get(0)
                  + "\"; --help lists the arguments");
          yield 2;
        }
      };
    } catch (SettingException e) {
      System.err.println("cloud-iot-routes: " + e.getMessage());
      return 1;
    }
  }

  /** A subcommand that needs the settings alone, and returns the exit code. */
  private interface SettingsCommand {
    int run(Settings settings, List<String> words, PrintStream out, PrintStream err);
  }

  private static int withSettings(SettingsCommand command, List<String> words) {
    Settings settings = Settings.withoutRuntime();
    try {
      return command.run(settings, words, System.out, System.err);
    } catch (SettingException e) {
      System.err.println("cloud-iot-routes: " + settings.describe(e));
      return 1;
    }
  }

  private static int dead(Settings settings, List<String> words, PrintStream out, PrintStream err) {
    return DeadCommand.run(
        settings,
        words,
        name -> Gateways.isKnown(settings, KINDS.keySet(), name),
        Terminal.isInput() ? System.in : null,
        out,
        err);
  }

  private static int provision(
      Settings settings, List<String> words, PrintStream out, PrintStream err) {
    Startup.identify(settings);
    return ProvisionCommand.run(words, settings, KINDS.keySet(), PROVISIONERS, out, err);
  }

  /**
   * The subcommand {@code check}.
   *
   * @param overrides settings that override file and environment
   * @return the exit code
   */
  static int check(
      List<String> words, Map<String, String> overrides, PrintStream out, PrintStream err) {
    return CheckCommand.run(words, parts(), overrides, out, err);
  }

  /**
   * The subcommand {@code test}.
   *
   * @return the exit code
   */
  static int test(List<String> words, PrintStream out, PrintStream err) {
    return TestCommand.run(words, parts(), out, err);
  }

  private static IdleRuntime.Parts parts() {
    return new IdleRuntime.Parts(RoutesConfiguration::main, Startup::check, KINDS);
  }

  /** The runtime, not yet started. */
  static Main create() {
    Main main = RoutesConfiguration.main();
    main.addMainListener(new Startup());
    return main;
  }

  private static Object fault(Throwable thrown, CamelContext context) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SettingException wrong) {
        return new Settings(context).describe(wrong);
      }
    }
    String routes = new Settings(context).find("routes.directory").orElse("routes-yaml");
    return Fault.of(thrown, Path.of(routes), new KnownWords(context));
  }
}
