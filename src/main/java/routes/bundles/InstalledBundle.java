package routes.bundles;

import static routes.bundles.Rollout.LOG;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The bundle with which the runtime starts. */
public final class InstalledBundle {
  private InstalledBundle() {}

  /**
   * Adds the bundle's routes and settings to those of the device, unless {@code routes.trusted-key}
   * is unset, and counts the start.
   */
  public static void useIn(Settings settings) {
    BundleFolder folder = BundleFolder.of(settings);
    try {
      if (TrustedKey.of(settings).isEmpty()) {
        if (folder.state().current() > 0) {
          LOG.warn("{} is unset: the routes from the cloud are not used", TrustedKey.KEY);
        }
        return;
      }
      start(folder, settings.require(TrustedKey.KEY, "a key"));
    } catch (IOException e) {
      // Telemetry is more important than a count.
      LOG.warn("data.directory: this start with routes from the cloud is not counted: {}", e + "");
    }
    String own = settings.require("routes.pattern", "the route files");
    String more =
        files(settings).stream().map(file -> ",file:" + file).collect(Collectors.joining());
    settings.override("routes.pattern", own + more);
  }

  private static void start(BundleFolder folder, String key) throws IOException {
    folder.trust(key);
    BundleState state = folder.start();
    if (state.error() != null && state.phase() == BundleState.Phase.ROLLED_BACK) {
      LOG.warn("routes from the cloud: version {} in use: {}", state.current(), state.error());
    }
  }

  /**
   * Sets the bundle's settings.
   *
   * @return its route files; none without a bundle
   */
  public static List<Path> files(Settings settings) {
    if (TrustedKey.of(settings).isEmpty()) {
      return List.of();
    }
    BundleFolder folder = BundleFolder.of(settings);
    try {
      int current = folder.state().current();
      if (current > 0) {
        BundleSettings.of(folder.of(current)).forEach(settings::override);
      }
      return folder.files(current, BundleRoutes.SUFFIX);
    } catch (IOException | BundleException e) {
      throw new SettingException("data.directory", "the bundle of routes cannot be read: " + e);
    }
  }

  /** The version in use; 0 for none. */
  public static int version(Settings settings) {
    try {
      return TrustedKey.of(settings).isEmpty() ? 0 : BundleFolder.of(settings).state().current();
    } catch (IOException e) {
      return 0; // the start has reported it
    }
  }

  /** Takes back the count of a start that failed because of the device's own file. */
  public static void uncount(Settings settings, Path file) {
    BundleFolder folder = BundleFolder.of(settings);
    try {
      BundleState state = folder.state();
      if (state.starts() > 0 && !folder.contains(file)) {
        folder.write(state.started(state.starts() - 1));
      }
    } catch (IOException e) {
      LOG.warn("data.directory: {}", e.toString());
    }
  }
}
