package io.tokenflex.dataprep;

import io.tokenflex.dataprep.shard.Manifest.InputIdentity;
import io.tokenflex.dataprep.source.ImageFolder;
import io.tokenflex.dataprep.source.SourceFile;
import io.tokenflex.dataprep.source.SourceFormat;
import io.tokenflex.dataprep.source.SourceFormats;
import io.tokenflex.digest.Digests;
import io.tokenflex.failure.InvalidInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Finds the files of a preparation's inputs. */
final class InputListing {
  private final Configuration configuration;
  private final Map<String, String> folderFingerprints = new HashMap<>();

  InputListing(Configuration configuration) {
    this.configuration = configuration;
  }

  /**
   * Lists the files that are new or have changed.
   *
   * @param known files that need not be read again
   * @throws IllegalArgumentException if a path matches no file, a file is listed twice or looks
   *     like no known format
   */
  List<InputFile> unknown(List<InputConfig> inputs, List<InputIdentity> known) throws IOException {
    Set<InputIdentity> knownFiles = new HashSet<>(known);
    Set<String> paths = new HashSet<>();
    List<InputFile> unknown = new ArrayList<>();
    for (InputConfig input : inputs) {
      for (FileStatus status : files(input)) {
        InputIdentity identity = identify(input, status);
        if (!paths.add(identity.path())) {
          throw new InvalidInputException(
              "%s belongs to two inputs; make their paths disjoint".formatted(identity.path()));
        }
        if (!knownFiles.contains(identity)) {
          unknown.add(new InputFile(unknown.size(), input, identity, format(input, status)));
        }
      }
    }
    return unknown;
  }

  private List<FileStatus> files(InputConfig input) throws IOException {
    Path path = new Path(input.path());
    FileSystem fileSystem = path.getFileSystem(configuration);
    FileStatus[] found = fileSystem.globStatus(path);
    if (found == null || found.length == 0) {
      throw new InvalidInputException("There is no input file " + path);
    }
    List<FileStatus> files = new ArrayList<>();
    for (FileStatus status : found) {
      if (status.isDirectory()) {
        Arrays.stream(fileSystem.listStatus(status.getPath()))
            .filter(FileStatus::isFile)
            .filter(file -> !isHidden(file.getPath().getName()))
            .forEach(files::add);
      } else {
        files.add(status);
      }
    }
    if (files.isEmpty()) {
      throw new InvalidInputException("The input folder " + path + " holds no files");
    }
    files.sort(Comparator.comparing(FileStatus::getPath));
    return files;
  }

  /** Files that writers leave beside their data: {@code .x.crc}, {@code _SUCCESS}. */
  private static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
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
        Digests.sha256Hex(reading));
  }

  private String fingerprint(String imageFolder) throws IOException {
    String fingerprint = folderFingerprints.get(imageFolder);
    if (fingerprint == null) {
      fingerprint = ImageFolder.at(imageFolder, configuration).fingerprint();
      folderFingerprints.put(imageFolder, fingerprint);
    }
    return fingerprint;
  }

  private SourceFormat format(InputConfig input, FileStatus status) throws IOException {
    if (!input.format().isEmpty()) {
      return SourceFormats.named(input.format());
    }
    Path path = status.getPath();
    return SourceFormats.recognise(new SourceFile(path.getFileSystem(configuration), path));
  }
}
