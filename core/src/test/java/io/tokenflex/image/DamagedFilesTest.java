package io.tokenflex.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to a file, it gives pixels or a refusal, soon and in bounded memory. */
class DamagedFilesTest {
  private static final int MAX_PIXELS = 100_000;

  /** For pixels as bytes and as the JDK's integers, twice, tables and messages. */
  private static final long MAX_ALLOCATED_BYTES = 40L * MAX_PIXELS + (4 << 20);

  /** More of them by {@code -Dtokenflex.damagedFiles=300}. */
  private static final int FILES_PER_VARIANT = Integer.getInteger("tokenflex.damagedFiles", 8);

  private final ImageDecoder decoder = new ImageDecoder(MAX_PIXELS);
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "profile", "orientation", "png", "bmp", "gif", "webp"})
  void anythingGivesPixelsOrARefusal(String kind) {
    long seed = 1;
    for (Variants.Variant variant : Variants.ofKind(kind)) {
      Random random = new Random(seed++);
      for (int i = 0; i < FILES_PER_VARIANT; i++) {
        byte[] file = mutated(variant.file(), random);
        check(variant.name() + ", seed " + (seed - 1) + ", file " + i, file);
      }
    }
  }

  private void check(String what, byte[] file) {
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      RgbImage image = decoder.decode(file);
      assertThat((long) image.width() * image.height()).as(what).isLessThanOrEqualTo(MAX_PIXELS);
    } catch (ImageDecodeException e) {
      assertThat(e.getMessage()).as(what).isNotBlank();
    } catch (Throwable e) { // a StackOverflowError, say
      throw new AssertionError(what + ": " + e, e);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes allocated for %s", what)
        .isLessThan(MAX_ALLOCATED_BYTES);
  }

  /** A few changes: bits flipped, bytes overwritten, taken out, put in or repeated, or a cut. */
  private static byte[] mutated(byte[] file, Random random) {
    List<Byte> bytes = new ArrayList<>();
    for (byte value : file) {
      bytes.add(value);
    }
    for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.size() > 4; changes--) {
      // Headers decide most: half of the changes go there.
      int at = random.nextInt(random.nextBoolean() ? Math.min(64, bytes.size()) : bytes.size());
      switch (random.nextInt(6)) {
        case 0 -> bytes.set(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
        case 1 -> bytes.set(at, new byte[] {0, -1, 127, -128, 1}[random.nextInt(5)]);
        case 2 -> bytes.set(at, (byte) random.nextInt(256));
        case 3 -> bytes.subList(at, Math.min(bytes.size(), at + 1 + random.nextInt(8))).clear();
        case 4 -> bytes.addAll(at, List.copyOf(bytes.subList(0, Math.min(at, 20))));
        default -> {
          if (random.nextInt(3) == 0) {
            bytes.subList(at, bytes.size()).clear();
          }
        }
      }
    }
    byte[] mutated = new byte[bytes.size()];
    for (int i = 0; i < mutated.length; i++) {
      mutated[i] = bytes.get(i);
    }
    // A PNG whose checksums are wrong is refused early: what lies behind must be reached too.
    return random.nextBoolean() ? PngChecksums.mended(mutated) : mutated;
  }

  /** Sets the checksums of all chunks right, as far as the chunks can be told. */
  private static final class PngChecksums {
    private PngChecksums() {}

    static byte[] mended(byte[] file) {
      byte[] mended = Arrays.copyOf(file, file.length);
      if (!ImageFormat.startsWith(file, 0, "\u0089PNG")) {
        return mended;
      }
      int at = 8;
      while (at + 12 <= mended.length) {
        long length = FileBytes.uint32(mended, at);
        if (at + 12 + length > mended.length) {
          return mended;
        }
        CRC32 crc = new CRC32();
        crc.update(mended, at + 4, (int) length + 4);
        int end = at + 8 + (int) length;
        for (int i = 0; i < 4; i++) {
          mended[end + i] = (byte) (crc.getValue() >> (24 - 8 * i));
        }
        at = end + 4;
      }
      return mended;
    }
  }
}
