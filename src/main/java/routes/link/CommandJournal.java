package routes.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import routes.log.RateLimitedLog;
import routes.settings.AtomicFile;
import routes.uplink.Reply;

/**
 * Records what became of a gateway's commands, so that none runs twice. A broker redelivers a
 * message whose acknowledgement was lost, and delivers a retained message at each connect. The last
 * {@value #MOST} commands are kept in one file per command and survive a restart.
 */
final class CommandJournal {
  static final int MOST = 256;

  /** What is known about a command that has arrived. */
  enum State {
    NEW,
    /** It is running, or its reply waits for the connection. */
    RUNNING,
    /** The process ended while the command was running. */
    INTERRUPTED,
    /** It has run, but whether its reply arrived is unknown. */
    REPLIED,
    DONE
  }

  private static final String BEGUN = "begun";
  private static final String REPLY = "reply";
  private static final String END = "done";

  private final Path folder;
  private final RateLimitedLog log;
  private final Map<String, Entry> running = new ConcurrentHashMap<>();

  CommandJournal(Path folder, Logger log) {
    this.folder = folder;
    this.log = new RateLimitedLog(log);
  }

  /**
   * Looks up a command.
   *
   * @param unique whether messages with the same content are always the same command; otherwise
   *     only messages that the broker marks as duplicate or retained
   */
  Entry arrived(MqttMessage message, boolean unique) {
    String key = key(message);
    Entry entry = new Entry(folder.resolve(key), message.id());
    Entry other = running.get(key);
    if (other != null && again(message, unique, other.id)) {
      entry.state = State.RUNNING;
      entry.ended = other.ended;
      return entry;
    }
    Record last = entry.read();
    if (last != null && again(message, unique, last.id())) {
      entry.state = last.found();
    }
    running.put(key, entry);
    return entry;
  }

  private static boolean again(MqttMessage message, boolean unique, int lastId) {
    return unique || message.retain() || message.duplicate() && message.id() == lastId;
  }

  private record Record(int id, String state, Reply reply) {
    State found() {
      return switch (state) {
        case BEGUN -> State.INTERRUPTED;
        case REPLY -> State.REPLIED;
        default -> State.DONE;
      };
    }
  }

  /** One command. */
  final class Entry {
    private final Path file;
    private final int id;
    private CompletableFuture<Void> ended = new CompletableFuture<>();
    private State state = State.NEW;
    private Record last;

    private Entry(Path file, int id) {
      this.file = file;
      this.id = id;
    }

    State state() {
      return state;
    }

    /** The reply of a command that is {@link State#REPLIED}. */
    Reply reply() {
      return last.reply();
    }

    /** Completes when the command that is already running is done. */
    CompletableFuture<Void> ended() {
      return ended;
    }

    /** Records that the command is about to run. */
    void begin() {
      write(BEGUN, 0, new byte[0]);
    }

    /** Records that the command has run. */
    void replied(Reply reply) {
      write(REPLY, reply.status(), reply.body());
    }

    /**
     * Called when the command's exchange has ended.
     *
     * @param done whether nothing is left to do
     */
    void close(boolean done) {
      // does not overwrite the record of a newer command with the same content
      boolean latest = running.remove(file.getFileName().toString(), this);
      if (done) {
        if (latest) {
          write(END, 0, new byte[0]);
        }
        ended.complete(null);
      }
    }

    /** Returns null for an unknown command. */
    private Record read() {
      try {
        if (!Files.exists(file)) {
          return null;
        }
        byte[] all = Files.readAllBytes(file);
        int end = 0;
        while (all[end] != '\n') {
          end++;
        }
        String[] head = new String(all, 0, end, StandardCharsets.US_ASCII).split(" ");
        Reply reply =
            new Reply(Integer.parseInt(head[2]), Arrays.copyOfRange(all, end + 1, all.length));
        last = new Record(Integer.parseInt(head[0]), head[1], reply);
        // so that newer commands do not displace a retained one
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
      } catch (IOException | RuntimeException e) {
        log.warn("read", file + " cannot be read: " + e);
      }
      return last;
    }

    private void write(String what, int status, byte[] body) {
      byte[] head = (id + " " + what + " " + status + "\n").getBytes(StandardCharsets.US_ASCII);
      byte[] all = ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
      try {
        AtomicFile.write(file, all);
        prune();
      } catch (IOException e) {
        log.warn(
            "write", "data.directory: cannot write " + file + ", so a command may run twice: " + e);
      }
    }
  }

  private synchronized void prune() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.toList();
      if (all.size() > MOST) {
        all.stream()
            .filter(file -> !running.containsKey(file.getFileName().toString()))
            .sorted(Comparator.comparing(CommandJournal::age))
            .limit(all.size() - MOST)
            .forEach(file -> file.toFile().delete());
      }
    }
  }

  private static long age(Path file) {
    return file.toFile().lastModified();
  }

  private static String key(MqttMessage message) {
    MqttMessage.Properties properties = message.properties();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Object part :
          Arrays.asList(
              message.topic(), properties.responseTopic(), properties.user(), message.payload())) {
        byte[] bytes =
            part instanceof byte[] raw
                ? raw
                : String.valueOf(part).getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
        digest.update(bytes);
      }
      if (properties.correlationData() != null) {
        digest.update(properties.correlationData());
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
