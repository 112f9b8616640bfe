package routes;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.main.Main;
import routes.aws.AwsGateway;
import routes.azure.AzureGateway;
import routes.google.GoogleGateway;
import routes.jetstream.DeadCommand;
import routes.log.ConsoleLog;
import routes.log.Loops;
import routes.mqtt.BrokerGateway;
import routes.pubsub.PubsubKind;
import routes.routefiles.CheckCommand;
import routes.routefiles.Fault;
import routes.routefiles.IdleRuntime;
import routes.routefiles.KnownWords;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.settings.Version;
import routes.uplink.GatewayKind;

/**
 * Starts the runtime: settings from application.properties and the environment, routes from {@code
 * routes.directory}. A mistake in either is reported in one line on standard error; exit code 1. A
 * signal stops it gracefully; exit code 0. The argument {@code dead} manages dead letters instead,
 * {@code check} validates settings and route files, {@code --help} lists all of them.
 */
public final class EdgeRuntime {
  /** The kinds of gateway. Another one is another line. */
  static final Map<String, GatewayKind> KINDS =
      Map.of(
          "aws", AwsGateway::new,
          "azure", AzureGateway::new,
          "google", GoogleGateway::new,
          "mqtt", BrokerGateway::new,
          "pubsub", PubsubKind::open);

  private static final String HELP =
      """
      cloud-iot-routes: host metrics and other telemetry, through NATS, to any cloud's IoT endpoint

      java -jar cloud-iot-routes.jar
          Starts the runtime with the route files in routes.directory.
      java -jar cloud-iot-routes.jar check [FOLDER]
          Checks the settings and the route files in FOLDER (routes.directory). Starts nothing; exit code
          1 if anything is wrong.
      java -jar cloud-iot-routes.jar dead [list [GATEWAY]]
          Lists the messages that a connected cloud keeps refusing: the dead letters.
      java -jar cloud-iot-routes.jar dead show N | replay N | replay all [GATEWAY] | drop N | drop all [GATEWAY]
          Shows one; sends them to their gateway again; or removes them.
      java -jar cloud-iot-routes.jar --version | --help

      Settings come from the environment: each key of application.properties in upper case, with _ for
      . and -, such as NATS_SERVERS, GATEWAYS, MQTT_URL, HTTP_PORT, ROUTES_DIRECTORY. With _FILE added,
      the variable names a file with the value: MQTT_PASSWORD_FILE. LOG_LEVEL is error, warn, info,
      debug or trace.""";

  private EdgeRuntime() {}

  public static void main(String... args) {
    // First: even a logger opens files.
    OpenFiles.problem(Path.of("/proc/self/limits"))
        .ifPresent(
            problem -> {
              System.err.println("cloud-iot-routes: " + problem);
              System.exit(1);
            });
    prepareProcess();
    if (args.length > 0) {
      System.exit(command(List.of(args)));
    }
    Main main = create();
    GracefulStop stop = new GracefulStop();
    stop.listen(main);
    main.addMainListener(stop);
    int exitCode;
    try {
      exitCode = main.run(args);
    } catch (Exception | StackOverflowError e) { // of route files that are nested too deeply
      System.err.println("cloud-iot-routes: " + fault(e, main.getCamelContext()));
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  /** Digits and case as machines read them, whatever the user's language; no thread dies unseen. */
  static void prepareProcess() {
    Locale.setDefault(Locale.ROOT);
    Loops.guardThreads();
  }

  /** Does what the arguments say, without starting a route. */
  private static int command(List<String> words) {
    List<String> rest = words.subList(1, words.size());
    try {
      return switch (words.get(0)) {
        case "check" -> {
          ConsoleLog.hush(name -> true);
          yield check(rest, Map.of(), System.out, System.err);
        }
        case "--help", "-h" -> {
          System.out.println(HELP);
          yield 0;
        }
        case "--version" -> {
          System.out.println("cloud-iot-routes " + Version.text());
          yield 0;
        }
        case "dead" -> DeadCommand.run(Settings.withoutRuntime(), rest, System.out, System.err);
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

  /**
   * The subcommand {@code check}.
   *
   * @param overrides settings that override file and environment
   * @return the exit code
   */
  static int check(
      List<String> words, Map<String, String> overrides, PrintStream out, PrintStream err) {
    IdleRuntime.Parts parts =
        new IdleRuntime.Parts(RoutesConfiguration::main, Startup::check, KINDS);
    return CheckCommand.run(words, parts, overrides, out, err);
  }

  /** The runtime, not yet started. */
  static Main create() {
    Main main = RoutesConfiguration.main();
    main.addMainListener(new Startup());
    return main;
  }

  private static Fault fault(Throwable thrown, CamelContext context) {
    String routes = new Settings(context).find("routes.directory").orElse("routes-yaml");
    return Fault.of(thrown, Path.of(routes), new KnownWords(context));
  }
}
