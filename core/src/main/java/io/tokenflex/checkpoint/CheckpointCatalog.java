package io.tokenflex.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.checkpoint.Checkpoints.Published;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.storage.RandomNames;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The layout of a folder of checkpoints: which are published, which is the newest. */
public final class CheckpointCatalog {
  /** Hidden folders that are being written. */
  static final String STAGING = ".staging-";

  /** What had a checkpoint's name and is none. */
  static final String ASIDE = ".aside-";

  private static final Pattern STEP = Pattern.compile("step-(\\d{1,18})");

  /** Before there were attempts the number was missing. */
  private static final Pattern STAGING_OF_ATTEMPT =
      Pattern.compile("\\.staging-step-\\d+-(\\d{12})-[0-9a-f]{16}");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CheckpointStorage storage;

  /** The checkpoints under the root of {@code storage}. */
  public CheckpointCatalog(CheckpointStorage storage) {
    this.storage = storage;
  }

  /** Whether a folder's name is that of a checkpoint. */
  public static boolean isStep(String name) {
    return STEP.matcher(name).matches();
  }

  /** Orders the names of checkpoints, oldest first. */
  public static Comparator<String> bySteps() {
    return Comparator.comparingLong(CheckpointCatalog::stepOf);
  }

  /** The name of the checkpoint of {@code step} updates. */
  public static String folderOf(long step) {
    return String.format(Locale.ROOT, "step-%08d", step);
  }

  private static long stepOf(String folder) {
    Matcher matcher = STEP.matcher(folder);
    if (!matcher.matches()) {
      throw new InvalidInputException(folder + " is no checkpoint's name");
    }
    return Long.parseLong(matcher.group(1));
  }

  /** A new name for the folder in which an attempt writes a checkpoint. */
  static String stagingOf(String folder, long attempt) {
    return String.format(
        Locale.ROOT, "%s%s-%012d-%s", STAGING, folder, attempt, RandomNames.next());
  }

  /** Number of the attempt that wrote a staging folder; 0 for one of an older version. */
  static long attemptOf(String staging) {
    Matcher matcher = STAGING_OF_ATTEMPT.matcher(staging);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /**
   * The checkpoint with the most steps, if there is one.
   *
   * @throws CorruptCheckpointException if its manifest cannot be read; names it
   */
  public Optional<Published> latest() throws IOException {
    List<String> folders = publishedFolders();
    return folders.isEmpty()
        ? Optional.empty()
        : Optional.of(open(folders.get(folders.size() - 1)));
  }

  /** The most steps that a checkpoint has; 0 if there is none. Opens nothing. */
  public long latestStep() throws IOException {
    List<String> folders = publishedFolders();
    return folders.isEmpty() ? 0 : stepOf(folders.get(folders.size() - 1));
  }

  /** Published folders by ascending step; one without a manifest is not published. */
  public List<String> publishedFolders() throws IOException {
    List<String> folders = new ArrayList<>();
    for (String name : storage.list("")) {
      if (isStep(name) && isPublished(name)) {
        folders.add(name);
      }
    }
    folders.sort(bySteps());
    return folders;
  }

  boolean isPublished(String folder) throws IOException {
    return storage.list(folder).contains(CheckpointManifest.FILE_NAME);
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

  byte[] readBytes(String file) throws IOException {
    try (InputStream in = storage.open(file)) {
      return in.readAllBytes();
    }
  }

  /** The file that makes {@code folder} a published checkpoint. */
  public static String manifestOf(String folder) {
    return folder + "/" + CheckpointManifest.FILE_NAME;
  }

  /**
   * Gives a complete staging folder its name.
   *
   * <p>Several may do so at once: the folder has one name, so one of them moves it.
   */
  void publish(String staging, String folder) throws IOException {
    try {
      storage.publish(staging, folder);
    } catch (IOException e) {
      boolean published;
      try {
        published = isPublished(folder) && storage.list(staging).isEmpty();
      } catch (IOException again) {
        e.addSuppressed(again);
        throw new CheckpointStateUnknownException(
            String.format(
                Locale.ROOT,
                "Cannot tell whether %s is published: %s. Nothing was deleted; the next attempt"
                    + " finds out",
                storage.locationOf(folder),
                e.getMessage()),
            e);
      }
      if (!published) {
        throw e;
      }
    }
  }

  /**
   * Makes a checkpoint's name free of a folder that is none: its manifest is gone.
   *
   * @throws IOException if it is one
   */
  void freeName(String folder) throws IOException {
    List<String> names = storage.list(folder);
    if (names.isEmpty()) {
      return;
    }
    if (!names.contains(CheckpointManifest.FILE_NAME)) {
      String aside = ASIDE + folder + "-" + RandomNames.next();
      storage.publish(folder, aside);
      if (!isPublished(aside)) {
        return;
      }
      storage.publish(aside, folder); // it was published while we looked
    }
    throw new IOException(
        storage.locationOf(folder) + " is published already, by another attempt; this one ends");
  }

  /** Finishes what a writer announced and may have been stopped before. */
  void finish(WriterRecord publication) throws IOException {
    boolean waits = !storage.list(publication.staging()).isEmpty();
    if (waits && !isPublished(publication.folder())) {
      freeName(publication.folder());
      publish(publication.staging(), publication.folder());
    }
  }
}
