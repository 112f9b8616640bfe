package routes;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.SettingException;
import routes.settings.Settings;
import routes.uplink.Backoff;
import routes.uplink.Provisioning;
import routes.uplink.ProvisioningException;

/**
 * The identities that gateways lack at the first start. Waits until each is there, because a
 * gateway's address and topics depend on it.
 */
final class FirstIdentities {
  private static final Logger LOG = LoggerFactory.getLogger("provision");
  private static final long POLL_MILLIS = 100;

  private final Settings settings;
  private final BooleanSupplier runs;

  /**
   * @param runs whether no signal has stopped the runtime yet
   */
  FirstIdentities(Settings settings, BooleanSupplier runs) {
    this.settings = settings;
    this.runs = runs;
  }

  /**
   * Requests the missing identities. Retries with back-off whatever a cloud refuses, because the
   * fix may be at the cloud.
   *
   * @return whether there are new ones
   * @throws SettingException for an invalid setting, or if an identity cannot be stored
   */
  boolean request() {
    boolean requested = false;
    for (Provisioning each :
        Provisioning.of(settings, EdgeRuntime.KINDS.keySet(), EdgeRuntime.PROVISIONERS)) {
      if (each.reason().isPresent()) {
        LOG.info("{}: {}; requesting an identity", each.gateway(), each.reason().get());
        request(each);
        requested = true;
      }
    }
    return requested;
  }

  private void request(Provisioning provisioning) {
    Backoff backoff =
        new Backoff(settings.duration("reconnect.min"), settings.duration("reconnect.max"));
    while (runs.getAsBoolean()) {
      try {
        provisioning.run();
        LOG.info("{}: provisioned as {}", provisioning.gateway(), provisioning.described());
        return;
      } catch (ProvisioningException e) {
        // Devices that were told to wait equally long must not all come back at once.
        Duration pause = e.retryAfter().orElse(Duration.ZERO).plus(backoff.next());
        LOG.warn(
            "{}: {}; retrying in {} s",
            provisioning.gateway(),
            e.getMessage(),
            Math.max(1, pause.toSeconds()));
        pause(pause);
      }
    }
  }

  private void pause(Duration pause) {
    long end = System.nanoTime() + pause.toNanos();
    try {
      while (runs.getAsBoolean() && System.nanoTime() - end < 0) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
