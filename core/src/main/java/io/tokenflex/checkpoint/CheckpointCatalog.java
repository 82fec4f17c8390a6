package io.tokenflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.storage.RandomNames;
import io.tokenflex.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The layout of a folder of checkpoints, which nobody else knows: the names of all that lies there,
 * which checkpoints are published, which is the newest.
 */
public final class CheckpointCatalog {
  /** Who may publish: {@link WriterLog} and {@link WriterLease}. */
  static final String WRITER = ".writer";

  /** What is read just now: {@link CheckpointHold}. */
  static final String READERS = ".readers";

  /** What belongs to checkpoints that are being saved: {@link CheckpointDraft}. */
  static final String SAVES = ".saves";

  private static final Pattern STEP = Pattern.compile("step-(\\d{1,18})(-[0-9a-f]{16})?");

  /**
   * What earlier versions, which published by renaming a folder, left behind: staging folders, of
   * an attempt or from before there were any, and what had a checkpoint's name and was none.
   */
  private static final Pattern LEFT_BY_EARLIER_VERSIONS =
      Pattern.compile("\\.staging-step-\\d+-(?:(\\d{12})-)?[0-9a-f]{16}|\\.aside-step-.*");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;

  /** The checkpoints under the root of {@code storage}. */
  public CheckpointCatalog(Storage storage) {
    this.storage = storage;
  }

  /** Whether a folder's name is that of a checkpoint. */
  public static boolean isStep(String name) {
    return STEP.matcher(name).matches();
  }

  /** The name of the checkpoint that a path ends with, if it does. */
  public static Optional<String> nameIn(String path) {
    String folder = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return Optional.of(folder.substring(folder.lastIndexOf('/') + 1))
        .filter(CheckpointCatalog::isStep);
  }

  /** The name of the checkpoint of {@code step} updates. */
  public static String folderOf(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }

  /** A name for it that nobody has used: where that one is an attempt's that has not published. */
  static String anotherFolderOf(long step) {
    return folderOf(step) + "-" + RandomNames.next();
  }

  static long stepOf(String folder) {
    Matcher matcher = STEP.matcher(folder);
    if (!matcher.matches()) {
      throw new InvalidInputException(folder + " is no checkpoint's name");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** The file that makes {@code folder} a published checkpoint. */
  public static String manifestOf(String folder) {
    return folder + "/" + CheckpointManifest.FILE_NAME;
  }

  /** Where what belongs to the saving of a checkpoint lies. */
  static String saveOf(String folder) {
    return SAVES + "/" + folder;
  }

  /** Whether an earlier version of this program left this behind, before the given attempt. */
  static boolean isLeftByEarlierVersion(String name, long attempt) {
    Matcher matcher = LEFT_BY_EARLIER_VERSIONS.matcher(name);
    return matcher.matches()
        && (matcher.group(1) == null || Long.parseLong(matcher.group(1)) < attempt);
  }

  /**
   * The checkpoint with the most steps, if there is one.
   *
   * @throws CorruptCheckpointException if its manifest cannot be read; names it
   */
  public Optional<Published> latest() throws IOException {
    Optional<String> newest = newestFolder();
    return newest.isEmpty() ? Optional.empty() : Optional.of(open(newest.get()));
  }

  /** The most steps that a checkpoint has; 0 if there is none. Opens nothing. */
  public long latestStep() throws IOException {
    return newestFolder().map(CheckpointCatalog::stepOf).orElse(0L);
  }

  /** The name of the checkpoint with the most steps, if there is one. Opens nothing. */
  public Optional<String> newestFolder() throws IOException {
    List<String> folders = publishedFolders();
    return folders.isEmpty() ? Optional.empty() : Optional.of(folders.get(folders.size() - 1));
  }

  /** Published folders by ascending step; one without a manifest is not published. */
  public List<String> publishedFolders() throws IOException {
    List<String> folders = new ArrayList<>();
    for (String name : storage.list("")) {
      if (isStep(name) && isPublished(name)) {
        folders.add(name);
      }
    }
    folders.sort(
        Comparator.comparingLong(CheckpointCatalog::stepOf).thenComparing(folder -> folder));
    return folders;
  }

  boolean isPublished(String folder) throws IOException {
    return storage.list(folder).contains(CheckpointManifest.FILE_NAME);
  }

  /** Whether a folder that is not published is being written, or was when its attempt broke. */
  public boolean isBeingSaved(String folder) throws IOException {
    return !storage.list(saveOf(folder)).isEmpty();
  }

  /** The published folder of that name or, if there is none, of the same step. */
  public Optional<String> find(String folder) throws IOException {
    if (isPublished(folder)) {
      return Optional.of(folder);
    }
    return publishedFolders().stream().filter(other -> stepOf(other) == stepOf(folder)).findFirst();
  }

  /**
   * A published checkpoint.
   *
   * @throws CorruptCheckpointException if its manifest cannot be read
   */
  Published open(String folder) throws IOException {
    String place = manifestOf(folder);
    try {
      byte[] bytes = readBytes(place);
      CheckpointManifest manifest = JSON.readValue(bytes, CheckpointManifest.class);
      if (manifest.formatVersion() != CheckpointManifest.FORMAT_VERSION) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "format version %d; this program reads %d",
                manifest.formatVersion(),
                CheckpointManifest.FORMAT_VERSION));
      }
      return new Published(folder, manifest, Digests.sha256Hex(bytes));
    } catch (IOException e) {
      throw new CorruptCheckpointException(
          String.format(
              Locale.ROOT,
              "Cannot read checkpoint manifest %s: %s. Delete or move the folder to resume from the"
                  + " one before it",
              storage.locationOf(place),
              e.getMessage()),
          e);
    }
  }

  private byte[] readBytes(String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      return in.readAllBytes();
    }
  }
}
