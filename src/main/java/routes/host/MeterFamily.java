package routes.host;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import routes.host.Reading.Row;

/**
 * Meters that are read together, such as those of all disks. They share one reading, and come and
 * go with what it finds.
 */
abstract class MeterFamily implements MeterBinder {
  private final String name;
  private final Map<Row, Cell> cells = new HashMap<>();
  private MeterRegistry registry;

  protected MeterFamily(String name) {
    this.name = name;
  }

  final String name() {
    return name;
  }

  /** Reads the host. Runs on one thread at a time, and touches no meter. */
  protected abstract void read(Reading reading) throws Exception;

  /** Reads nothing; the meters are registered by the first reading. */
  @Override
  public final void bindTo(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Updates the meters to this reading, and removes those that it lacks. */
  final void show(Reading reading) {
    Map<Row, Double> rows = reading.rows();
    cells
        .entrySet()
        .removeIf(
            entry -> {
              boolean vanished = !rows.containsKey(entry.getKey());
              if (vanished) {
                registry.remove(entry.getValue().meter);
              }
              return vanished;
            });
    rows.forEach((row, value) -> cells.computeIfAbsent(row, this::register).value = value);
  }

  private Cell register(Row row) {
    Metric metric = row.metric();
    Cell cell = new Cell();
    cell.meter =
        metric.type() == Meter.Type.COUNTER
            ? FunctionCounter.builder(metric.name(), cell, Cell::value)
                .description(metric.description())
                .baseUnit(metric.baseUnit())
                .tags(tags(row))
                .register(registry)
            : Gauge.builder(metric.name(), cell, Cell::value)
                .description(metric.description())
                .baseUnit(metric.baseUnit())
                .tags(tags(row))
                .register(registry);
    return cell;
  }

  private static Tags tags(Row row) {
    List<String> names = row.metric().attributes();
    Tags tags = Tags.empty();
    for (int i = 0; i < names.size(); i++) {
      tags = tags.and(Tag.of(names.get(i), row.attributes().get(i)));
    }
    return tags;
  }

  /** Holds a meter's value. Meters reference it weakly, so the family keeps it alive. */
  private static final class Cell {
    private Meter meter;
    private volatile double value;

    double value() {
      return value;
    }
  }
}
