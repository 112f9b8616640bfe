package routes.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import routes.sandbox.FaultProxy;

/** Where a gateway's samples go, and the line that leads there. */
interface Cloud extends AutoCloseable {
  static Cloud of(String gateway, Path folder) throws Exception {
    return gateway.equals("mqtt") ? new MosquittoCloud() : new StandIn(gateway, folder);
  }

  /** As the setting gateways spells it. */
  String gateway();

  /** All of the runtime's connections go through it. */
  FaultProxy link();

  /** The runtime's settings for this cloud. */
  Map<String, String> settings();

  /** What arrived, as it arrived. */
  Landings landings();

  /** What the cloud has kept, to read it now. */
  Landings kept() throws IOException;

  @Override
  void close();
}
