package io.tokenflex.bench;

import ai.djl.Device;

/** The device that a benchmark is asked to run on. */
final class Devices {
  private Devices() {}

  /** {@code cpu} or {@code gpu}, the first of the machine. */
  static Device of(String name) {
    return switch (name) {
      case "cpu" -> Device.cpu();
      case "gpu" -> Device.gpu();
      default ->
          throw new IllegalArgumentException("--device is '" + name + "'; expected cpu or gpu");
    };
  }
}
