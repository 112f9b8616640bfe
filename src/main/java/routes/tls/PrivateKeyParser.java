package routes.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;

/**
 * Parses private keys in the formats that tools write. The JDK reads only PKCS#8 (RFC 5208). PKCS#1
 * (RFC 8017, A.1.2) and SEC1 (RFC 5915) become PKCS#8 with a header in front.
 */
final class PrivateKeyParser {
  private static final int PARAMETERS = 0xA0;

  /** AlgorithmIdentifier of rsaEncryption. */
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

  /** The OIDs of id-ecPublicKey and of P-256 (RFC 5480, 2.1.1). */
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private static final byte[] P_256 = HexFormat.of().parseHex("06082a8648ce3d030107");
  private static final int P_256_BYTES = 32;

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
   * @param matching the public key, which names the curve; a SEC1 key may omit it
   */
  static PrivateKey sec1(byte[] der, PublicKey matching) throws GeneralSecurityException {
    return pkcs8(wrap(algorithm(matching), der));
  }

  /** A SEC1 key on the curve that it names; without a name it must be on P-256. */
  static PrivateKey sec1(byte[] der) throws GeneralSecurityException {
    ByteBuffer key = ByteBuffer.wrap(der);
    key.get();
    length(key);
    content(key); // the version
    int bytes = content(key).length;
    boolean named = key.hasRemaining() && (key.get(key.position()) & 0xFF) == PARAMETERS;
    if (!named && bytes != P_256_BYTES) {
      throw new InvalidKeySpecException("unnamed curve");
    }
    byte[] curve = named ? content(key) : P_256;
    return pkcs8(wrap(Der.element(Der.SEQUENCE, EC, curve), der));
  }

  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return Der.element(Der.SEQUENCE, Der.ZERO, algorithm, Der.element(Der.OCTET_STRING, key));
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

  /** Reads the content of the next element. */
  private static byte[] content(ByteBuffer der) {
    der.get();
    byte[] content = new byte[Math.min(length(der), der.remaining())];
    der.get(content);
    return content;
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
