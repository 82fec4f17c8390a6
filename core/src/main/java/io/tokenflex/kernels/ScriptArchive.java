package io.tokenflex.kernels;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the file format of a TorchScript module without parameters (PyTorch's {@code
 * torch/csrc/jit/serialization}): a zip of stored entries with the source and a pickled empty
 * object.
 */
final class ScriptArchive {
  private static final int TRAINING_LENGTH = "training".length();

  private ScriptArchive() {}

  /** The archive of class {@code Kernels} defined by {@code source}. */
  static byte[] of(String source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", pickledModule());
      store(zip, "code/__torch__/kernels.py", source.getBytes(UTF_8));
      // PROTO 2, EMPTY_TUPLE, STOP
      store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      store(zip, "version", "10\n".getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] pickledModule() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    // PROTO 2, GLOBAL __torch__.kernels Kernels, EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, MARK
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__.kernels\nKernels\n".getBytes(US_ASCII));
    pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
    // BINUNICODE "training", NEWTRUE, SETITEMS, BUILD, STOP
    pickle.writeBytes(new byte[] {'X', (byte) TRAINING_LENGTH, 0, 0, 0});
    pickle.writeBytes("training".getBytes(US_ASCII));
    pickle.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'});
    return pickle.toByteArray();
  }

  /** PyTorch reads stored (not deflated) entries only. */
  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry("kernels/" + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
