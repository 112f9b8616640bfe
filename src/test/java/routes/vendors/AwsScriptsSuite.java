package routes.vendors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import routes.sandbox.Ports;

/** cloud/aws/setup with the real AWS CLI and moto, which mocks AWS's control plane. */
@Timeout(300)
class AwsScriptsSuite {
  private static final String BUCKET = "device-metrics-123456789012-eu-central-1";
  private static final String OBJECTS =
      """
      import boto3
      s3 = boto3.client("s3")
      bucket = {"Bucket": "%s"}
      s3.put_bucket_versioning(VersioningConfiguration={"Status": "Enabled"}, **bucket)
      for n in range(1005):
          s3.put_object(Key=f'devices/edge-1/"{n}" \\u00fc', Body=b"x", **bucket)
      s3.put_object(Key='devices/edge-1/"1" \\u00fc', Body=b"y", **bucket)
      s3.delete_object(Key='devices/edge-1/"2" \\u00fc', **bucket)
      """
          .formatted(BUCKET);

  @TempDir Path folder;
  private Map<String, String> environment;

  @Test
  void teardownRemovesWhatSetupCreatedIncludingOldVersions() throws Exception {
    Path bin = VendorPackages.python();
    int port = Ports.free();
    environment =
        Map.of(
            "AWS_ENDPOINT_URL", "http://127.0.0.1:" + port,
            "AWS_ACCESS_KEY_ID", "x",
            "AWS_SECRET_ACCESS_KEY", "x",
            "AWS_DEFAULT_REGION", "eu-central-1",
            "PATH", bin + ":" + System.getenv("PATH"));
    try (VendorProcess moto =
        VendorPackages.start(Map.of(), bin.resolve("moto_server"), "-H", "127.0.0.1", "-p", port)) {
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> listens(port));
      assertThat(setup("create"))
          .contains("bucket " + BUCKET + ": created", "rule device_metrics: created");
      run(bin.resolve("python"), "-c", OBJECTS);
      assertThat(setup("teardown", "--yes")).contains("bucket " + BUCKET + ": removed");
      assertThat(run(bin.resolve("aws"), "s3api", "list-buckets", "--query", "Buckets"))
          .containsExactly("[]");
      assertThat(run(bin.resolve("aws"), "iot", "list-things", "--query", "things"))
          .containsExactly("[]");
      assertThat(moto.process().isAlive()).isTrue();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private List<String> setup(String verb, String... more) throws Exception {
    return run(
        "cloud/aws/setup", verb, "--device", "edge-1", "--folder", folder, String.join("", more));
  }

  private List<String> run(Object... command) throws Exception {
    Object[] words = List.of(command).stream().filter(word -> !word.equals("")).toArray();
    try (VendorProcess process = VendorPackages.start(environment, words)) {
      return process.awaitSuccess();
    }
  }
}
