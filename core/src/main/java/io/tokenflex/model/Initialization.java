package io.tokenflex.model;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Initial values of a parameter when training from scratch. */
public sealed interface Initialization {
  /** All values in row-major order; deterministic for a given state of the generator. */
  float[] values(Shape shape, RandomGenerator random);

  /** Normal distribution with mean 0. */
  record Normal(double standardDeviation) implements Initialization {
    @Override
    public float[] values(Shape shape, RandomGenerator random) {
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * standardDeviation);
      }
      return values;
    }
  }

  /**
   * Normal distribution with variance gain^2 / fan-in (LeCun et al. 1998), where fan-in is the
   * product of all dimensions but the first; activations keep their scale at any width.
   */
  record FanIn(double gain) implements Initialization {
    @Override
    public float[] values(Shape shape, RandomGenerator random) {
      double fanIn = (double) shape.size() / shape.get(0);
      return new Normal(gain / Math.sqrt(fanIn)).values(shape, random);
    }
  }

  /**
   * Uniform in +-1 / sqrt(fan-in): the default of PyTorch's linear layers and of A in PEFT's
   * adapters ({@code kaiming_uniform_} with {@code a = sqrt(5)}).
   */
  record UniformFanIn() implements Initialization {
    @Override
    public float[] values(Shape shape, RandomGenerator random) {
      double bound = 1 / Math.sqrt((double) shape.size() / shape.get(0));
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
      }
      return values;
    }
  }

  /** The same value for all elements. */
  record Constant(float value) implements Initialization {
    @Override
    public float[] values(Shape shape, RandomGenerator random) {
      float[] values = new float[Math.toIntExact(shape.size())];
      Arrays.fill(values, value);
      return values;
    }
  }

  /**
   * Two-dimensional sine-cosine position embeddings of a square patch grid, shape (leading + side *
   * side, D), so that a new vision tower starts with position information. Wavelengths range from 4
   * to 120 patches. The {@code leading} rows (class token) are zero.
   */
  record SinCosGrid(int leading, int side, double amplitude) implements Initialization {
    private static final double HIGHEST_FREQUENCY = Math.PI / 2;
    private static final double FREQUENCY_RANGE = 30;

    @Override
    public float[] values(Shape shape, RandomGenerator random) {
      int width = Math.toIntExact(shape.get(1));
      int quarter = width / 4;
      float[] values = new float[Math.toIntExact(shape.size())];
      for (int patch = 0; patch < side * side; patch++) {
        for (int i = 0; i < quarter; i++) {
          double frequency = HIGHEST_FREQUENCY * Math.pow(FREQUENCY_RANGE, -(double) i / quarter);
          int row = patch / side;
          int column = patch % side;
          int at = (leading + patch) * width + i;
          values[at] = (float) (amplitude * Math.sin(row * frequency));
          values[at + quarter] = (float) (amplitude * Math.cos(row * frequency));
          values[at + 2 * quarter] = (float) (amplitude * Math.sin(column * frequency));
          values[at + 3 * quarter] = (float) (amplitude * Math.cos(column * frequency));
        }
      }
      return values;
    }
  }
}
