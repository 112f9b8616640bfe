package routes.uplink;

import java.util.Optional;

/**
 * The right to connect under an identity that a cloud permits to one connection at a time. Of
 * several replicas of a gateway, the one that holds the lease connects; the others stand by.
 */
public interface Lease {
  /** The lease of a gateway without replicas. */
  Lease ALWAYS = () -> true;

  /** Whether this replica holds it at this moment, even if the process was frozen until now. */
  boolean held();

  /** Starts to compete for it. Calls back after each change, on any thread. */
  default void start(Runnable changed) {}

  /** The replica that holds it, if that is another one; empty while unknown. */
  default Optional<String> holder() {
    return Optional.empty();
  }

  /** Why it is not held, in one line. */
  default String reason() {
    return "";
  }

  /** Gives it up, so that another replica takes over at once. */
  default void close() {}
}
