package io.tokenflex.kernels;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript module without parameters in PyTorch's file format ({@code
 * torch/csrc/jit/serialization}): a zip with uncompressed entries, among them the source and a
 * pickled empty object.
 */
final class ScriptArchive {
  private ScriptArchive() {}

  /**
   * The archive of the class {@code Kernels} that {@code source} defines.
   *
   * @param flags values of the module's attributes besides {@code training}
   */
  static byte[] of(String source, Map<String, Boolean> flags) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "data.pkl", pickledModule(flags));
      store(zip, "code/__torch__/kernels.py", source.getBytes(UTF_8));
      // PROTO 2, EMPTY_TUPLE, STOP
      store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      store(zip, "version", "10\n".getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] pickledModule(Map<String, Boolean> flags) {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    // PROTO 2, GLOBAL __torch__.kernels Kernels, EMPTY_TUPLE, NEWOBJ, EMPTY_DICT, MARK
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__.kernels\nKernels\n".getBytes(US_ASCII));
    pickle.writeBytes(new byte[] {')', (byte) 0x81, '}', '('});
    attribute(pickle, "training", true);
    flags.forEach((name, value) -> attribute(pickle, name, value));
    // SETITEMS, BUILD, STOP
    pickle.writeBytes(new byte[] {'u', 'b', '.'});
    return pickle.toByteArray();
  }

  private static void attribute(ByteArrayOutputStream pickle, String name, boolean value) {
    // BINUNICODE name, NEWTRUE or NEWFALSE
    pickle.writeBytes(new byte[] {'X', (byte) name.length(), 0, 0, 0});
    pickle.writeBytes(name.getBytes(US_ASCII));
    pickle.write(value ? 0x88 : 0x89);
  }

  /** Adds an uncompressed entry; PyTorch reads no others. */
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
