package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.dataset.Manifest.InputIdentity;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.SourceFile;
import io.tokenflex.dataprep.source.SourceFormat;
import io.tokenflex.dataprep.source.SourceFormats;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lists the files of a preparation's inputs. */
public final class InputListing {
  private static final Logger log = LoggerFactory.getLogger(InputListing.class);

  private final Configuration configuration;
  private final Map<String, String> folderFingerprints = new HashMap<>();

  public InputListing(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * The files that are new or have changed.
   *
   * @param known files that were read before
   * @throws IllegalArgumentException if a path matches no file, a file is listed twice or has no
   *     known format
   */
  public List<InputFile> unknown(List<InputConfig> inputs, List<InputIdentity> known)
      throws IOException {
    Map<String, InputIdentity> knownFiles = byPath(known);
    Set<String> paths = new HashSet<>();
    List<InputFile> unknown = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    for (InputConfig input : inputs) {
      Path path = new Path(input.path());
      for (FileStatus status : new InputFiles(path.getFileSystem(configuration)).of(path)) {
        InputIdentity identity = identify(input, status);
        if (!paths.add(identity.path())) {
          throw new InvalidInputException(
              "%s belongs to two inputs; make their paths disjoint".formatted(identity.path()));
        }
        InputIdentity before = knownFiles.get(identity.path());
        if (before != null && before.isSameFile(identity)) {
          continue;
        }
        Optional<SourceFormat> format = format(input, status);
        if (format.isEmpty()) {
          empty.add(identity.path());
        } else {
          unknown.add(new InputFile(unknown.size(), input, identity, format.get()));
        }
      }
    }
    if (!empty.isEmpty()) {
      log.info("{} files hold nothing, not even a header: {}", empty.size(), start(empty));
    }
    if (unknown.isEmpty() && known.isEmpty()) {
      throw new InvalidInputException(
          "There is nothing to prepare: every file of the input is empty (" + start(empty) + ")");
    }
    return unknown;
  }

  private static String start(List<String> paths) {
    int most = 3;
    String start = String.join(", ", paths.subList(0, Math.min(most, paths.size())));
    return paths.size() > most ? start + " and more" : start;
  }

  /**
   * Settings that differ from those under which a listed file was read before, as messages with the
   * old value, the new value and such a file.
   *
   * @param known files that were read before; older manifests do not record their settings
   */
  public List<String> changedSettings(List<InputConfig> inputs, List<InputIdentity> known)
      throws IOException {
    Map<String, InputIdentity> knownFiles = byPath(known);
    Map<String, String> changes = new TreeMap<>();
    for (InputConfig input : inputs) {
      Path path = new Path(input.path());
      for (FileStatus status : new InputFiles(path.getFileSystem(configuration)).of(path)) {
        InputIdentity before = knownFiles.get(status.getPath().toString());
        if (before != null && before.settings() != null) {
          SettingsDifference.of(before.settings(), input.settings())
              .forEach(
                  (name, change) -> changes.putIfAbsent(name, change + " (" + before.path() + ")"));
        }
      }
    }
    return changes.entrySet().stream()
        .map(change -> change.getKey() + " " + change.getValue())
        .toList();
  }

  private static Map<String, InputIdentity> byPath(List<InputIdentity> known) {
    Map<String, InputIdentity> byPath = new HashMap<>();
    known.forEach(identity -> byPath.put(identity.path(), identity));
    return byPath;
  }

  private InputIdentity identify(InputConfig input, FileStatus status) throws IOException {
    String reading =
        "%s\n%s\n%s\n%s"
            .formatted(
                input.format(),
                input.idPrefix(),
                input.options().identity(),
                input.imageFolder().isEmpty() ? "" : fingerprint(input.imageFolder()));
    return new InputIdentity(
        status.getPath().toString(),
        status.getLen(),
        status.getModificationTime(),
        Digests.sha256Hex(reading),
        input.settings());
  }

  private String fingerprint(String imageFolder) throws IOException {
    String fingerprint = folderFingerprints.get(imageFolder);
    if (fingerprint == null) {
      fingerprint = ImageFolder.at(imageFolder, configuration).fingerprint();
      folderFingerprints.put(imageFolder, fingerprint);
    }
    return fingerprint;
  }

  /**
   * The file's format; empty for a file without content, such as the export of a day without data.
   */
  private Optional<SourceFormat> format(InputConfig input, FileStatus status) throws IOException {
    Path path = status.getPath();
    SourceFile file = new SourceFile(path.getFileSystem(configuration), path);
    return input.format().isEmpty()
        ? SourceFormats.recognise(file, status.getLen())
        : SourceFormats.named(input.format(), file, status.getLen());
  }
}
