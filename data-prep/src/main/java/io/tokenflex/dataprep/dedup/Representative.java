package io.tokenflex.dataprep.dedup;

import java.io.Serializable;

/**
 * The sample of smallest precedence of a group of equal hashes.
 *
 * @param key the sample; its group is the text form of the {@link Look}
 * @param pixels digests of all its images
 */
record Representative(GroupKey key, String pixels) implements Serializable {
  private static final long serialVersionUID = 1;

  Look look() {
    return Look.parse(key.group());
  }
}
