package io.tokenflex.dataprep.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.tokenflex.score.ReferenceList;
import java.util.Map;

/** Fields of a record without a role of their own, as texts. */
final class MetadataFields {
  private MetadataFields() {}

  /**
   * Puts scalars as their text, and the list of accepted answers, whatever its form, as JSON: what
   * is wrong with it is found when the record is checked. Null, other lists and objects are left
   * out.
   */
  static void put(Map<String, String> metadata, String name, JsonNode value) {
    boolean isReferences = name.equals(ReferenceList.KEY);
    if (value.isNull() || (isReferences && RecordFields.isNan(value))) {
      return; // pandas writes both for a missing value
    }
    if (value.isContainerNode()) {
      if (isReferences) {
        metadata.put(name, value.toString());
      }
    } else if (!value.isBinary()) {
      metadata.put(name, value.asText());
    }
  }
}
