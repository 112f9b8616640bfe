package routes.commands;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import routes.uplink.Reply;

/** Runs commands, by NATS or HTTP; a bean of this type replaces both. */
public interface CommandTarget {
  /**
   * Sends a command without blocking. The future completes within commands.timeout, not counting
   * the time that a patient command waits for NATS. It fails only with a {@link
   * CancellationException}, if the runtime stops before the command was sent.
   *
   * @param payload JSON, or empty
   * @param patient whether the command may wait as long as NATS is unavailable
   * @param begin called just before the command is sent
   */
  CompletableFuture<Reply> send(String name, byte[] payload, boolean patient, Runnable begin);
}
