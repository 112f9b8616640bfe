package routes.sandbox.azure;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Who may register with the stand-in of the Device Provisioning Service, and as which device. */
public final class DpsEnrollment {
  private final String registrationId;
  private final String deviceId;
  private final byte[] key;
  private final PublicKey issuer;
  private final String thumbprint;

  /** A disabled enrollment assigns nothing. */
  public volatile boolean enabled = true;

  /** The error code of an allocation that fails; 0 for one that works. */
  public volatile int failure;

  private DpsEnrollment(
      String registrationId, String deviceId, byte[] key, PublicKey issuer, String thumbprint) {
    this.registrationId = registrationId;
    this.deviceId = deviceId;
    this.key = key;
    this.issuer = issuer;
    this.thumbprint = thumbprint;
  }

  /** An individual enrollment with a key. */
  static DpsEnrollment individual(String registrationId, String deviceId, byte[] key) {
    return new DpsEnrollment(registrationId, deviceId, key, null, null);
  }

  /** An individual enrollment with a certificate. */
  static DpsEnrollment individual(String registrationId, X509Certificate certificate) {
    String thumbprint = AzureDevice.thumbprint(certificate, "SHA-256");
    return new DpsEnrollment(registrationId, registrationId, null, null, thumbprint);
  }

  /** A group whose devices have keys derived from this one. */
  static DpsEnrollment group(byte[] key) {
    return new DpsEnrollment(null, null, key, null, null);
  }

  /** A group of the devices with certificates of this CA. */
  static DpsEnrollment group(X509Certificate ca) {
    return new DpsEnrollment(null, null, null, ca.getPublicKey(), null);
  }

  boolean hasKey() {
    return key != null;
  }

  boolean isFor(String id) {
    return registrationId == null || registrationId.equals(id);
  }

  String device(String id) {
    return deviceId == null ? id : deviceId;
  }

  /** The key of a device: of a group, the HMAC-SHA256 of its registration id. */
  byte[] key(String id) {
    if (registrationId != null) {
      return key;
    }
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(id.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean accepts(X509Certificate certificate) {
    if (thumbprint != null) {
      return thumbprint.equals(AzureDevice.thumbprint(certificate, "SHA-256"));
    }
    try {
      certificate.verify(issuer);
      certificate.checkValidity();
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
