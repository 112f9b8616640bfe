package routes.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;

/**
 * Private keys as tools write them. The JDK reads PKCS#8 (RFC 5208) alone; PKCS#1 (RFC 8017, A.1.2)
 * and SEC1 (RFC 5915) become PKCS#8 by a head in front.
 */
final class PrivateKeyParser {
  private static final byte[] VERSION_0 = {2, 1, 0};
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 4;

  /** AlgorithmIdentifier of rsaEncryption. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  private PrivateKeyParser() {}

  static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
    for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // Another algorithm.
      }
    }
    throw new InvalidKeySpecException("neither RSA, EC nor EdDSA");
  }

  static PrivateKey pkcs1(byte[] der) throws GeneralSecurityException {
    return pkcs8(wrap(RSA, der));
  }

  /**
   * @param fitting names the curve, which a SEC1 key may leave out
   */
  static PrivateKey sec1(byte[] der, PublicKey fitting) throws GeneralSecurityException {
    return pkcs8(wrap(algorithm(fitting), der));
  }

  private static byte[] wrap(byte[] algorithm, byte[] key) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(VERSION_0);
    body.writeBytes(algorithm);
    body.writeBytes(element(OCTET_STRING, key));
    return element(SEQUENCE, body.toByteArray());
  }

  private static byte[] element(int tag, byte[] content) {
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

  /** The AlgorithmIdentifier, the first element of a SubjectPublicKeyInfo (RFC 5280, 4.1). */
  private static byte[] algorithm(PublicKey key) {
    ByteBuffer der = ByteBuffer.wrap(key.getEncoded());
    der.get();
    length(der);
    int start = der.position();
    der.get();
    int length = length(der);
    byte[] algorithm = new byte[der.position() - start + length];
    der.position(start).get(algorithm);
    return algorithm;
  }

  private static int length(ByteBuffer der) {
    int length = der.get() & 0xFF;
    if (length < 0x80) {
      return length;
    }
    int value = 0;
    for (int i = length & 0x7F; i > 0; i--) {
      value = value << 8 | der.get() & 0xFF;
    }
    return value;
  }
}
