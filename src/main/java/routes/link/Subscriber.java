package routes.link;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import routes.link.Failure.Kind;
import routes.log.RateLimitedLog;

/**
 * Subscribes to topic filters on each connection, and warns about filters that the broker refuses.
 * If the broker closes the connection twice after a filter's SUBSCRIBE, the filter is left out
 * until a connection without it has been stable. Clouds do so for a filter that is not allowed.
 * Used on the event loop only.
 */
final class Subscriber {
  private static final int MOST_CLOSES = 2;

  private record Request(
      String filter, boolean subscribe, long start, CompletableFuture<Void> done) {}

  private final ConnectionPolicy policy;
  private final RateLimitedLog warnings;
  private final Consumer<String> subscribed;

  /** By packet identifier, in the order they were sent. */
  private final Map<Integer, Request> pending = new LinkedHashMap<>();

  private final Map<String, Integer> closes = new HashMap<>();
  private final Set<String> leftOut = new HashSet<>();

  /**
   * @param subscribed receives each filter that the broker has accepted
   */
  Subscriber(ConnectionPolicy policy, RateLimitedLog warnings, Consumer<String> subscribed) {
    this.policy = policy;
    this.warnings = warnings;
    this.subscribed = subscribed;
  }

  boolean uses(int id) {
    return pending.containsKey(id);
  }

  /** Completes once each filter is accepted, refused or given up. */
  CompletableFuture<Void> open(Session session, Map<String, Integer> filters) {
    CompletableFuture<?>[] all =
        filters.entrySet().stream()
            .filter(filter -> !leftOut.contains(filter.getKey()))
            .map(filter -> subscribe(session, filter.getKey(), filter.getValue()))
            .map(done -> done.exceptionally(refused -> null))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(all);
  }

  /** Completes with a {@link Failure} if the broker refuses the filter. */
  CompletableFuture<Void> subscribe(Session session, String filter, int qos) {
    int id = session.nextId();
    session.write(Packets.subscribe(id, filter, qos));
    return request(session, id, filter, true);
  }

  CompletableFuture<Void> unsubscribe(Session session, String filter) {
    forget(filter);
    int id = session.nextId();
    session.write(Packets.unsubscribe(id, filter));
    return request(session, id, filter, false);
  }

  private CompletableFuture<Void> request(
      Session session, int id, String filter, boolean subscribe) {
    session.flush();
    Request request = new Request(filter, subscribe, System.nanoTime(), new CompletableFuture<>());
    pending.put(id, request);
    long limit = policy.publishTimeout().toNanos();
    LinkLoop.schedule(() -> overdue(session, id, request), limit, TimeUnit.NANOSECONDS);
    return request.done();
  }

  private void overdue(Session session, int id, Request request) {
    if (pending.get(id) == request) {
      String missing = request.subscribe() ? "no SUBACK" : "no UNSUBACK";
      Failure why =
          new Failure(
              Kind.UNREACHABLE, missing + " within " + Durations.text(policy.publishTimeout()));
      if (session.lastAcknowledged() - request.start() < 0) {
        session.end(why);
      } else {
        pending.remove(id);
        warnings.warn("cannot subscribe to " + request.filter() + ": " + why.getMessage());
        request.done().completeExceptionally(why);
      }
    }
  }

  /**
   * Handles a SUBACK or UNSUBACK.
   *
   * @param refusal null if the broker accepted
   * @return whether such a packet was expected
   */
  boolean acknowledged(int id, Failure refusal) {
    Request request = pending.remove(id);
    if (request == null) {
      return false;
    }
    closes.remove(request.filter());
    if (refusal == null) {
      if (request.subscribe()) {
        subscribed.accept(request.filter());
      }
      request.done().complete(null);
    } else {
      warnings.warn("cannot subscribe to " + request.filter() + ": " + refusal.getMessage());
      request.done().completeExceptionally(refusal);
    }
    return true;
  }

  /** The connection has ended. Returns why, with the filter that may be the reason. */
  Failure closed(Failure why) {
    Failure reason = why;
    Request first = pending.values().stream().filter(Request::subscribe).findFirst().orElse(null);
    boolean due = why.kind() == Kind.CLOSED || why.getMessage().startsWith("no SUBACK");
    if (first != null && due) {
      String filter = first.filter();
      reason =
          new Failure(
              why.kind(),
              why.getMessage() + " on SUBSCRIBE to " + filter + "; check that it is allowed",
              why);
      if (closes.merge(filter, 1, Integer::sum) >= MOST_CLOSES) {
        leftOut.add(filter);
        warnings.warn(
            "cannot subscribe to "
                + filter
                + ": the broker closed the connection twice on SUBSCRIBE");
      }
    }
    // The next connection subscribes again.
    pending.values().forEach(request -> request.done().complete(null));
    pending.clear();
    return reason;
  }

  /** Gives the filters that were left out another chance. */
  void retry() {
    leftOut.forEach(closes::remove);
    leftOut.clear();
  }

  /** Like {@link #retry}, for a filter whose route has changed. */
  void forget(String filter) {
    closes.remove(filter);
    leftOut.remove(filter);
  }
}
