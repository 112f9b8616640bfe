package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.Certificates;
import routes.sandbox.aws.SandboxAws;

/** AWS's SDK with the stand-in and the watcher's certificate. */
@Timeout(300)
class AwsSdkSuite {
  @TempDir Path folder;

  @Test
  void awsiotsdkWorksWithTheStandIn() throws Exception {
    Path python = VendorPackages.python().resolve("python");
    Path landed = folder.resolve("landed");
    try (SandboxAws cloud = new SandboxAws(landed, new Certificates(folder)).start(0);
        VendorProcess client =
            VendorPackages.start(
                Map.of(),
                python,
                VendorPackages.SCRIPTS.resolve("aws_iot.py"),
                "localhost",
                cloud.port(),
                cloud.settings().get("AWS_ROOT_CA"),
                cloud.views().get("SANDBOX_AWS_CERTIFICATE"),
                cloud.views().get("SANDBOX_AWS_PRIVATE_KEY"))) {
      assertThat(client.awaitSuccess()).endsWith("done");
      assertThat(cloud.refusals()).isEmpty();
    }
    try (Stream<Path> objects = Files.walk(landed.resolve("devices/edge-1/sdk0"))) {
      assertThat(objects.filter(Files::isRegularFile)).hasSize(2);
    }
  }
}
