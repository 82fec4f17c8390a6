package io.tokenflex.train;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tokenflex.kernels.ComputeType;
import io.tokenflex.optimizer.OptimizerConfig;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The settings with which a run may go on differently than it began; a file of the checkpoint says
 * what they were, so that a resumed run can name what changed.
 */
final class TrainSettings {
  /** The file that holds them. */
  static final String FILE_NAME = "train_settings.json";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Map<String, String> settings;

  private TrainSettings(Map<String, String> settings) {
    this.settings = settings;
  }

  static TrainSettings of(TrainConfig config, ComputeType type, int worldSize) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("train.maxSteps", Long.toString(config.maxSteps()));
    settings.put("train.microBatchSize", Integer.toString(config.microBatchSize()));
    settings.put("precision", type.name());
    settings.put("train.activations", config.activations().name());
    for (RecordComponent component : OptimizerConfig.class.getRecordComponents()) {
      settings.put(
          "train.optimizer." + component.getName(), valueOf(component, config.optimizer()));
    }
    settings.put("ranks", Integer.toString(worldSize));
    return new TrainSettings(settings);
  }

  private static String valueOf(RecordComponent component, OptimizerConfig optimizer) {
    try {
      return String.valueOf(component.getAccessor().invoke(optimizer));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Public records have public accessors", e);
    }
  }

  byte[] toJson() throws IOException {
    return JSON.writeValueAsBytes(settings);
  }

  /** What differs from the settings of a checkpoint, each with what it was and is. */
  List<String> changesSince(byte[] storedJson) throws IOException {
    Map<String, String> stored = JSON.readValue(storedJson, new TypeReference<>() {});
    List<String> changes = new ArrayList<>();
    for (String key : new TreeSet<>(settings.keySet())) {
      String was = stored.get(key);
      if (was != null && !was.equals(settings.get(key))) {
        changes.add(key + " was " + was + " and is " + settings.get(key));
      }
    }
    return changes;
  }
}
