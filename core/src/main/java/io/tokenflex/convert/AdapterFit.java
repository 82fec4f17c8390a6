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
 * Which of a model's tensors an adapter changes.
 *
 * <p>PEFT names modules as they are called in memory, and transformers renames them between memory
 * and disk, in each version otherwise. A name of the adapter and a tensor's name mean the same if
 * the table of the model's names gives both the same place here.
 */
final class AdapterFit {
  private static final String WEIGHT = ".weight";

  private final PeftAdapter adapter;
  private final NameTable names;
  private final Map<List<String>, String> modules = new HashMap<>();
  private final Map<List<String>, String> saved = new HashMap<>();
  private final List<String> leftOut = new ArrayList<>();

  /** What becomes of a tensor. */
  record Change(PeftAdapter adapter, Optional<String> module, Optional<String> saved) {
    /** Values of a part of the tensor, given those of the base. */
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
      leftOut.add(name); // a part that the import leaves out
    } else if (into.put(row.get().ours(), name) != null) {
      problems.add("the adapter changes " + row.get().ours() + " under two names");
    }
  }

  /** What becomes of the tensor of a row, with a problem where shapes differ. */
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

  /** What of the adapter lies in parts that are left out. */
  List<String> leftOut() {
    return List.copyOf(leftOut);
  }
}
