package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.SandboxPubsub;

/** Google's Python client with the stand-in, which it treats as an emulator. */
@Timeout(300)
class PubsubSdkSuite {
  @TempDir Path landed;

  @Test
  void googleCloudPubsubPublishesAndReceivesErrors() throws Exception {
    Path python = VendorPackages.python().resolve("python");
    try (SandboxPubsub cloud =
            new SandboxPubsub(landed).addTopic("projects/my-project/topics/metrics").start(0);
        VendorProcess client =
            VendorPackages.start(
                Map.of(), python, VendorPackages.SCRIPTS.resolve("pubsub.py"), cloud.port())) {
      assertThat(client.awaitSuccess()).endsWith("done");
      assertThat(cloud.messages())
          .hasSize(20)
          .allMatch(message -> message.getAttributesOrThrow("kind").equals("sdk"));
    }
  }
}
