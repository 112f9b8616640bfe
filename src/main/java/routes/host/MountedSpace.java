package routes.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import routes.host.FilesystemMetrics.Space;

/** Reads the space of a file system at the first of its mount points that is a folder. */
final class MountedSpace implements Callable<Space> {
  private final List<Mount> mounts;
  private final String prefix;
  private Mount mount;
  private FileStore store;

  /**
   * @param mounts the best mount first
   * @param prefix the path below which this process finds the mount points
   */
  MountedSpace(List<Mount> mounts, String prefix) {
    this.mounts = mounts;
    this.prefix = prefix;
  }

  @Override
  public Space call() throws IOException {
    if (mount == null) {
      open();
    }
    return store == null
        ? null
        : new Space(
            mount.text(),
            store.getTotalSpace(),
            store.getUnallocatedSpace(),
            store.getUsableSpace());
  }

  /** Not in the constructor, since the first access to a folder is what hangs. */
  private void open() throws IOException {
    for (Mount candidate : mounts) {
      Path folder = KernelFile.path((prefix + candidate.point()).getBytes(ISO_8859_1));
      if (Files.isDirectory(folder)) {
        store = Files.getFileStore(folder);
        mount = candidate;
        return;
      }
    }
    mount = mounts.get(0);
  }
}
