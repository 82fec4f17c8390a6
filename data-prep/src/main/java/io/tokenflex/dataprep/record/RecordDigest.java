package io.tokenflex.dataprep.record;

import io.tokenflex.digest.Digests;
import io.tokenflex.samples.Turn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.TreeMap;

/**
 * Digest of a record as read from its source; equal digests mean an unchanged record. Images in a
 * folder contribute only their names, so that known records are recognized without loading images.
 */
public final class RecordDigest {
  private final MessageDigest digest = Digests.sha256();

  private RecordDigest() {}

  /** SHA-256 in lower-case hex. */
  public static String of(SourceRecord record) {
    RecordDigest digest = new RecordDigest();
    digest.add(record.id());
    for (SourceImage image : record.images()) {
      digest.add(image.name());
      digest.add(image instanceof SourceImage.Embedded embedded ? embedded.bytes() : new byte[0]);
    }
    digest.add("turns");
    for (Turn turn : record.conversation()) {
      digest.add(turn.role().wireName());
      digest.add(turn.text());
    }
    digest.add("metadata");
    new TreeMap<>(record.metadata())
        .forEach(
            (key, value) -> {
              digest.add(key);
              digest.add(value);
            });
    return Digests.hex(digest.digest);
  }

  private void add(String text) {
    add(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Prefixed with its length, so that adjacent fields are unambiguous. */
  private void add(byte[] bytes) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }
}
