package routes.sandbox;

import java.time.Duration;

/** A message that is published when a connection ends without DISCONNECT (MQTT 5, 3.1.2.5). */
public record Will(Arrived message, Duration delay) {}
