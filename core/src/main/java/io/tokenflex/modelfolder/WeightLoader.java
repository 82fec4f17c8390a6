package io.tokenflex.modelfolder;

import io.tokenflex.failure.DamagedDataException;
import io.tokenflex.failure.InvalidInputException;
import io.tokenflex.model.ParameterArena;
import io.tokenflex.model.ParameterSpec;
import io.tokenflex.safetensors.FiniteWeights;
import io.tokenflex.safetensors.SafetensorsFolder;
import io.tokenflex.safetensors.SafetensorsReader;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorProblems;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Loads safetensors into a model's parameters by name. */
public final class WeightLoader {
  private WeightLoader() {}

  /**
   * Loads all parameters from one file.
   *
   * @param place the file's name, for messages
   * @throws DamagedDataException if a value is not finite
   * @throws IllegalArgumentException naming all missing, unexpected, misshapen and mistyped tensors
   *     together, before anything is loaded
   */
  public static void load(SafetensorsReader reader, String place, ParameterArena parameters)
      throws IOException {
    check(reader.tensors(), place, parameters);
    while (reader.hasNext()) {
      String name = reader.peek().name();
      reader.readFloats(
          (from, values) -> {
            FiniteWeights.check(name, from, values, place);
            parameters.set(name, from, values);
          });
    }
  }

  /**
   * Loads all parameters from a folder of one or more files.
   *
   * @throws DamagedDataException if a value is not finite
   * @throws IllegalArgumentException naming all missing, unexpected, misshapen and mistyped tensors
   *     together, before anything is loaded
   */
  public static void load(SafetensorsFolder folder, ParameterArena parameters) throws IOException {
    check(folder.tensors().values(), folder.toString(), parameters);
    for (String name : folder.tensors().keySet()) {
      folder.readFloats(
          name,
          (from, values) -> {
            FiniteWeights.check(name, from, values, folder.fileOf(name).toString());
            parameters.set(name, from, values);
          });
    }
  }

  private static void check(
      Collection<TensorInfo> tensors, String place, ParameterArena parameters) {
    Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    parameters
        .segments()
        .forEach(segment -> segment.specs().forEach(spec -> specs.put(spec.name(), spec)));
    TensorProblems problems = new TensorProblems();
    TreeSet<String> missing = new TreeSet<>(specs.keySet());
    for (TensorInfo tensor : tensors) {
      ParameterSpec spec = specs.get(tensor.name());
      if (spec == null) {
        problems.unexpected(tensor.name(), tensor.shape());
        continue;
      }
      missing.remove(tensor.name());
      List<Long> expected = Arrays.stream(spec.shape().getShape()).boxed().toList();
      if (!expected.equals(tensor.shape())) {
        problems.add(tensor.name() + " is " + tensor.shape() + ", the model has " + expected);
      }
      if (!tensor.elementType().fitsFloat()) {
        problems.add(tensor.name() + " holds " + tensor.elementType() + ", not F32, F16 or BF16");
      }
    }
    missing.forEach(name -> problems.missing(name, specs.get(name).shape()));
    if (!problems.isEmpty()) {
      throw new InvalidInputException("%s does not fit the model: %s".formatted(place, problems));
    }
  }
}
