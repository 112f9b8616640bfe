package routes.settings;

/** This program's version, from its jar. */
public final class Version {
  private Version() {}

  /** For example 0.1.0; dev if it does not run from a jar. */
  public static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
