package io.tokenflex.dataprep.source;

import io.tokenflex.dataprep.storage.StoragePaths;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder to which image names in records are relative. */
public final class ImageFolder {
  /** Prefix of a URI, which does not refer to the folder. */
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/");

  private final FileSystem fileSystem;
  private final Path root;

  public ImageFolder(FileSystem fileSystem, Path root) {
    this.fileSystem = fileSystem;
    this.root = root;
  }

  public static ImageFolder at(String folder, Configuration configuration) throws IOException {
    Path root = new Path(folder);
    return new ImageFolder(root.getFileSystem(configuration), root);
  }

  /** Whether {@code name} is a relative path that stays inside the folder. */
  public static boolean isInside(String name) {
    if (name.isBlank() || name.startsWith("/") || SCHEME.matcher(name).lookingAt()) {
      return false;
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads an image file up to {@code maxBytes} + 1 bytes; a longer result than {@code maxBytes}
   * means that the file exceeds the limit.
   *
   * @throws FileNotFoundException if the file does not exist
   * @throws IOException if storage fails; retryable
   */
  public byte[] read(String name, int maxBytes) throws IOException {
    Path path = StoragePaths.child(root, name);
    try (InputStream stream = StoragePaths.open(fileSystem, path)) {
      return stream.readNBytes(maxBytes + 1);
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      FileNotFoundException refused =
          new FileNotFoundException("The storage can hold no file of that name: " + e.getMessage());
      refused.initCause(e);
      throw refused;
    } catch (IOException e) {
      throw new IOException("Reading image " + path + " failed", e);
    }
  }

  /**
   * Digest of all file names and lengths. Contents are not read, so a replaced image of equal
   * length is not detected.
   *
   * @throws IllegalArgumentException if the folder does not exist
   */
  public String fingerprint() throws IOException {
    Path qualifiedRoot = fileSystem.makeQualified(root);
    BigInteger sum = BigInteger.ZERO;
    Set<String> seen = new HashSet<>();
    Deque<Path> folders = new ArrayDeque<>(List.of(qualifiedRoot));
    while (!folders.isEmpty()) {
      Path folder = folders.remove();
      if (!seen.add(realPath(folder))) {
        continue; // symbolic link to a folder already visited, possibly a parent
      }
      // listFiles would also query owners and blocks, which starts a process per local file.
      FileStatus[] entries = list(folder);
      // Sorted, so that of several links to one folder the same one is followed on every file
      // system.
      Arrays.sort(entries, Comparator.comparing(FileStatus::getPath));
      for (FileStatus entry : entries) {
        if (entry.isDirectory()) {
          folders.add(entry.getPath());
        } else {
          // A sum, because file systems list in different orders.
          sum = sum.add(fingerprint(qualifiedRoot, entry));
        }
      }
    }
    return Digests.sha256Hex(sum.toString(16));
  }

  /** The path with symbolic links resolved; only local file systems follow links. */
  private String realPath(Path folder) throws IOException {
    boolean isLocal = fileSystem.getUri().getScheme().equals("file");
    try {
      return isLocal
          ? java.nio.file.Path.of(folder.toUri().getPath()).toRealPath().toString()
          : folder.toString();
    } catch (NoSuchFileException e) {
      return folder.toString(); // listing it will report the problem
    }
  }

  private FileStatus[] list(Path folder) throws IOException {
    try {
      return fileSystem.listStatus(folder);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException("There is no image folder " + folder, e);
    }
  }

  private static BigInteger fingerprint(Path root, FileStatus file) {
    String name = root.toUri().relativize(file.getPath().toUri()).getPath();
    MessageDigest digest = Digests.sha256();
    digest.update((name + '\n' + file.getLen()).getBytes(StandardCharsets.UTF_8));
    return new BigInteger(1, digest.digest());
  }
}
