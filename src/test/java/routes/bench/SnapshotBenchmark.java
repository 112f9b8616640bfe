package routes.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** The cost of reading this host: a sample with its JSON, and a scrape. */
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

  /** Processor time of a call, including the JIT compiler and the garbage collector. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Processor {
    public double cpuMillis;
    private long calls;
    private long cpuAtStart;

    @Setup(Level.Iteration)
    public void start() {
      calls = 0;
      cpuAtStart = PROCESS.getProcessCpuTime();
    }

    @TearDown(Level.Iteration)
    public void stop() {
      cpuMillis = (PROCESS.getProcessCpuTime() - cpuAtStart) / 1e6 / calls;
    }
  }

  @Setup
  public void open() {
    host = new FreshHost();
    host.sample();
  }

  @Benchmark
  public byte[] sample(Processor processor) throws JsonProcessingException {
    processor.calls++;
    return json.writeValueAsBytes(host.sample());
  }

  @Benchmark
  public byte[] scrape(Processor processor) {
    processor.calls++;
    return host.scrape();
  }
}
