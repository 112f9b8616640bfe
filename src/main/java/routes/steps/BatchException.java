package routes.steps;

import routes.log.Announced;

/** The failure of a batch, for each of its messages; logged once for all of them. */
final class BatchException extends RuntimeException implements Announced {
  private static final long serialVersionUID = 1L;

  BatchException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean announced() {
    return true;
  }
}
