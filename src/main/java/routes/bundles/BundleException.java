package routes.bundles;

/** A bundle that this device refuses. The message is one line, and is reported to the cloud. */
final class BundleException extends Exception {
  private static final long serialVersionUID = 1L;

  BundleException(String message) {
    super(message);
  }
}
