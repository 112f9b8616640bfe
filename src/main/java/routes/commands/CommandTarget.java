package routes.commands;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import routes.uplink.Reply;

/** Where commands go. */
interface CommandTarget {
  /**
   * Sends a command, without waiting. The future ends within commands.timeout, not counting the
   * time in which a patient command waits for NATS. It fails only with a {@link
   * CancellationException}: the runtime stops, and the command was not sent.
   *
   * @param payload JSON, or nothing
   * @param patient whether it may wait for as long as NATS is away
   * @param begin to be called just before the command is sent
   */
  CompletableFuture<Reply> send(String name, byte[] payload, boolean patient, Runnable begin);
}
