package routes.link;

/**
 * Chooses the MQTT version of each connection attempt. If a broker rejects version 5 in its
 * CONNACK, 3.1.1 is used from then on. A close without a CONNACK can have any reason, so the
 * versions alternate. The connection after a 3.1.1 connection made in this way tries version 5
 * again. Not thread-safe.
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
   * @return whether to retry at once with the older version
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
