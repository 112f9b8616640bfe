package routes.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A stand-in for a cloud or a broker, as {@code ./run} and its console see it. {@link
 * SandboxClouds#ALL} lists them.
 */
public interface SandboxCloud extends AutoCloseable {
  /**
   * The answer to a command.
   *
   * @param status 200, or an HTTP error status
   * @param payload as the device sent it; empty if it sent none
   */
  record Reply(int status, String payload) {}

  /** The name as in the setting gateways, such as azure. */
  String name();

  /** Protocol and credential, in a few words. */
  String protocol();

  /** The port on which it listens if the port is free. */
  int usualPort();

  /**
   * Starts it.
   *
   * @param host what clients call this machine
   * @param port if it is in use, or 0, a free port is used
   * @param listener receives each message that arrives
   */
  void open(String host, int port, Consumer<Arrived> listener);

  /** Its address, such as ssl://localhost:8883. */
  String url();

  /**
   * The settings of a client of this cloud, as environment variables such as
   * AZURE_CONNECTION_STRING.
   */
  Map<String, String> settings();

  /**
   * Variables for the file env with which other clients can watch the device. The runtime ignores
   * them.
   */
  default Map<String, String> views() {
    return Map.of();
  }

  /** Registers another device and returns its settings. */
  Map<String, String> admit(String device);

  /** The MQTT client ids of the connected devices. */
  Set<String> clients();

  /** The newest inventory of a device, where this cloud shows it; missing if there is none. */
  JsonNode reported(String device);

  /** Reports each refusal to the listener, in one line. */
  void listenToRefusals(Consumer<String> listener);

  /**
   * Sends a command to the device as this cloud does. The future completes within 40 s;
   * exceptionally, with one clear line, if the device is not connected or does not answer.
   */
  CompletableFuture<Reply> command(String device, String name, String payload);

  /** Ends every connection and refuses new ones, until {@link #reappear()}. */
  void disappear();

  /** Accepts connections again, at the same address. */
  void reappear();

  /**
   * As {@link #reappear()}, for a limited time.
   *
   * @throws IllegalStateException if another program has taken the port
   */
  void reappear(Duration patience);

  /** Changes the desired state: desired properties, a shadow's delta, or a config. */
  void desire(String device, String json);

  @Override
  void close();
}
