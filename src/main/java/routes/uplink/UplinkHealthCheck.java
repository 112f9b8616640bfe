package routes.uplink;

import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Ready while the uplink is connected; else DOWN with the reason. */
public final class UplinkHealthCheck extends AbstractHealthCheck {
  private final Uplink uplink;

  public UplinkHealthCheck(Uplink uplink) {
    super("gateways", "gateway-" + uplink.name());
    this.uplink = uplink;
  }

  /** An absent cloud is no reason to start the process anew. */
  @Override
  public boolean isLiveness() {
    return false;
  }

  @Override
  protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
    builder.detail("since", uplink.since().toString());
    builder.detail("reconnects", uplink.reconnects());
    if (uplink.connected()) {
      builder.up();
    } else {
      builder.message(uplink.lastError().orElse("not connected yet")).down();
    }
  }
}
