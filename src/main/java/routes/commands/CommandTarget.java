package routes.commands;

import routes.uplink.Reply;

/** Where commands go. */
interface CommandTarget {
  /**
   * Takes commands.timeout at most.
   *
   * @param payload JSON, or nothing
   */
  Reply send(String name, byte[] payload) throws InterruptedException;
}
