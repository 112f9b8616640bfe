package routes.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Caches a list of devices that are costly to enumerate until there is a reason for a new one. */
final class Listing<T> implements Supplier<List<T>> {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private final Supplier<List<T>> enumeration;
  private final Supplier<?> version;
  private List<T> devices;
  private Object listed;

  private Listing(Supplier<List<T>> enumeration, Supplier<?> version) {
    this.enumeration = enumeration;
    this.version = version;
  }

  static <T> Listing<T> eachMinute(Supplier<List<T>> enumeration, LongSupplier nanos) {
    return new Listing<>(enumeration, () -> nanos.getAsLong() / MINUTE);
  }

  /** Enumerates again when the text of this file has changed. */
  static <T> Listing<T> whenChanged(Path file, Supplier<List<T>> enumeration) {
    return new Listing<>(
        enumeration,
        () -> {
          try {
            return KernelFile.text(file);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @Override
  public List<T> get() {
    Object now = version.get();
    if (!now.equals(listed)) {
      devices = enumeration.get();
      listed = now;
    }
    return devices;
  }
}
