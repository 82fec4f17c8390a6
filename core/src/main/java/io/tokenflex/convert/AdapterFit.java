package io.tokenflex.convert;

import io.tokenflex.lora.PeftAdapter;
import io.tokenflex.names.NameTable;
import io.tokenflex.safetensors.TensorInfo;
import io.tokenflex.safetensors.TensorProblems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Maps the modules of a PEFT adapter to the tensors of a published model.
 *
 * <p>The adapter names modules as in memory, the tensors are named as on disk, and versions of
 * transformers map between the two differently. Both names refer to the same parameter if the
 * model's {@link NameTable} maps them to the same of our names.
 */
final class AdapterFit {
  private static final String WEIGHT = ".weight";

  private final PeftAdapter adapter;
  private final NameTable names;
  private final Map<List<String>, String> modules = new HashMap<>();
  private final Map<List<String>, String> saved = new HashMap<>();
  private final List<String> leftOut = new ArrayList<>();

  /**
   * The modification of one tensor: a low-rank update, a replacement by a fully trained module, or
   * none.
   */
  record Change(PeftAdapter adapter, Optional<String> module, Optional<String> saved) {
    /**
     * Applies the modification to a slice of the tensor.
     *
     * @param offset index of the slice's first element
     * @param base the slice in the base weights; modified in place
     */
    float[] apply(long offset, float[] base) {
      saved.ifPresent(name -> adapter.replace(name, offset, base));
      module.ifPresent(name -> adapter.merge(name, offset, base));
      return base;
    }
  }

  AdapterFit(PeftAdapter adapter, NameTable names, TensorProblems problems) {
    this.adapter = adapter;
    this.names = names;
    adapter.modules().forEach(module -> put(modules, module, module + WEIGHT, problems));
    adapter.savedParameters().forEach(name -> put(saved, name, name, problems));
  }

  private void put(
      Map<List<String>, String> into, String name, String tensor, TensorProblems problems) {
    Optional<NameTable.Row> row = names.find(tensor);
    if (row.isEmpty()) {
      problems.add("the adapter changes " + name + ", which the model has not");
    } else if (row.get().ours().isEmpty()) {
      leftOut.add(name); // not imported, for instance the original projector
    } else if (into.put(row.get().ours(), name) != null) {
      problems.add("the adapter changes " + row.get().ours() + " under two names");
    }
  }

  /** The modification of a row's tensor; a shape mismatch is added to {@code problems}. */
  Change change(NameTable.Row row, TensorInfo tensor, TensorProblems problems) {
    Optional<String> module = Optional.ofNullable(modules.get(row.ours()));
    Optional<String> parameter = Optional.ofNullable(saved.get(row.ours()));
    module.ifPresent(name -> compare(name, adapter.mergedShape(name), tensor, problems));
    parameter.ifPresent(name -> compare(name, adapter.savedShape(name), tensor, problems));
    return new Change(adapter, module, parameter);
  }

  private static void compare(
      String name, List<Long> shape, TensorInfo tensor, TensorProblems problems) {
    if (!tensor.shape().equals(shape)) {
      problems.add(
          String.format(
              Locale.ROOT,
              "the adapter changes %s as %s, the model's is %s",
              name,
              shape,
              tensor.shape()));
    }
  }

  /** Modules of the adapter that belong to parts that are not imported. */
  List<String> leftOut() {
    return List.copyOf(leftOut);
  }
}
