package routes.bundles;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The bundle with which the runtime starts. */
public final class InstalledBundle {
  private InstalledBundle() {}

  /**
   * Adds the bundle's routes and settings to those of the device, unless {@code routes.trusted-key}
   * is unset.
   */
  public static void useIn(Settings settings) {
    if (TrustedKey.of(settings).isEmpty()) {
      return;
    }
    BundleFolder folder = BundleFolder.of(settings);
    try {
      BundleState state = folder.start();
      if (state.error() != null && state.phase() == BundleState.Phase.ROLLED_BACK) {
        Rollout.LOG.warn(
            "routes from the cloud: version {} in use: {}", state.current(), state.error());
      }
      if (state.current() == 0) {
        return;
      }
      Path bundle = folder.of(state.current());
      BundleSettings.of(bundle).forEach(settings::override);
      String own = settings.require("routes.pattern", "the route files");
      String more =
          folder.files(state.current(), BundleRoutes.SUFFIX).stream()
              .map(file -> ",file:" + file)
              .collect(Collectors.joining());
      settings.override("routes.pattern", own + more);
    } catch (IOException | BundleException e) {
      throw new SettingException("data.directory", "the bundle of routes cannot be read: " + e);
    }
  }
}
