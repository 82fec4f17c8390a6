package io.tokenflex.dataprep.dedup;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;

/**
 * What the search for duplicates knows of a sample.
 *
 * @param id unique within a search
 * @param precedence decides which duplicate is kept; ties go to the smaller id
 * @param conversationDigest equal if and only if the conversations are equal
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
