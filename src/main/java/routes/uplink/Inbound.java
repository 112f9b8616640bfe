package routes.uplink;

/** A message from a cloud to this device. */
public sealed interface Inbound permits Command, Desired {}
