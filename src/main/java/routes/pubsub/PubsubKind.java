package routes.pubsub;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import routes.settings.SettingException;
import routes.uplink.Gateway;
import routes.uplink.GatewaySettings;

/**
 * The kind {@code pubsub}: Google Cloud Pub/Sub. This class compiles without Google's jars. Only
 * the build with -Ppubsub contains them and the gateway itself.
 */
public final class PubsubKind {
  /** The file by which Camel finds the component google-pubsub. */
  private static final String COMPONENT =
      "META-INF/services/org/apache/camel/component/google-pubsub";

  private static final String GATEWAY = "routes.pubsub.PubsubGateway";
  private static final String CONFIGURATION = "routes.pubsub.PubsubConfiguration";

  private PubsubKind() {}

  /**
   * @throws SettingException for the first setting that is missing or invalid, or if this build
   *     lacks the component
   */
  public static Gateway open(GatewaySettings settings) {
    check(PubsubKind.class.getClassLoader());
    PubsubSettings own = PubsubSettings.read(settings);
    try {
      return (Gateway)
          Class.forName(GATEWAY)
              .getConstructor(GatewaySettings.class, PubsubSettings.class)
              .newInstance(settings, own);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException thrown ? thrown : new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static void check(ClassLoader build) {
    if (!inBuild(build)) {
      throw new SettingException(
          "gateways", "pubsub needs the build with -Ppubsub (mvn -Ppubsub package)");
    }
  }

  private static boolean inBuild(ClassLoader build) {
    return build.getResource(COMPONENT) != null;
  }

  /** The class with the beans for this kind's routes; empty without -Ppubsub. */
  public static Optional<String> configuration() {
    return inBuild(PubsubKind.class.getClassLoader())
        ? Optional.of(CONFIGURATION)
        : Optional.empty();
  }
}
