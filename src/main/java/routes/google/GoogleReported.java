package routes.google;

import routes.link.MqttMessage;

/** Makes an inventory the device's state. */
record GoogleReported(GoogleTopics topics) {
  private static final int LARGEST_STATE = 64 * 1024;

  /**
   * @throws IllegalArgumentException for more than 64 KB: the registry would end the connection
   *     again and again
   */
  MqttMessage message(byte[] inventory) {
    if (inventory.length > LARGEST_STATE) {
      throw new IllegalArgumentException(
          "a state of " + inventory.length + " bytes: the registry takes " + LARGEST_STATE);
    }
    return new MqttMessage(topics.state(), inventory);
  }
}
