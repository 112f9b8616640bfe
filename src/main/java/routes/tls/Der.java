package routes.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Elements in DER (ITU-T X.690), of at most 64 KB. */
final class Der {
  static final int SEQUENCE = 0x30;
  static final int SET = 0x31;
  static final int BIT_STRING = 3;
  static final int OCTET_STRING = 4;
  static final int UTF8_STRING = 12;

  /** INTEGER 0. */
  static final byte[] ZERO = {2, 1, 0};

  private Der() {}

  /** An element whose content is all parts, one after the other. */
  static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    byte[] content = all.toByteArray();
    ByteBuffer der = ByteBuffer.allocate(content.length + 4).put((byte) tag);
    if (content.length < 0x80) {
      der.put((byte) content.length);
    } else if (content.length < 0x100) {
      der.put((byte) 0x81).put((byte) content.length);
    } else {
      der.put((byte) 0x82).putShort((short) content.length);
    }
    der.put(content).flip();
    byte[] bytes = new byte[der.remaining()];
    der.get(bytes);
    return bytes;
  }
}
