package routes.google;

import routes.uplink.Telemetry;

/** The topics of one device in the IoT Core protocol, according to ClearBlade's manual. */
record GoogleTopics(String device) {
  private String topic(String name) {
    return "/devices/" + device + "/" + name;
  }

  /** Samples go to the registry's default Pub/Sub topic, other kinds to a subfolder. */
  static String events(String device, String kind) {
    String events = "/devices/" + device + "/events";
    return kind.equals(Telemetry.METRICS) ? events : events + "/" + kind;
  }

  /** Where replies to commands go. */
  String replies() {
    return topic("events/commands");
  }

  String state() {
    return topic("state");
  }

  String config() {
    return topic("config");
  }

  String commands() {
    return topic("commands");
  }

  /** The filters of messages from the cloud, separated by blanks. */
  String filters() {
    return commands() + "/# " + config();
  }
}
