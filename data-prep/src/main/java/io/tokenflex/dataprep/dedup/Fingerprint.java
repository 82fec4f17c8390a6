package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;

/**
 * What is known of one sample.
 *
 * @param id unique among all samples of a search
 * @param precedence decides which duplicate stays; of equal ones the smaller id
 * @param conversationDigest equal for equal conversations only
 * @param images in the sample's order; may be empty
 */
public record Fingerprint(
    String id, Precedence precedence, String conversationDigest, List<ImageFingerprint> images)
    implements Serializable {
  private static final long serialVersionUID = 1;

  public Fingerprint {
    requireNonNull(id, "id");
    requireNonNull(precedence, "precedence");
    requireNonNull(conversationDigest, "conversationDigest");
    images = List.copyOf(images);
  }
}
