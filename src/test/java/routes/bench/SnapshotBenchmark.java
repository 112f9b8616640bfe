package routes.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import routes.host.FreshHost;

/**
 * What reading this host costs: a sample with its JSON, and a scrape. Prints processor time; add
 * {@code -prof gc} for the bytes allocated, as {@code gc.alloc.rate.norm}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class SnapshotBenchmark {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final ObjectMapper json = new ObjectMapper();
  private FreshHost host;
  private long calls;
  private long cpuAtStart;

  @Setup
  public void open() throws JsonProcessingException {
    host = new FreshHost();
    host.sample();
    System.out.printf("%nsample: %d bytes%n", json.writeValueAsBytes(host.sample()).length);
  }

  @Setup(Level.Iteration)
  public void start() {
    calls = 0;
    cpuAtStart = PROCESS.getProcessCpuTime();
  }

  @TearDown(Level.Iteration)
  public void print() {
    double millis = (PROCESS.getProcessCpuTime() - cpuAtStart) / 1e6;
    System.out.printf("%.3f ms of processor time each, ", millis / calls);
  }

  @Benchmark
  public byte[] sample() throws JsonProcessingException {
    calls++;
    return json.writeValueAsBytes(host.sample());
  }

  @Benchmark
  public String scrape() {
    calls++;
    return host.scrape();
  }
}
