package routes.jetstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** The end of a gateway route. Records each number that arrives and how often. */
public final class Inbox implements Processor {
  private final List<Integer> arrivals = new ArrayList<>();
  private final Map<Integer, Integer> times = new ConcurrentHashMap<>();
  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private volatile BiPredicate<Integer, Integer> refuses = (number, time) -> false;

  /**
   * @param refuses receives the number and how often it has arrived, from 1; true refuses it
   */
  public Inbox refuse(BiPredicate<Integer, Integer> refuses) {
    this.refuses = refuses;
    return this;
  }

  @Override
  public void process(Exchange exchange) throws Exception {
    int number = Integer.parseInt(exchange.getIn().getBody(String.class).strip());
    most.accumulateAndGet(now.incrementAndGet(), Math::max);
    try {
      int time = times.merge(number, 1, Integer::sum);
      boolean refused = refuses.test(number, time);
      if (refused) {
        throw new IllegalStateException("refused: " + number);
      }
      synchronized (arrivals) {
        arrivals.add(number);
      }
    } finally {
      now.decrementAndGet();
    }
  }

  /** The accepted numbers, in order. */
  public List<Integer> accepted() {
    synchronized (arrivals) {
      return List.copyOf(arrivals);
    }
  }

  /** Whether all numbers below {@code end} were accepted, among others. */
  public boolean arrived(int end) {
    return IntStream.range(0, end)
        .boxed()
        .collect(Collectors.toSet())
        .equals(Set.copyOf(accepted()));
  }

  public int count() {
    synchronized (arrivals) {
      return arrivals.size();
    }
  }

  public int times(int number) {
    return times.getOrDefault(number, 0);
  }

  /** The number of all arrivals. */
  public int total() {
    return times.values().stream().mapToInt(Integer::intValue).sum();
  }

  public int now() {
    return now.get();
  }

  /** The maximum number processed at once. */
  public int most() {
    return most.get();
  }
}
