import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.interceptor.puback.PubackOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** HiveMQ CE, which accepts any client when it is embedded, until standard input ends. */
public final class HiveMq {
  /**
   * @param arguments a folder with config.xml, data and extensions; the file log is added
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Log log = new Log(new PrintStream(new FileOutputStream(folder + "/log", true)));
    EmbeddedHiveMQ.builder()
        .withConfigurationFolder(folder)
        .withDataFolder(folder.resolve("data"))
        .withExtensionsFolder(folder.resolve("extensions"))
        .withEmbeddedExtension(
            EmbeddedExtension.builder()
                .withId("log")
                .withName("log")
                .withVersion("1")
                .withExtensionMain(log)
                .build())
        .build()
        .start()
        .join();
    System.out.println("ready");
    System.in.read();
    Runtime.getRuntime().halt(0);
  }

  /** Writes what arrives with QoS 1 and what is acknowledged, in the words of Mosquitto's log. */
  private record Log(PrintStream file) implements ExtensionMain {
    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
      Services.initializerRegistry().setClientInitializer((client, context) -> follow(context));
    }

    private void follow(ClientContext client) {
      PublishInboundInterceptor received =
          (in, out) ->
              write(
                  "Received PUBLISH from %s (q%d, m%d, '%s')",
                  in.getClientInformation().getClientId(),
                  in.getPublishPacket().getQos().getQosNumber(),
                  in.getPublishPacket().getPacketId(),
                  in.getPublishPacket().getTopic());
      PubackOutboundInterceptor acknowledged =
          (in, out) ->
              write(
                  "Sending PUBACK to %s (m%d, rc%s)",
                  in.getClientInformation().getClientId(),
                  in.getPubackPacket().getPacketIdentifier(),
                  in.getPubackPacket().getReasonCode());
      client.addPublishInboundInterceptor(received);
      client.addPubackOutboundInterceptor(acknowledged);
    }

    private void write(String format, Object... words) {
      file.print(String.format(format, words) + "\n");
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
  }
}
