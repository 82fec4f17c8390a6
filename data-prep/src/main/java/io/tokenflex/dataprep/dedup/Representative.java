package io.tokenflex.dataprep.dedup;

import java.io.Serializable;

/**
 * The sample of smallest precedence of a look.
 *
 * @param key the sample, in the group named after its look
 * @param pixels digests of all its images
 */
record Representative(GroupKey key, String pixels) implements Serializable {
  private static final long serialVersionUID = 1;

  Look look() {
    return Look.parse(key.group());
  }
}
