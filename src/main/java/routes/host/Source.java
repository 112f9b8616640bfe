package routes.host;

import java.util.concurrent.Callable;

/**
 * One record of the host, such as the line of a disk. It is read on its own, since it may be
 * unreadable.
 */
record Source<T>(String name, Callable<T> value) {
  /** Creates a record that has already been read. */
  static <T> Source<T> of(String name, T value) {
    return new Source<>(name, () -> value);
  }
}
