package io.tokenflex.dataprep.validate;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * A LLaVA record taken apart.
 *
 * @param imageNames relative to the image folder, in the order of their marks
 * @param metadata every other field that holds a text, number or truth value
 */
public record LlavaRecord(
    String id, List<String> imageNames, List<StoredTurn> conversation, Map<String, String> metadata)
    implements Serializable {
  public LlavaRecord {
    imageNames = List.copyOf(imageNames);
    conversation = List.copyOf(conversation);
    metadata = Map.copyOf(metadata);
  }
}
