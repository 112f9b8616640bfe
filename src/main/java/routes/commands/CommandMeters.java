package routes.commands;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;

/**
 * Counts commands.
 *
 * <ul>
 *   <li>command.requests: commands sent by a cloud, by name and status. A name that is not in
 *       commands.allow counts as "other"; if commands.allow contains *, the first 64 names with a
 *       successful reply have their own counter.
 * </ul>
 */
final class CommandMeters {
  private static final int MOST_NAMES = 64;

  private final MeterRegistry registry;
  private final boolean any;
  private final Set<String> names;

  CommandMeters(MeterRegistry registry, Set<String> allow) {
    this.registry = registry;
    this.any = allow.contains(CommandSettings.ANY);
    this.names = new HashSet<>(allow);
  }

  void count(String name, int status) {
    Counter.builder("command.requests")
        .description(
            "Commands from a cloud; names that commands.allow does not list count as other")
        .tag("name", known(name, status) ? name : "other")
        .tag("status", Integer.toString(status))
        .register(registry)
        .increment();
  }

  private synchronized boolean known(String name, int status) {
    if (any && status < 400 && names.size() < MOST_NAMES) {
      names.add(name);
    }
    return names.contains(name);
  }
}
