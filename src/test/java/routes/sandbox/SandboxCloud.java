package routes.sandbox;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A stand-in cloud as {@code ./run} and its console see it. */
public interface SandboxCloud extends AutoCloseable {
  /**
   * What a command was answered.
   *
   * @param status 200, or as HTTP has it for an error
   * @param payload as the device sent it; empty when it sent none
   */
  record Reply(int status, String payload) {}

  /** As the setting gateways spells it, such as azure. */
  String name();

  /** The settings of a client of this cloud, as environment variables: AZURE_CONNECTION_STRING. */
  Map<String, String> settings();

  /**
   * Sends a command to the device as this cloud does it. The future ends by itself within 40 s;
   * exceptionally, with one clear line, when the device is not connected or never answers.
   */
  CompletableFuture<Reply> command(String device, String name, String payload);

  /** Changes what the device should be like: desired properties, a shadow's delta, a config. */
  void desire(String device, String json);

  @Override
  void close();
}
