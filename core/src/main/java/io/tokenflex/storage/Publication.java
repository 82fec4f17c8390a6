package io.tokenflex.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one act by which a small file takes its name, which it never takes from another.
 *
 * <p>A storage can do what it is asked and lose the answer. So after every failure the name is read
 * back: what lies there decides.
 */
public final class Publication {
  private static final Logger log = LoggerFactory.getLogger(Publication.class);

  private Publication() {}

  /**
   * Publishes a file.
   *
   * @param content if two writers may write the same bytes, it must not matter whose they are
   * @return whether the name now holds this content; false if it was another's
   * @throws StateUnknownException if that cannot be told: it may hold it now, or later
   * @throws IOException if the name certainly does not and will not hold this content
   */
  public static boolean publish(Storage storage, String file, byte[] content) throws IOException {
    Throwable failure = null;
    try {
      if (storage.createUnlessTaken(file, content)) {
        return true;
      }
    } catch (NotCreatedException e) {
      throw e.getCause() instanceof IOException cause ? cause : e;
    } catch (Throwable e) {
      failure = e;
    }
    try (InputStream in = storage.open(file)) {
      boolean isOurs = Arrays.equals(in.readAllBytes(), content);
      if (isOurs && failure != null) {
        log.warn(
            "{} was created, though the storage reported: {}",
            storage.locationOf(file),
            failure.toString());
      }
      return isOurs;
    } catch (FileNotFoundException e) {
      if (failure == null) {
        return false; // another's, which is gone already
      }
      // A request whose answer was lost may still be on its way: absent now is not absent for good.
      throw unknown(storage, file, failure);
    } catch (IOException | RuntimeException e) {
      if (failure != null) {
        e.addSuppressed(failure);
      }
      throw unknown(storage, file, e);
    }
  }

  private static StateUnknownException unknown(Storage storage, String file, Throwable cause) {
    return new StateUnknownException(
        "Cannot tell whether "
            + storage.locationOf(file)
            + " was created ("
            + cause
            + "). Nothing was deleted; who comes next finds out",
        cause);
  }
}
