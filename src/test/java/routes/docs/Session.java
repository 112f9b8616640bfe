package routes.docs;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Working copies and terminals, all removed at the end, even after Ctrl-C. */
final class Session implements AutoCloseable {
  private final List<Path> copies = new CopyOnWriteArrayList<>();
  private final List<Terminal> terminals = new CopyOnWriteArrayList<>();
  private FileChannel defaultPorts;
  private final Thread end = new Thread(this::end, "session-end");

  Session() {
    Runtime.getRuntime().addShutdownHook(end);
  }

  Path newCopy() throws IOException {
    Path folder = Files.createTempDirectory("documented-commands");
    copies.add(folder);
    return WorkingCopy.into(folder);
  }

  Terminal start(Path folder, Map<String, String> environment, String commands) throws IOException {
    Terminal terminal = Terminal.start(folder, environment, commands);
    terminals.add(terminal);
    return terminal;
  }

  /** Waits until no other test runs {@code ./run} with its usual ports. */
  void takeDefaultPorts() throws IOException {
    Path file = Path.of(System.getProperty("java.io.tmpdir"), "cloud-iot-routes-ports.lock");
    defaultPorts = FileChannel.open(file, CREATE, WRITE);
    defaultPorts.lock();
  }

  @Override
  public void close() {
    end();
    if (defaultPorts != null) {
      try {
        defaultPorts.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    Runtime.getRuntime().removeShutdownHook(end);
  }

  private synchronized void end() {
    terminals.forEach(Terminal::close);
    copies.forEach(WorkingCopy::delete);
    copies.clear();
  }
}
