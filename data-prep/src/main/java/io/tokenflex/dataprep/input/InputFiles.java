package io.tokenflex.dataprep.input;

import io.tokenflex.dataprep.source.SourceFile;
import io.tokenflex.dataprep.source.SourceFormats;
import io.tokenflex.dataprep.storage.StoragePaths;
import io.tokenflex.failure.InvalidInputException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves an input's path to files: a single file, the files of a folder, or the matches of a
 * glob.
 */
final class InputFiles {
  private static final Logger log = LoggerFactory.getLogger(InputFiles.class);

  /** Logs that img2dataset writes beside each {@code 00000.tar}. */
  private static final Pattern LOG_OF_TAR = Pattern.compile("(.+)(\\.parquet|_stats\\.json)");

  private final FileSystem fileSystem;

  InputFiles(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /**
   * The files, sorted by path.
   *
   * @throws InvalidInputException if there is none
   */
  List<FileStatus> of(Path path) throws IOException {
    List<FileStatus> files = new ArrayList<>();
    boolean wantsHidden = isHidden(path.getName());
    for (FileStatus status : matches(path)) {
      String name = status.getPath().getName();
      if (status.isDirectory()) {
        for (FileStatus file : fileSystem.listStatus(status.getPath())) {
          if (file.isFile() && !isHidden(file.getPath().getName())) {
            files.add(file);
          }
        }
      } else if (wantsHidden || !isHidden(name)) {
        files.add(status);
      }
    }
    if (files.isEmpty()) {
      throw new InvalidInputException("The input folder " + path + " holds no files");
    }
    files.sort(Comparator.comparing(FileStatus::getPath));
    return withoutLogs(files);
  }

  /** Auxiliary files of writers, such as {@code .x.crc} and {@code _SUCCESS}. */
  private static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  private List<FileStatus> matches(Path path) throws IOException {
    List<FileStatus> matches;
    try {
      FileStatus[] found = fileSystem.globStatus(path);
      matches = found == null ? List.of() : List.of(found);
    } catch (IllegalArgumentException e) {
      if (!(e.getCause() instanceof URISyntaxException)) {
        throw e;
      }
      matches = matchesBesideColons(path);
    }
    if (matches.isEmpty()) {
      throw new InvalidInputException("There is no input file " + path);
    }
    return matches;
  }

  /**
   * Evaluates a glob; Hadoop's own implementation fails if any file name in the folder contains a
   * colon.
   */
  List<FileStatus> matchesBesideColons(Path pattern) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    for (String path : GlobExpander.expand(fileSystem.makeQualified(pattern).toUri().getPath())) {
      List<FileStatus> reached =
          List.of(fileSystem.getFileStatus(fileSystem.makeQualified(new Path("/"))));
      for (String component : path.split("/", -1)) {
        if (!component.isEmpty()) {
          reached = children(reached, component);
        }
      }
      found.addAll(reached);
    }
    return found;
  }

  private List<FileStatus> children(List<FileStatus> folders, String component) throws IOException {
    GlobPattern pattern = new GlobPattern(component);
    List<FileStatus> children = new ArrayList<>();
    for (FileStatus folder : folders) {
      if (!folder.isDirectory()) {
        continue;
      }
      if (pattern.hasWildcard()) {
        for (FileStatus child : fileSystem.listStatus(folder.getPath())) {
          if (pattern.matches(child.getPath().getName())) {
            children.add(child);
          }
        }
      } else {
        try {
          String name = component.replaceAll("\\\\(.)", "$1");
          children.add(fileSystem.getFileStatus(StoragePaths.child(folder.getPath(), name)));
        } catch (FileNotFoundException e) {
          // Matches nothing, as in any glob.
        }
      }
    }
    return children;
  }

  /** Removes the logs that img2dataset writes beside its tar files. */
  private List<FileStatus> withoutLogs(List<FileStatus> files) throws IOException {
    Set<Path> all = new HashSet<>();
    files.forEach(file -> all.add(file.getPath()));
    List<FileStatus> data = new ArrayList<>();
    for (FileStatus file : files) {
      Matcher name = LOG_OF_TAR.matcher(file.getPath().getName());
      boolean isBesideTar =
          name.matches()
              && all.contains(
                  StoragePaths.child(file.getPath().getParent(), name.group(1) + ".tar"));
      if (isBesideTar
          && SourceFormats.isLogOfImg2Dataset(new SourceFile(fileSystem, file.getPath()))) {
        log.warn("{} is img2dataset's log of the tar file beside it; skipped", file.getPath());
      } else {
        data.add(file);
      }
    }
    return data;
  }
}
