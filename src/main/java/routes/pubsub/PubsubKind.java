package routes.pubsub;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import routes.settings.SettingException;
import routes.uplink.Gateway;
import routes.uplink.GatewaySettings;

/**
 * The kind {@code pubsub}: Google Cloud Pub/Sub. Compiles without Google's jars: only the build
 * with -Ppubsub has them, and the gateway itself.
 */
public final class PubsubKind {
  /** By which Camel finds the component google-pubsub. */
  private static final String COMPONENT =
      "META-INF/services/org/apache/camel/component/google-pubsub";

  private static final String GATEWAY = "routes.pubsub.PubsubGateway";
  private static final String CONFIGURATION = "routes.pubsub.PubsubConfiguration";

  private PubsubKind() {}

  /**
   * @throws SettingException for the first setting that is missing or wrong, or when this build
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

  /** The class with the beans of its routes, in the build with -Ppubsub. */
  public static Optional<String> configuration() {
    return inBuild(PubsubKind.class.getClassLoader())
        ? Optional.of(CONFIGURATION)
        : Optional.empty();
  }
}
