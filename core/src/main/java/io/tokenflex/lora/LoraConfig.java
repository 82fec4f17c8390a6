package io.tokenflex.lora;

import static java.util.Objects.requireNonNull;

import io.tokenflex.failure.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * LoRA as a run asks for it; there is no dropout. With {@code adapter} everything else may be left
 * out and is the adapter's; what is said must agree with it.
 *
 * @param rank of the adapters
 * @param alpha over rank is what they are scaled by
 * @param targets PEFT's {@code target_modules}: ends of the paths that linear layers have in the
 *     exported model, such as {@code q_proj}, or {@link LoraLayout#ALL_LINEAR} alone
 * @param useRslora whether the scale is alpha over the root of the rank; false if absent
 * @param modulesToSave PEFT's {@code modules_to_save}: modules that train in full beside the
 *     adapters, such as {@code projector}; none if absent
 * @param adapter folder of an adapter to go on with
 */
public record LoraConfig(
    Optional<Integer> rank,
    Optional<Double> alpha,
    Optional<List<String>> targets,
    Optional<Boolean> useRslora,
    Optional<List<String>> modulesToSave,
    Optional<String> adapter) {
  public LoraConfig {
    requireNonNull(adapter, "adapter");
    targets = targets.map(List::copyOf);
    modulesToSave = modulesToSave.map(List::copyOf);
    if (adapter.isEmpty()) {
      resolved(rank, alpha, targets, useRslora, modulesToSave);
    }
  }

  private static PeftConfig resolved(
      Optional<Integer> rank,
      Optional<Double> alpha,
      Optional<List<String>> targets,
      Optional<Boolean> useRslora,
      Optional<List<String>> modulesToSave) {
    require("rank", "16", rank);
    require("alpha", "32", alpha);
    require("targets", "[q_proj, v_proj]", targets);
    if (targets.get().isEmpty()) {
      throw new InvalidInputException(
          "targets is empty; name linear layers, for instance [q_proj, v_proj] or ["
              + LoraLayout.ALL_LINEAR
              + "]");
    }
    return new PeftConfig(
        rank.get(),
        alpha.get(),
        useRslora.orElse(false),
        targets.get(),
        modulesToSave.orElse(List.of()));
  }

  private static void require(String key, String example, Optional<?> value) {
    if (value.isEmpty()) {
      throw new InvalidInputException(
          "%s is missing; give one, for instance %s = %s, or an adapter to go on with"
              .formatted(key, key, example));
    }
  }

  /**
   * The settings in force.
   *
   * @param start the adapter of {@link #adapter}
   * @throws IllegalArgumentException naming everything that does not agree with it
   */
  public PeftConfig resolve(Optional<PeftAdapter> start) {
    if (adapter.isEmpty()) {
      return resolved(rank, alpha, targets, useRslora, modulesToSave);
    }
    PeftAdapter given =
        start.orElseThrow(
            () -> new InvalidInputException("lora.adapter " + adapter.get() + " was not read"));
    PeftConfig has = given.config();
    List<String> differences = new ArrayList<>();
    if (!has.isUniform()) {
      differences.add(
          "it has rank_pattern or alpha_pattern, training has one rank and alpha; merge it with import --adapter");
    }
    compare(differences, "rank", rank, has.rank());
    compare(differences, "alpha", alpha, has.alpha());
    compare(differences, "useRslora", useRslora, has.useRslora());
    compare(differences, "modulesToSave", modulesToSave, has.modulesToSave());
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "train.lora does not agree with the adapter %s: %s; leave these keys out"
              .formatted(given, String.join("; ", differences)));
    }
    // The tensors tell the layers exactly; target_modules may be a pattern.
    List<String> modules = List.copyOf(given.modules());
    return new PeftConfig(
        has.rank(), has.alpha(), has.useRslora(), targets.orElse(modules), has.modulesToSave());
  }

  private static void compare(
      List<String> differences, String key, Optional<?> said, Object adapters) {
    if (said.isPresent() && !said.get().equals(adapters)) {
      differences.add("%s is %s, the adapter's is %s".formatted(key, said.get(), adapters));
    }
  }
}
