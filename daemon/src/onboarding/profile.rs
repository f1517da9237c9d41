//! The certificate as a configuration profile of Apple's systems, unsigned (Apple, Device Management: `CertificateRoot`).

use crate::exchange::page::escape;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};
use waylay_ca::Certificate;

/// The profile. Its identifiers follow from the certificate: installing it again replaces it, and two installs of Waylay
/// stand side by side.
pub fn profile(certificate: &Certificate) -> String {
    let der = certificate.der();
    let hash: String = Sha256::digest(der).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = escape(certificate.name());
    let data = BASE64_STANDARD.encode(der);
    let (outer, inner) = (uuid(b"profile", der), uuid(b"certificate", der));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>PayloadContent</key>
	<array>
		<dict>
			<key>PayloadCertificateFileName</key>
			<string>waylay-ca.cer</string>
			<key>PayloadContent</key>
			<data>{data}</data>
			<key>PayloadDescription</key>
			<string>Lets Waylay read the HTTPS of this device while it goes through Waylay.</string>
			<key>PayloadDisplayName</key>
			<string>{name}</string>
			<key>PayloadIdentifier</key>
			<string>internal.waylay.ca.{hash}.certificate</string>
			<key>PayloadType</key>
			<string>com.apple.security.root</string>
			<key>PayloadUUID</key>
			<string>{inner}</string>
			<key>PayloadVersion</key>
			<integer>1</integer>
		</dict>
	</array>
	<key>PayloadDescription</key>
	<string>The certificate of a Waylay. Afterwards switch it on under Settings, General, About, Certificate Trust Settings.</string>
	<key>PayloadDisplayName</key>
	<string>{name}</string>
	<key>PayloadIdentifier</key>
	<string>internal.waylay.ca.{hash}</string>
	<key>PayloadRemovalDisallowed</key>
	<false/>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadUUID</key>
	<string>{outer}</string>
	<key>PayloadVersion</key>
	<integer>1</integer>
</dict>
</plist>
"#
    )
}

/// A UUID of version 8 (RFC 9562, 5.8), made from a hash.
fn uuid(what: &[u8], der: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"waylay ");
    hash.update(what);
    hash.update(der);
    let hash = hash.finalize();
    let mut bytes: Vec<u8> = hash[..16].to_vec();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_from_the_certificate() {
        let one = uuid(b"profile", b"der");
        assert_eq!(one, uuid(b"profile", b"der"));
        assert_ne!(one, uuid(b"certificate", b"der"));
        assert_ne!(one, uuid(b"profile", b"another"));
        let groups: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "8", "the version");
        assert!("89AB".contains(&one[19..20]), "the variant");
    }
}
