package routes.sandbox;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A stand-in for a cloud or a broker, as {@code ./run} and its console see it. {@link
 * SandboxClouds#ALL} lists them.
 */
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

  /** Protocol and credential, in a few words. */
  String protocol();

  /** The port that it listens on, unless that is in use. */
  int usualPort();

  /**
   * Starts it.
   *
   * @param host what clients call this machine
   * @param port if it is in use, or 0, a free one is taken
   * @param listener gets each message that arrives
   */
  void open(String host, int port, Consumer<Arrived> listener);

  /** Where it listens, such as ssl://localhost:8883. */
  String url();

  /** The settings of a client of this cloud, as environment variables: AZURE_CONNECTION_STRING. */
  Map<String, String> settings();

  /** How others can watch the device: variables for the file env, which the runtime ignores. */
  default Map<String, String> views() {
    return Map.of();
  }

  /** Reports each refusal to the listener, in one line. */
  void listenToRefusals(Consumer<String> listener);

  /** Whether it sends commands and desired state. */
  default boolean commands() {
    return true;
  }

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
