package routes.host;

import java.util.concurrent.Callable;

/**
 * One record of the host, such as a disk's line, which is read on its own: it may turn out to be
 * unreadable.
 */
record Source<T>(String name, Callable<T> value) {
  /** One that has been read already. */
  static <T> Source<T> of(String name, T value) {
    return new Source<>(name, () -> value);
  }
}
