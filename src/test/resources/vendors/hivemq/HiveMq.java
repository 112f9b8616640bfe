import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.Files;
import java.nio.file.Path;

/** HiveMQ CE until it is killed: java HiveMq.java FOLDER PORT, with its data in the folder. */
final class HiveMq {
  public static void main(String... args) throws Exception {
    Path folder = Path.of(args[0]);
    Path configuration = Files.createDirectories(folder.resolve("conf"));
    Files.createDirectories(folder.resolve("extensions"));
    Files.writeString(
        configuration.resolve("config.xml"),
        """
        <hivemq>
          <listeners>
            <tcp-listener><port>%s</port><bind-address>127.0.0.1</bind-address></tcp-listener>
          </listeners>
          <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
        </hivemq>
        """
            .formatted(args[1]));
    EmbeddedHiveMQ broker =
        EmbeddedHiveMQ.builder()
            .withConfigurationFolder(configuration)
            .withDataFolder(Files.createDirectories(folder.resolve("data")))
            .withExtensionsFolder(folder.resolve("extensions"))
            .build();
    broker.start().join();
    Thread.currentThread().join();
  }
}
