package routes.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import routes.sandbox.FaultProxy;

/** The destination of a gateway's samples, and the network line to it. */
interface Cloud extends AutoCloseable {
  static Cloud of(String gateway, Path folder) throws Exception {
    return gateway.equals("mqtt") ? new MosquittoCloud() : new StandIn(gateway, folder);
  }

  /** The name as in the setting gateways. */
  String gateway();

  /** All connections of the runtime pass through it. */
  FaultProxy link();

  /** The runtime's settings for this cloud. */
  Map<String, String> settings();

  /** Samples recorded as they arrive. */
  Landings landings();

  /** Samples that the cloud has stored, read now. */
  Landings kept() throws IOException;

  @Override
  void close();
}
