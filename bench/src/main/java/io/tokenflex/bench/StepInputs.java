package io.tokenflex.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tokenflex.batches.MicroBatch;
import io.tokenflex.batches.MicroBatches.StepBatches;
import io.tokenflex.batches.Pixels;
import io.tokenflex.random.SeededHash;
import io.tokenflex.tokens.VisionTokenCount;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The batches that both sides train on: every sample is {@code prefixTokens} of text, one picture,
 * {@code questionTokens} and {@code answerTokens}, of which the answer is supervised.
 *
 * <p>{@code inputs.json} holds this record, {@code inputs.bin} for each step and rank the pixels
 * (fp32, B x 3 x 224 x 224) and then the text ids (int32, B x text tokens), little-endian.
 *
 * @param visionTokens of every step
 */
record StepInputs(
    List<Integer> visionTokens,
    int ranks,
    int batchSize,
    int imageSize,
    int prefixTokens,
    int questionTokens,
    int answerTokens,
    int imageTokenId,
    int vocabSize) {
  private static final String JSON_FILE = "inputs.json";
  private static final String BINARY_FILE = "inputs.bin";
  private static final ObjectMapper JSON = new ObjectMapper();

  static StepInputs read(Path folder) throws IOException {
    return JSON.readValue(folder.resolve(JSON_FILE).toFile(), StepInputs.class);
  }

  /** Draws all batches and writes both files. */
  void write(Path folder, long seed) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(folder.resolve(BINARY_FILE)))) {
      ByteBuffer buffer = ByteBuffer.allocate(blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int block = 0; block < visionTokens.size() * ranks; block++) {
        buffer.clear();
        SeededHash pixel = SeededHash.of(seed, "pixels").with(block);
        for (int i = 0; i < pixelsOfBatch(); i++) {
          buffer.putFloat((float) (2 * pixel.with(i).toUnitInterval() - 1));
        }
        SeededHash id = SeededHash.of(seed, "text").with(block);
        for (int i = 0; i < batchSize * textTokens(); i++) {
          int drawn = (int) (id.with(i).toUnitInterval() * (vocabSize - 1));
          buffer.putInt(drawn < imageTokenId ? drawn : drawn + 1);
        }
        out.write(buffer.array());
      }
    }
    JSON.writeValue(folder.resolve(JSON_FILE).toFile(), this);
  }

  /** One rank's batches, all steps. */
  List<StepBatches> batches(Path folder, int rank) throws IOException {
    List<StepBatches> steps = new ArrayList<>();
    try (FileChannel file = FileChannel.open(folder.resolve(BINARY_FILE))) {
      ByteBuffer buffer = ByteBuffer.allocate(blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int step = 0; step < visionTokens.size(); step++) {
        long at = ((long) step * ranks + rank) * blockBytes();
        buffer.clear();
        while (buffer.hasRemaining() && file.read(buffer, at + buffer.position()) >= 0) {
          // reads on
        }
        VisionTokenCount count = VisionTokenCount.of(visionTokens.get(step));
        steps.add(new StepBatches(step, 0, count, List.of(batch(buffer.flip(), count)), List.of()));
      }
    }
    return steps;
  }

  private MicroBatch batch(ByteBuffer block, VisionTokenCount count) {
    float[] pixels = new float[pixelsOfBatch()];
    block.asFloatBuffer().get(pixels);
    block.position(pixels.length * Float.BYTES);
    int vision = count.numVisionTokens();
    int length = textTokens() + vision;
    long[] ids = new long[batchSize * length];
    long[] positions = new long[batchSize * vision];
    long[] rows = new long[batchSize * answerTokens];
    long[] targets = new long[rows.length];
    for (int b = 0; b < batchSize; b++) {
      for (int t = 0; t < length; t++) {
        int at = b * length + t;
        if (t >= prefixTokens && t < prefixTokens + vision) {
          ids[at] = imageTokenId;
          positions[b * vision + t - prefixTokens] = at;
          continue;
        }
        ids[at] = block.getInt();
        int answer = t - (length - answerTokens);
        if (answer >= 0) {
          rows[b * answerTokens + answer] = at - 1L;
          targets[b * answerTokens + answer] = ids[at];
        }
      }
    }
    List<String> names = Collections.nCopies(batchSize, "drawn");
    return new MicroBatch(
        names, count, length, ids, batchSize, new Pixels.Values(pixels), positions, rows, targets);
  }

  private int pixelsOfBatch() {
    return batchSize * 3 * imageSize * imageSize;
  }

  private int textTokens() {
    return prefixTokens + questionTokens + answerTokens;
  }

  private int blockBytes() {
    return pixelsOfBatch() * Float.BYTES + batchSize * textTokens() * Integer.BYTES;
  }
}
