package io.tokenflex.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;

/**
 * Files below a root, the same for all who work on them. Paths are relative, with {@code /}; the
 * empty one is the root. Folders are made with the files in them.
 *
 * <p>Implementations are called from several threads of a process. Whatever goes wrong, a full disk
 * too, is an {@link IOException}; a call that fails may have done its work all the same.
 */
public interface Storage {
  /** Names of the entries of a folder, in ascending order; empty if it does not exist. */
  List<String> list(String folder) throws IOException;

  /**
   * Opens a file from its beginning.
   *
   * @throws FileNotFoundException if there is none
   */
  InputStream open(String file) throws IOException;

  /**
   * Creates a file of any size with its folders. It is durable once it is closed; before that
   * others may see a part of it, or nothing.
   *
   * @throws FileAlreadyExistsException if the name is taken, now or, on stores that look late, when
   *     it is closed; then perhaps by a repeated request of this call
   */
  OutputStream create(String file) throws IOException;

  /**
   * Whether an open {@link #create} certainly changes no file but its own: it neither replaces one
   * that another process creates under its name meanwhile, nor writes into it after its own was
   * deleted. False where nobody knows.
   */
  default boolean createNeverReplaces() throws IOException {
    return false;
  }

  /**
   * Creates a small file with its folders on condition that its name is free, as one act: of
   * several callers one succeeds, and nobody sees a part of the content. Durable when it returns.
   * Callers go through {@link Publication}, which knows what to make of a failure.
   *
   * @return false if the name was taken, perhaps by a repeated request of this call
   * @throws NotCreatedException if the file was certainly not created and will not be
   * @throws IOException if that cannot be told: it may be there, or come later
   */
  boolean createUnlessTaken(String file, byte[] content) throws IOException;

  /**
   * Puts a small file under a name, taken or not. Readers see the old content or the new; where the
   * storage has no such act, for a moment a part or none.
   */
  void replace(String file, byte[] content) throws IOException;

  /** Deletes a file or a folder with all it holds; nothing happens if it does not exist. */
  void delete(String path) throws IOException;

  /** The full location, for messages to people. */
  String locationOf(String path);
}
