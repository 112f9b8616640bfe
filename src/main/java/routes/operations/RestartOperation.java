package routes.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.settings.Settings;
import routes.uplink.Json;

/** Bean {@code restartOperation}: the command {@code restart}. */
public final class RestartOperation {
  /** Name of the bean (Runnable) that ends the process in order, so that it is started again. */
  public static final String BEAN = "process-restart";

  private static final Logger LOG = LoggerFactory.getLogger("restart");

  /** For the reply; afterwards, the stop waits for what is still in flight. */
  private static final Duration DELAY = Duration.ofSeconds(1);

  private final CamelContext context;
  private final AtomicBoolean restarting = new AtomicBoolean();

  RestartOperation(CamelContext context) {
    this.context = context;
  }

  /**
   * Replies, and then ends the process.
   *
   * @return {@code {"restarting":true,"by":"systemd"}}; 409 if nothing would start the process
   *     again
   */
  public byte[] answer(byte[] payload) throws InterruptedException {
    return Request.answer(payload, List.of(), this::reply);
  }

  private ObjectNode reply(Request request) {
    Runnable end = context.getRegistry().lookupByNameAndType(BEAN, Runnable.class);
    if (end == null) {
      throw new RefusedException(409, "camel-jbang cannot be restarted by a command");
    }
    String by =
        Supervisor.of(new Settings(context))
            .orElseThrow(
                () ->
                    new RefusedException(
                        409,
                        "nothing is known to start this process again; run it under systemd, or set "
                            + Supervisor.KEY
                            + " to true if its container has a restart policy"));
    if (restarting.compareAndSet(false, true)) {
      LOG.warn("restarting, as a command requests; {} starts this process again", by);
      Thread thread = new Thread(() -> end(end), "restart");
      thread.setDaemon(true);
      thread.start();
    }
    return Json.object().put("restarting", true).put("by", by);
  }

  private static void end(Runnable end) {
    try {
      TimeUnit.MILLISECONDS.sleep(DELAY.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    end.run();
  }
}
