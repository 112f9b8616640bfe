package routes.bundles;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import routes.settings.SettingException;
import routes.settings.Settings;

/** The Ed25519 key in {@code routes.trusted-key}, without which no bundle is accepted. */
public final class TrustedKey {
  static final String KEY = "routes.trusted-key";
  static final String ALGORITHM = "Ed25519";

  private final PublicKey key;

  private TrustedKey(PublicKey key) {
    this.key = key;
  }

  /**
   * @return empty if the setting is unset
   * @throws SettingException if it is not a key
   */
  public static Optional<TrustedKey> of(Settings settings) {
    return settings.find(KEY).map(TrustedKey::parse);
  }

  /**
   * @param text the base64 of a SubjectPublicKeyInfo (RFC 8410, 4)
   */
  static TrustedKey parse(String text) {
    try {
      byte[] der = Base64.getDecoder().decode(text);
      return new TrustedKey(
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new SettingException(
          KEY, "is not an Ed25519 public key; use the line that sign new-key prints");
    }
  }

  /**
   * @throws BundleException unless the offer was signed with the matching private key
   */
  void verify(Offer offer) throws BundleException {
    boolean valid;
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(offer.statement());
      valid = signature.verify(offer.signature());
    } catch (GeneralSecurityException e) {
      valid = false;
    }
    if (!valid) {
      throw new BundleException("not signed with the key in " + KEY);
    }
  }
}
