package io.tokenflex.dataprep.storage;

import io.tokenflex.storage.LocalStorage;
import io.tokenflex.storage.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** On a disk, without Hadoop. */
class LocalStorageTest extends StorageContract {
  @TempDir private Path folder;

  @Override
  Storage newStorage() {
    return new LocalStorage(folder.resolve("storage"));
  }
}
