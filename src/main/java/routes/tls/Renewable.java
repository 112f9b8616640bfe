package routes.tls;

import java.util.List;

/** A connection or port that uses certificates or credentials which are renewed while it runs. */
public interface Renewable {
  /** The settings that name its files. */
  List<String> files();

  /** When its certificates and credentials expire. */
  List<Expiry> expiries();

  /**
   * Reads its files.
   *
   * @throws routes.settings.SettingException if it cannot use them
   */
  void check();

  /** Reconnects, or otherwise starts to use what its files contain now. */
  void renew();
}
