package routes.operations;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import routes.settings.Settings;
import routes.settings.Version;
import routes.uplink.Json;

/** Facts about this process: version, time since the start, clock, memory and disk. */
final class ProcessFacts {
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private ProcessFacts() {}

  static ObjectNode read(CamelContext context, Settings settings) {
    ObjectNode facts = Json.object();
    facts.put("device", settings.find("device.id").orElse(""));
    facts.put("version", Version.text());
    IntSupplier bundle = context.getRegistry().lookupByNameAndType("bundle", IntSupplier.class);
    if (bundle != null && bundle.getAsInt() > 0) {
      facts.put("bundle", bundle.getAsInt());
    }
    facts.put("java", System.getProperty("java.version"));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("arch", System.getProperty("os.arch"));
    facts.put("uptimeSeconds", context.getUptime().toSeconds());
    clock(facts.putObject("clock"));
    memory(facts.putObject("memory"));
    disk(facts.putObject("disk"), Path.of(settings.find("data.directory").orElse(".")));
    return facts;
  }

  private static void clock(ObjectNode clock) {
    RuntimeMXBean process = ManagementFactory.getRuntimeMXBean();
    Instant now = Instant.now();
    // the uptime is not affected by changes of the clock
    Instant expected = Instant.ofEpochMilli(process.getStartTime()).plusMillis(process.getUptime());
    clock.put("time", now.toString()).put("zone", ZoneId.systemDefault().getId());
    clock.put("changedSeconds", Math.round(Duration.between(expected, now).toMillis() / 1000.0));
  }

  private static void memory(ObjectNode memory) {
    Runtime runtime = Runtime.getRuntime();
    memory.put("heapBytes", runtime.totalMemory() - runtime.freeMemory());
    memory.put("heapMaxBytes", runtime.maxMemory());
    try {
      String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
      Matcher resident = RESIDENT.matcher(status);
      if (resident.find()) {
        memory.put("residentBytes", Long.parseLong(resident.group(1)) * 1024);
      }
    } catch (IOException e) {
      // only Linux has this file
    }
    memory.put("threads", ManagementFactory.getThreadMXBean().getThreadCount());
  }

  /** Of data.directory, or of the folder in which it would be created. */
  private static void disk(ObjectNode disk, Path data) {
    Path folder = data.toAbsolutePath();
    while (!Files.exists(folder) && folder.getParent() != null) {
      folder = folder.getParent();
    }
    disk.put("folder", folder.toString());
    try {
      FileStore store = Files.getFileStore(folder);
      disk.put("freeBytes", store.getUsableSpace()).put("bytes", store.getTotalSpace());
    } catch (IOException e) {
      disk.put("problem", "cannot be read");
    }
  }
}
