package routes.link;

/**
 * Chooses the MQTT version of each attempt to connect. A broker that rejects version 5 in its
 * CONNACK is asked for 3.1.1 from then on. A broker that closes the connection without a CONNACK
 * may have any reason to do so: the versions alternate, and a connection of 3.1.1 that comes about
 * this way is followed by another attempt with version 5. Not thread-safe.
 */
final class Versions {
  private final boolean auto;
  private boolean five;
  private boolean rejected;

  Versions(MqttVersion wanted) {
    this.auto = wanted == MqttVersion.AUTO;
    this.five = wanted != MqttVersion.V3_1_1;
  }

  /** Whether the next attempt speaks version 5. */
  boolean five() {
    return five;
  }

  /** The broker accepted the version. */
  void accepted() {
    if (auto && !rejected) {
      five = true;
    }
  }

  /**
   * The broker rejected the version.
   *
   * @return whether it may be asked for the older one at once
   */
  boolean rejected() {
    boolean older = auto && five;
    if (auto) {
      rejected = five;
      five = !five;
    }
    return older;
  }

  /** The broker closed the connection without a CONNACK. */
  void unanswered() {
    if (auto && !rejected) {
      five = !five;
    }
  }
}
