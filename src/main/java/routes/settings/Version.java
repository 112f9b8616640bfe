package routes.settings;

/** The version of this program: that of its jar. */
public final class Version {
  private Version() {}

  /** Such as 0.1.0; dev where it does not run from its jar. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
