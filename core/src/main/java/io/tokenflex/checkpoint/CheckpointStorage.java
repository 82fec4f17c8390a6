package io.tokenflex.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Where checkpoints lie. Paths are relative, with {@code /}; every rank sees the same files.
 *
 * <p>Implementations are called from several threads of a process. Whatever goes wrong, a full disk
 * too, is an {@link IOException}; a call that fails may have done its work all the same.
 */
public interface CheckpointStorage {
  /** Names of the entries of a folder; empty if it does not exist. */
  List<String> list(String folder) throws IOException;

  /** Creates a file and its folders, replacing what is there; durable once closed. */
  OutputStream create(String file) throws IOException;

  /**
   * Creates a small file with its folders on condition that its name is free, as one act: of
   * several callers one succeeds, and nobody sees a part of the content. Durable when it returns.
   *
   * @return false if the name was taken
   */
  boolean createNew(String file, byte[] content) throws IOException;

  /** Opens a file from its beginning. */
  InputStream open(String file) throws IOException;

  /**
   * Gives a folder with all it holds another name, which must be free. In one step where the
   * storage can; elsewhere file by file, {@link CheckpointManifest#FILE_NAME} last, and calling
   * again goes on.
   *
   * @throws IOException if {@code staging} does not exist or {@code published} does
   */
  void publish(String staging, String published) throws IOException;

  /** Deletes a file or a folder with all it holds; nothing happens if it does not exist. */
  void delete(String path) throws IOException;

  /** The full location, for messages to people. */
  String locationOf(String path);
}
