package routes.uplink;

/** What a cloud sent to this device. */
public sealed interface Inbound permits Command, Desired {}
