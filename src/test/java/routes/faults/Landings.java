package routes.faults;

import java.time.Duration;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbered samples that arrived at one cloud, in the order they came. */
final class Landings {
  private static final Pattern ID = Pattern.compile("\"id\":\"(\\d{6})\"");

  private final BitSet landed = new BitSet();
  private int duplicates;
  private int reordered;
  private int highest = -1;
  private long lifted;
  private long firstAfter;
  private long last;

  /** A payload that arrived; one that holds no numbered sample is passed over. */
  synchronized void arrived(String payload) {
    Matcher id = ID.matcher(payload);
    if (!id.find()) {
      return;
    }
    int number = Integer.parseInt(id.group(1));
    if (landed.get(number)) {
      duplicates++;
      return;
    }
    landed.set(number);
    last = System.nanoTime();
    if (firstAfter == 0) {
      firstAfter = last;
    }
    if (number < highest) {
      reordered++;
    }
    highest = Math.max(highest, number);
  }

  /** The fault is over: the times count from now. */
  synchronized void lifted() {
    lifted = System.nanoTime();
    firstAfter = 0;
  }

  /** Until the first new sample came. */
  synchronized Duration recovery() {
    return Duration.ofNanos(firstAfter - lifted);
  }

  /** Until the last new sample came. */
  synchronized Duration drain() {
    return Duration.ofNanos(last - lifted);
  }

  /** How many different ones. */
  synchronized int count() {
    return landed.cardinality();
  }

  synchronized BitSet numbers() {
    return (BitSet) landed.clone();
  }

  /** How often one came that was there already. */
  synchronized int duplicates() {
    return duplicates;
  }

  /** How many came first after one with a higher number. */
  synchronized int reordered() {
    return reordered;
  }
}
