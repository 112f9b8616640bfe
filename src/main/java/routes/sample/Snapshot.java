package routes.sample;

import java.util.function.Supplier;

/** Keeps the meters unchanged while someone reads them. */
public interface Snapshot {
  /** Updates the meters, and changes none of them before the reader has returned. */
  <T> T reading(Supplier<T> reader);
}
