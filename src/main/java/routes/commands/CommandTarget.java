package routes.commands;

import java.util.concurrent.CompletableFuture;
import routes.uplink.Reply;

/** Where commands go. */
interface CommandTarget {
  /**
   * Sends a command, without waiting. The future never fails and ends within commands.timeout.
   *
   * @param payload JSON, or nothing
   */
  CompletableFuture<Reply> send(String name, byte[] payload);
}
