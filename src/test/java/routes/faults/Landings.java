package routes.faults;

import java.time.Duration;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbered samples that arrived at one cloud, in order of arrival. */
final class Landings {
  private static final Pattern ID = Pattern.compile("\"id\":\"(\\d{6})\"");

  private final BitSet landed = new BitSet();
  private int duplicates;
  private int reordered;
  private int highest = -1;
  private long lifted;
  private long firstAfter;
  private long last;

  /** Records a payload; ignores one without a numbered sample. */
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

  /** The fault has ended, so the times count from now. */
  synchronized void lifted() {
    lifted = System.nanoTime();
    firstAfter = 0;
  }

  /** Time until the first new sample arrived. */
  synchronized Duration recovery() {
    return Duration.ofNanos(firstAfter - lifted);
  }

  /** Time until the last new sample arrived. */
  synchronized Duration drain() {
    return Duration.ofNanos(last - lifted);
  }

  /** Number of different samples. */
  synchronized int count() {
    return landed.cardinality();
  }

  synchronized BitSet numbers() {
    return (BitSet) landed.clone();
  }

  /** Number of duplicates. */
  synchronized int duplicates() {
    return duplicates;
  }

  /** Number of samples that arrived after one with a higher number. */
  synchronized int reordered() {
    return reordered;
  }
}
