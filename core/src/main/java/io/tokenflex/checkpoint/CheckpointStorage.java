package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Where checkpoints lie. Paths are relative, with {@code /}; every rank sees the same files.
 *
 * <p>Implementations are called from one thread of each rank.
 */
public interface CheckpointStorage {
  /** Names of the entries of a folder; empty if it does not exist. */
  List<String> list(String folder) throws IOException;

  /** Creates a file and its folders, replacing what is there; durable once closed. */
  OutputStream create(String file) throws IOException;

  /** Opens a file from its beginning. */
  InputStream open(String file) throws IOException;

  /** Renames a folder in one step; {@code published} must not exist. */
  void publish(String staging, String published) throws IOException;

  /** Deletes a file or a folder with all it holds; nothing happens if it does not exist. */
  void delete(String path) throws IOException;

  /** The full location, for messages to people. */
  String locationOf(String path);
}
