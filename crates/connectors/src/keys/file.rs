//! Files of keys and certificates as consoles give them out: PEM, bare Base64 or DER.

use super::{Certificate, KeyProblem, SigningKey, VerifyKey, pfx, read_pem};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrets::Secret;
use zeroize::Zeroizing;

/// Longest file that is looked at, bytes: a chain of certificates fits.
const LARGEST: usize = 64 << 10;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Held {
    /// One certificate, or a chain.
    Certificate,
    /// A private key.
    PrivateKey,
    /// A bare public key.
    PublicKey,
    /// A private key with its certificate under a password: [`pfx`].
    Sealed,
}

impl Held {
    fn label(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::PrivateKey => "PRIVATE KEY",
            Self::PublicKey => "PUBLIC KEY",
            Self::Sealed => "PKCS12",
        }
    }
}

/// What a file holds, and the same as PEM text; a sealed one as [`pfx::as_text`].
///
/// # Errors
/// [`KeyProblem`] for anything else, a locked key among it.
pub fn read_file(bytes: &[u8]) -> Result<(Held, Secret<String>), KeyProblem> {
    if bytes.len() > LARGEST {
        return Err(KeyProblem::NotText);
    }
    if pfx::is_one(bytes) {
        return Ok((Held::Sealed, pfx::as_text(bytes)));
    }
    let text = std::str::from_utf8(bytes).ok().map(|text| text.trim_start_matches('\u{FEFF}'));
    if let Some(text) = text.filter(|text| text.contains("-----BEGIN ")) {
        let held = held_by_label(text)?;
        return Ok((held, Secret::new(text.trim().to_owned())));
    }
    let der = match text.and_then(|text| read_pem(text).ok()) {
        Some((_, der)) => der,
        None => Zeroizing::new(bytes.to_vec()),
    };
    let body = Zeroizing::new(STANDARD.encode(&*der));
    let held = held_by_form(&der, &body)?;
    let mut pem = Zeroizing::new(format!("-----BEGIN {}-----\n", held.label()));
    for at in (0..body.len()).step_by(64) {
        pem.push_str(&body[at..body.len().min(at + 64)]);
        pem.push('\n');
    }
    pem.push_str("-----END ");
    pem.push_str(held.label());
    pem.push_str("-----\n");
    Ok((held, Secret::new(pem.to_string())))
}

/// A key file may begin with a certificate's attributes, or hold a chain: the first block counts.
fn held_by_label(text: &str) -> Result<Held, KeyProblem> {
    let (label, _) = read_pem(text)?;
    let label = label.unwrap_or_default();
    if label.contains("CERTIFICATE") {
        Certificate::parse(text).map(|_| Held::Certificate)
    } else if label.contains("PUBLIC") {
        VerifyKey::parse(text).map(|_| Held::PublicKey)
    } else {
        SigningKey::parse(&Secret::new(text.to_owned())).map(|_| Held::PrivateKey)
    }
}

fn held_by_form(der: &[u8], body: &str) -> Result<Held, KeyProblem> {
    if Certificate::from_der(der).is_ok() {
        return Ok(Held::Certificate);
    }
    if SigningKey::parse(&Secret::new(body.to_owned())).is_ok() {
        return Ok(Held::PrivateKey);
    }
    VerifyKey::from_der(der).map(|_| Held::PublicKey).map_err(|_| KeyProblem::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../../../practice/keys/wechat-shop.pem");
    const KEY: &str = include_str!("../../../practice/keys/wechat-shop.key.pem");
    const PUBLIC: &str = include_str!("../../../practice/keys/wechat-shop.public.pem");

    fn der(pem: &str) -> Vec<u8> {
        read_pem(pem).expect("PEM").1.to_vec()
    }

    #[test]
    fn a_file_is_read_in_each_of_its_forms() {
        for (pem, held) in
            [(CERTIFICATE, Held::Certificate), (KEY, Held::PrivateKey), (PUBLIC, Held::PublicKey)]
        {
            let bare: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
            let marked = format!("\u{FEFF}Bag Attributes\r\n{pem}");
            let forms = [pem.as_bytes().to_vec(), bare.into_bytes(), der(pem), marked.into()];
            for form in forms {
                let (found, text) = read_file(&form).expect("it is read");
                assert_eq!(found, held);
                assert_eq!(der(text.expose()), der(pem));
            }
        }
        let own = Certificate::parse(read_file(&der(CERTIFICATE)).expect("read").1.expose());
        assert_eq!(own.expect("whole").serial_hex(), "5F4E3D2C1B0A99887766554433221100AABBCCDD");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bytes in [&b""[..], b"hello", &[0x30, 0x82, 1, 2], &[b'A'; LARGEST + 1]] {
            assert!(read_file(bytes).is_err());
        }
        let locked = KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let wrong = read_file(locked.as_bytes()).map(|(held, _)| held);
        assert!(matches!(wrong, Err(KeyProblem::WrongKind { .. })), "{wrong:?}");
    }
}
