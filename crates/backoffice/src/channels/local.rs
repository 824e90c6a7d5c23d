//! What a set-up says by itself: whether its parts belong together, and when it ends.
//!
//! A channel has one code for several mistakes. What can be seen here is not left to it.

use super::setup::{ConnectionKind, Setup};
use crate::error::Error;
use connectors::keys::{Certificate, SigningKey, VerifyKey};

/// What is wrong with a set-up: a code with a text `channels.trouble.<code>`, the field, and what
/// was found instead, where that is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub code: &'static str,
    pub field: &'static str,
    pub found: String,
}

/// Our own certificate's field, and the one of the channel's bare public key.
fn fields(kind: ConnectionKind) -> (Option<&'static str>, Option<&'static str>) {
    match kind {
        ConnectionKind::WechatPay => (Some("merchant_cert_pem"), Some("public_key_pem")),
        ConnectionKind::Alipay => (Some("app_cert_pem"), Some("alipay_public_key_pem")),
        ConnectionKind::UnionPay => (Some("sign_cert_pem"), None),
        ConnectionKind::Stripe | ConnectionKind::Shop(_) => (None, None),
    }
}

/// Our own certificate, where the set-up has one that can be read.
fn own(setup: &Setup) -> Option<(&'static str, Certificate)> {
    let field = fields(setup.kind).0?;
    Some((field, Certificate::parse(setup.get(field)?).ok()?))
}

/// Parts that do not belong together, and a certificate that is over. What cannot be read at all
/// is for who uses it to say.
pub(super) fn wrong(setup: &Setup, now_ms: i64) -> Option<Wrong> {
    let none = String::new;
    let key = setup.get("private_key_pem").map(|_| setup.secret("private_key_pem"));
    let public = key.and_then(|key| SigningKey::parse(&key).ok()?.public().ok());
    if let Some((field, certificate)) = own(setup) {
        if public.as_ref().is_some_and(|public| certificate.key() != Some(public)) {
            return Some(Wrong { code: "key_differs", field, found: none() });
        }
        let bare = |serial: &str| serial.trim_start_matches('0').to_ascii_uppercase();
        let serial = setup.get("serial_no").filter(|_| setup.kind == ConnectionKind::WechatPay);
        if serial.is_some_and(|typed| bare(typed) != bare(certificate.serial_hex())) {
            let found = certificate.serial_hex().to_owned();
            return Some(Wrong { code: "serial_differs", field: "serial_no", found });
        }
        let until_ms = certificate.valid_s().1.saturating_mul(1000);
        if until_ms <= now_ms {
            let found = domain::BusinessDate::of_ms(until_ms).to_string();
            return Some(Wrong { code: "own_key_ended", field, found });
        }
    }
    let field = fields(setup.kind).1?;
    let theirs = setup.get(field).and_then(|text| VerifyKey::parse(text).ok());
    let ours = theirs.is_some() && theirs == public;
    ours.then(|| Wrong { code: "own_public_key", field, found: none() })
}

/// Refuses to keep what is wrong by itself. A certificate that is over is kept all the same: the
/// next one stands beside it.
///
/// # Errors
/// [`Error::BadInput`], naming the field.
pub(super) fn refuse(setup: &Setup, now_ms: i64) -> Result<(), Error> {
    let Some(Wrong { code, field, found }) = wrong(setup, now_ms) else { return Ok(()) };
    let reason = match code {
        "key_differs" => "the certificate is not of this private key".to_owned(),
        "serial_differs" => format!("the certificate has another number: {found}"),
        "own_public_key" => "this is our own public key, not the channel's".to_owned(),
        _ => return Ok(()),
    };
    Err(Error::BadInput { field, reason })
}

/// The serial number of our certificate at WeChat Pay: as typed, or the certificate's own.
pub(super) fn serial_no(setup: &Setup) -> Option<String> {
    let typed = setup.get("serial_no").map(str::to_ascii_uppercase);
    typed.or_else(|| own(setup).map(|(_, certificate)| certificate.serial_hex().to_owned()))
}

/// When the first of the certificates that are needed ends, UTC ms; `None` when nothing ends.
///
/// A file of roots holds old ones that nothing leads to any more; they say nothing.
pub(super) fn ends_ms(setup: &Setup) -> Option<i64> {
    let all = |name| setup.get(name).map(Certificate::parse_all).unwrap_or_default();
    let latest = |name| all(name).iter().map(|certificate| certificate.valid_s().1).max();
    let mut ends = vec![own(setup).map(|(_, certificate)| certificate.valid_s().1)];
    match setup.kind {
        ConnectionKind::Alipay => {
            ends.push(chain_end(&all("alipay_cert_pem"), &all("root_cert_pem")));
        }
        // Several may stand side by side while they change.
        ConnectionKind::UnionPay => {
            ends.extend([latest("middle_cert_pem"), latest("root_cert_pem")]);
        }
        _ => {}
    }
    ends.into_iter().flatten().min().map(|until_s| until_s.saturating_mul(1000))
}

/// When the chain from a file's first certificate to one of the roots ends; of several ways up the
/// one that ends last.
fn chain_end(file: &[Certificate], roots: &[Certificate]) -> Option<i64> {
    let (leaf, others) = file.split_first()?;
    let (mut at, mut end) = (leaf, leaf.valid_s().1);
    for _ in 0..=others.len() {
        let above = others.iter().chain(roots).filter(|above| at.is_signed_by(above));
        let Some(above) = above.max_by_key(|above| above.valid_s().1) else { break };
        end = end.min(above.valid_s().1);
        if above.is_signed_by(above) {
            break;
        }
        at = above;
    }
    Some(end)
}
