package routes.google;

import routes.link.MqttMessage;

/** Turns an inventory into the device's state. */
record GoogleReported(GoogleTopics topics) {
  private static final int LARGEST_STATE = 64 * 1024;

  /**
   * @throws IllegalArgumentException for more than 64 KB, for which the registry would close the
   *     connection again and again
   */
  MqttMessage message(byte[] inventory) {
    if (inventory.length > LARGEST_STATE) {
      throw new IllegalArgumentException(
          "the state has " + inventory.length + " bytes; the registry accepts " + LARGEST_STATE);
    }
    return new MqttMessage(topics.state(), inventory);
  }
}
