package routes.sample;

import java.util.function.Supplier;

/** Holds the meters still while someone reads them. */
public interface Snapshot {
  /** Brings the meters up to date, and changes none of them before the reader has returned. */
  <T> T reading(Supplier<T> reader);
}
