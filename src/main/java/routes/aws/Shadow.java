package routes.aws;

/**
 * The topics of a thing's classic shadow.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/iot/latest/developerguide/device-shadow-mqtt.html">Device
 *     Shadow MQTT topics</a>
 */
record Shadow(String thing) {
  private String topic(String operation) {
    return "$aws/things/" + thing + "/shadow/" + operation;
  }

  /** The answer when an update is refused. */
  String rejected() {
    return topic("update/rejected");
  }

  /** What is desired and not reported, after each change. */
  String delta() {
    return topic("update/delta");
  }

  /** An empty message here asks for the whole document. */
  String get() {
    return topic("get");
  }

  /** The whole document, on request. */
  String got() {
    return topic("get/accepted");
  }
}
