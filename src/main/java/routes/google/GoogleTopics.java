package routes.google;

import routes.uplink.Telemetry;

/** The topics of one device of the IoT Core protocol, after ClearBlade's manual. */
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

  /** The filters of what the cloud sends, with blanks between. */
  String filters() {
    return commands() + "/# " + config();
  }
}
