package routes.bus;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/**
 * A NATS user's seed, the text that starts with SU: an Ed25519 key in base32 with a checksum
 * (github.com/nats-io/nkeys). Signs with Java's own Ed25519; jnats' NKey would need Bouncy Castle.
 */
final class UserSeed {
  private static final String ALGORITHM = "Ed25519";
  private static final int LENGTH = 58;
  private static final int PREFIX = 2;
  private static final int KEY = 32;
  private static final int CHECKSUM = 2;
  private static final int SEED = 18 << 3;
  private static final int USER = 20 << 3;

  private final PrivateKey key;

  /**
   * @throws IllegalArgumentException if the seed is damaged; the message does not quote it
   */
  UserSeed(CharSequence text) {
    byte[] bytes = text.length() == LENGTH ? base32(text) : new byte[0];
    if (bytes.length != PREFIX + KEY + CHECKSUM
        || checksum(bytes, PREFIX + KEY) != littleEndian(bytes, PREFIX + KEY)) {
      throw new IllegalArgumentException("not a seed");
    }
    try {
      key =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(
                  new EdECPrivateKeySpec(
                      NamedParameterSpec.ED25519, Arrays.copyOfRange(bytes, PREFIX, PREFIX + KEY)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the first bytes mark a user's seed, not an account's or an operator's. */
  static boolean isUsers(CharSequence text) {
    byte[] start = base32(text.subSequence(0, Math.min(4, text.length())));
    return start.length == PREFIX
        && (start[0] & 0xF8) == SEED
        && ((start[0] & 0x07) << 5 | (start[1] & 0xF8) >> 3) == USER;
  }

  byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** RFC 4648, 6, without padding. */
  private static byte[] base32(CharSequence text) {
    byte[] bytes = new byte[text.length() * 5 / 8];
    int buffer = 0;
    int bits = 0;
    int filled = 0;
    for (int i = 0; i < text.length(); i++) {
      buffer = (buffer << 5 | value(text.charAt(i))) & 0xFFF;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes[filled++] = (byte) (buffer >> bits);
      }
    }
    return bytes;
  }

  private static int value(char letter) {
    if (letter >= 'A' && letter <= 'Z') {
      return letter - 'A';
    }
    if (letter >= '2' && letter <= '7') {
      return letter - '2' + 26;
    }
    throw new IllegalArgumentException("not base32");
  }

  /** CRC-16/XMODEM. */
  private static int checksum(byte[] bytes, int length) {
    int crc = 0;
    for (int i = 0; i < length; i++) {
      crc ^= (bytes[i] & 0xFF) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
      }
    }
    return crc & 0xFFFF;
  }

  private static int littleEndian(byte[] bytes, int at) {
    return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
  }
}
