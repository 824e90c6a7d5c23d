//! What a connection is set up with: which fields each kind has, and which of them are secret.

use crate::error::Error;
use connectors::http::Base;
use connectors::keys::Certificate;
use connectors::keys::pfx::{self, KeyFile};
use connectors::shops::Platform;
use domain::{BusinessDate, Channel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::Secret;
use zeroize::Zeroize;

/// Longest value of a field, in bytes: a chain of certificates fits.
const LONGEST: usize = 64 << 10;

/// A kind of connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConnectionKind {
    /// WeChat Pay APIv3, direct merchant.
    WechatPay,
    /// Alipay, gateway protocol.
    Alipay,
    /// UnionPay's all-channel gateway.
    UnionPay,
    /// Stripe, by a restricted key.
    Stripe,
    /// A shop's own system: orders, payments, refunds.
    Shop(Platform),
}

/// One field of a set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its stable name: `mchid`, `private_key_pem`.
    pub name: &'static str,
    /// Sealed when kept, and never shown again.
    pub secret: bool,
    /// Cannot be left out.
    pub needed: bool,
    /// Text of several lines, as in a PEM file.
    pub lines: bool,
    /// The bytes of a file, as Base64.
    pub file: bool,
    /// The field that gives the same when it is filled in; empty where there is none.
    pub instead: &'static str,
}

const fn plain(name: &'static str) -> Field {
    Field { name, secret: false, needed: true, lines: false, file: false, instead: "" }
}

const fn secret(name: &'static str) -> Field {
    Field { secret: true, ..plain(name) }
}

const fn pem(name: &'static str) -> Field {
    Field { lines: true, ..plain(name) }
}

const fn optional(field: Field) -> Field {
    Field { needed: false, ..field }
}

/// A field that a key file fills in.
const fn in_key_file(field: Field) -> Field {
    Field { instead: KEY_FILE, ..field }
}

/// A key file in PKCS#12 and its password. What is in it is kept, they themselves are not.
const KEY_FILE: &str = "pfx";
const KEY_FILE_PASSWORD: &str = "pfx_password";

const WECHAT_PAY: &[Field] = &[
    plain("mchid"),
    plain("appid"),
    optional(pem("merchant_cert_pem")),
    optional(plain("serial_no")),
    Field { secret: true, ..pem("private_key_pem") },
    secret("api_v3_key"),
    optional(plain("public_key_id")),
    optional(pem("public_key_pem")),
];

const ALIPAY: &[Field] = &[
    plain("app_id"),
    plain("seller_id"),
    Field { secret: true, ..pem("private_key_pem") },
    optional(pem("alipay_public_key_pem")),
    optional(pem("app_cert_pem")),
    optional(pem("alipay_cert_pem")),
    optional(pem("root_cert_pem")),
    optional(secret("aes_key")),
];

const UNION_PAY: &[Field] = &[
    plain("mer_id"),
    Field { file: true, ..optional(secret(KEY_FILE)) },
    optional(secret(KEY_FILE_PASSWORD)),
    in_key_file(pem("sign_cert_pem")),
    in_key_file(Field { secret: true, ..pem("private_key_pem") }),
    pem("middle_cert_pem"),
    pem("root_cert_pem"),
    optional(plain("file_base")),
    optional(plain("empty_after_hours")),
];

const ONE_KEY: &[Field] = &[
    secret("api_key"),
    optional(plain("intranet")),
    optional(plain("numbers")),
    optional(plain("prefix")),
    optional(plain("watch_days")),
];

const WOOCOMMERCE: &[Field] = &[
    secret("consumer_key"),
    secret("consumer_secret"),
    optional(plain("intranet")),
    optional(plain("numbers")),
    optional(plain("prefix")),
    optional(plain("watch_days")),
];

const SHOPIFY: &[Field] = &[
    secret("access_token"),
    optional(plain("api_version")),
    optional(plain("numbers")),
    optional(plain("prefix")),
    optional(plain("watch_days")),
];

const STRIPE: &[Field] = &[plain("account_id"), secret("secret_key")];

impl ConnectionKind {
    /// Every kind, in the order lists show them.
    pub const ALL: [Self; 8] = [
        Self::WechatPay,
        Self::Alipay,
        Self::UnionPay,
        Self::Stripe,
        Self::Shop(Platform::Vendure),
        Self::Shop(Platform::Medusa),
        Self::Shop(Platform::WooCommerce),
        Self::Shop(Platform::Shopify),
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Shop(platform) => platform.code(),
            _ => self.channel().code(),
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The channel whose facts it gives.
    pub fn channel(self) -> Channel {
        match self {
            Self::WechatPay => Channel::WechatPay,
            Self::Alipay => Channel::Alipay,
            Self::UnionPay => Channel::UnionPay,
            Self::Stripe => Channel::Stripe,
            Self::Shop(_) => Channel::Shop,
        }
    }

    /// What it is set up with.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::WechatPay => WECHAT_PAY,
            Self::Alipay => ALIPAY,
            Self::UnionPay => UNION_PAY,
            Self::Stripe => STRIPE,
            Self::Shop(Platform::Vendure | Platform::Medusa) => ONE_KEY,
            Self::Shop(Platform::WooCommerce) => WOOCOMMERCE,
            Self::Shop(Platform::Shopify) => SHOPIFY,
        }
    }

    /// Where it is asked unless somebody says otherwise; empty for a shop, which has its own.
    pub fn usual_base(self) -> &'static str {
        match self {
            Self::WechatPay => connectors::wechat_pay::api::Account::HOSTS[0],
            Self::Alipay => connectors::alipay::api::Account::HOSTS[0],
            Self::UnionPay => connectors::union_pay::Account::HOSTS[0],
            Self::Stripe => connectors::stripe::Account::HOST,
            Self::Shop(_) => "",
        }
    }

    /// The field that holds our number there; a shop is known by its address.
    fn number(self) -> Option<&'static str> {
        match self {
            Self::WechatPay => Some("mchid"),
            Self::Alipay => Some("seller_id"),
            Self::UnionPay => Some("mer_id"),
            Self::Stripe => Some("account_id"),
            Self::Shop(_) => None,
        }
    }
}

/// A filled-in set-up. Its secrets are wiped when it is dropped, and never printed.
pub struct Setup {
    /// What is connected.
    pub kind: ConnectionKind,
    /// Where it is asked.
    pub base: Base,
    values: BTreeMap<&'static str, String>,
}

impl Drop for Setup {
    fn drop(&mut self) {
        self.values.values_mut().for_each(Zeroize::zeroize);
    }
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Setup({}, {})", self.kind.code(), self.base)
    }
}

/// Values by the name of their field, as they stand in a set-up file.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Values(BTreeMap<String, String>);

impl Drop for Values {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

/// A set-up file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    channel: String,
    #[serde(default)]
    base: String,
    fields: Values,
}

fn bad(field: &'static str, reason: &str) -> Error {
    Error::BadInput { field, reason: reason.to_owned() }
}

impl Setup {
    /// Reads a set-up file: `{"channel": …, "base": …, "fields": {…}}`.
    ///
    /// # Errors
    /// [`Error::BadInput`]; no value of a field is in its text.
    pub fn parse(text: &Secret<String>) -> Result<Self, Error> {
        Self::parse_with(text, Vec::new())
    }

    /// As [`Self::parse`], with a key file that stands beside the set-up file.
    ///
    /// # Errors
    /// As [`Self::parse`]; [`Error::KeyFile`].
    pub fn parse_with_key_file(
        text: &Secret<String>,
        file: &Secret<Vec<u8>>,
        password: &Secret<String>,
    ) -> Result<Self, Error> {
        let file = pfx::as_text(file.expose());
        let typed = [(KEY_FILE, &file), (KEY_FILE_PASSWORD, password)];
        let typed = typed.map(|(name, value)| (name.to_owned(), value.expose().clone()));
        Self::parse_with(text, typed.into())
    }

    fn parse_with(text: &Secret<String>, more: Vec<(String, String)>) -> Result<Self, Error> {
        let wire: Wire = serde_json::from_str(text.expose())
            .map_err(|_| bad("setup", "is not a set-up file"))?;
        let mut fields = wire.fields;
        let mut values = std::mem::take(&mut fields.0);
        values.extend(more);
        Self::new(&wire.channel, &wire.base, values.into_iter().collect())
    }

    /// A set-up as typed: code of the kind, address (the usual one when empty), named values.
    ///
    /// # Errors
    /// [`Error::BadInput`], naming the field that is unknown, missing or too long;
    /// [`Error::KeyFile`] for a key file that gives no key.
    pub fn new(kind: &str, base: &str, typed: Vec<(String, String)>) -> Result<Self, Error> {
        let kind = ConnectionKind::from_code(kind)
            .ok_or_else(|| bad("channel", "is none that can be connected"))?;
        let base = if base.trim().is_empty() { kind.usual_base() } else { base.trim() };
        let base = Base::parse(base).ok_or_else(|| bad("base", "is not an https address"))?;
        let mut setup = Self { kind, base, values: BTreeMap::new() };
        for (name, mut value) in typed {
            let known = kind.fields().iter().find(|field| field.name == name);
            let kept = value.trim().to_owned();
            value.zeroize();
            match known {
                _ if kept.is_empty() => {}
                Some(_) if kept.len() > LONGEST => return Err(bad("setup", "is too long")),
                Some(field) => drop(setup.values.insert(field.name, kept)),
                None => {
                    let reason = format!("has a field {} that is unknown", clean(&name));
                    return Err(Error::BadInput { field: "setup", reason });
                }
            }
        }
        setup.open_key_file()?;
        for field in kind.fields().iter().filter(|field| field.needed) {
            if setup.get(field.name).is_none() {
                return Err(bad(field.name, "is missing"));
            }
        }
        Ok(setup)
    }

    /// Puts what a key file holds into the fields it stands for, and forgets the file.
    fn open_key_file(&mut self) -> Result<(), Error> {
        let mut take = |name| Secret::new(self.values.remove(name).unwrap_or_default());
        let (file, password) = (take(KEY_FILE), take(KEY_FILE_PASSWORD));
        if file.expose().is_empty() {
            return Ok(());
        }
        let filled = |field: &&Field| field.instead == KEY_FILE && self.get(field.name).is_some();
        if let Some(field) = self.kind.fields().iter().find(filled) {
            return Err(bad(field.name, "stands in the key file; give one of the two"));
        }
        let held = KeyFile::open(&file, &password)?;
        self.values.insert("sign_cert_pem", held.certificate_pem);
        self.values.insert("private_key_pem", held.private_key_pem.expose().clone());
        Ok(())
    }

    /// Refuses a certificate of ours that is not in its time: nothing signed with it is believed.
    ///
    /// # Errors
    /// [`Error::CertificateTime`]. One that cannot be read is left to who reads the keys.
    pub(super) fn check_certificate_time(&self, now_ms: i64) -> Result<(), Error> {
        let ours = ["sign_cert_pem", "app_cert_pem"].into_iter().filter_map(|name| self.get(name));
        for certificate in ours.filter_map(|text| Certificate::parse(text).ok()) {
            let (from_s, until_s) = certificate.valid_s();
            let now_s = now_ms.div_euclid(1000);
            let ended = now_s > until_s;
            if ended || now_s < from_s {
                let at_s = if ended { until_s } else { from_s };
                let day = BusinessDate::of_ms(at_s.saturating_mul(1000)).to_string();
                return Err(Error::CertificateTime { ended, day });
            }
        }
        Ok(())
    }

    /// Our number at the channel.
    pub fn account_no(&self) -> &str {
        self.kind.number().map_or_else(|| self.base.authority(), |field| self.need(field))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// A field that [`Self::new`] made sure of.
    pub(super) fn need(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub(super) fn secret(&self, name: &str) -> Secret<String> {
        Secret::new(self.need(name).to_owned())
    }

    /// The set-up as the text of a file, whole: this is what is sealed.
    ///
    /// The address and the numbers stand in it with the keys, so that two sets of keys never mix
    /// and nobody who can write to the book leads calls to another place.
    pub(super) fn to_text(&self) -> Secret<String> {
        let pairs = self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let wire = Wire {
            channel: self.kind.code().to_owned(),
            base: self.base.to_string(),
            fields: Values(pairs.collect()),
        };
        Secret::new(serde_json::to_string(&wire).unwrap_or_default())
    }
}

fn clean(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wechat(extra: &[(&str, &str)]) -> Result<Setup, Error> {
        let mut typed = vec![
            ("mchid", "1900000109"),
            ("appid", "wx1"),
            ("serial_no", "AB"),
            ("private_key_pem", "CANARY-key"),
            ("api_v3_key", "CANARY-v3"),
        ];
        typed.extend_from_slice(extra);
        let typed = typed.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Setup::new("wechat_pay", "", typed.collect())
    }

    #[test]
    fn a_set_up_is_sealed_whole_and_its_secrets_are_in_no_other_text() {
        let setup = wechat(&[]).expect("whole");
        assert!(!format!("{setup:?}").contains("CANARY"));
        let again = Setup::parse(&setup.to_text()).expect("as it was");
        assert_eq!(again.need("private_key_pem"), "CANARY-key");
        assert_eq!((again.need("appid"), again.base.to_string()), ("wx1", setup.base.to_string()));
    }

    #[test]
    fn a_key_file_becomes_the_key_and_certificate_in_it_and_is_not_kept() {
        const FILE: &[u8] = include_bytes!("../../../connectors/fixtures/pfx/legacy.pfx");
        let file = Secret::new(FILE.to_vec());
        let text = |more: &str| {
            Secret::new(format!(
                r#"{{"channel":"union_pay","fields":{{"mer_id":"777290058110048",
                "middle_cert_pem":"a","root_cert_pem":"b"{more}}}}}"#
            ))
        };
        let with = |more: &str, password: &str| {
            Setup::parse_with_key_file(&text(more), &file, &Secret::from(password))
        };
        let setup = with("", "000000").expect("whole");
        assert!(setup.need("private_key_pem").starts_with("-----BEGIN PRIVATE KEY-----"));
        assert!(setup.need("sign_cert_pem").starts_with("-----BEGIN CERTIFICATE-----"));
        let kept = setup.to_text();
        assert!(!kept.expose().contains("pfx") && Setup::parse(&kept).is_ok());

        let error = with("", "CANARY").map(drop).unwrap_err();
        assert_eq!(error.code(), "key_file_password");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
        let twice = with(r#","private_key_pem":"CANARY""#, "000000").map(drop).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "private_key_pem: stands in the key file; give one of the two"
        );
        let none = Setup::parse(&text("")).map(drop).unwrap_err();
        assert_eq!(none.to_string(), "sign_cert_pem: is missing");

        // The certificate is in its time from 2020 to 2049.
        let year_ms = 365 * 86_400_000_i64;
        assert!(setup.check_certificate_time(56 * year_ms).is_ok());
        let told = |at_ms| setup.check_certificate_time(at_ms).unwrap_err();
        assert_eq!(told(90 * year_ms).code(), "certificate_ended");
        assert_eq!(told(90 * year_ms).to_string(), "the certificate ended on 2049-12-31");
        assert_eq!(told(20 * year_ms).code(), "certificate_not_yet");
    }

    #[test]
    fn a_missing_or_unknown_field_is_named_and_its_value_is_not() {
        let error = |typed| match wechat(typed) {
            Err(error) => error.to_string(),
            Ok(setup) => format!("{setup:?}"),
        };
        assert_eq!(
            error(&[("api_v3_key", "")]),
            "Setup(wechat_pay, https://api.mch.weixin.qq.com)"
        );
        let unknown = error(&[("api_v3_kee", "CANARY")]);
        assert!(unknown.contains("api_v3_kee") && !unknown.contains("CANARY"), "{unknown}");
        let none = Setup::new("wechat_pay", "", vec![]).map(drop).unwrap_err().to_string();
        assert_eq!(none, "mchid: is missing");
        let text = Secret::new(r#"{"channel":"wechat_pay","fields":{"mchid":1}}"#.to_owned());
        assert!(Setup::parse(&text).is_err());
        for base in ["http://evil.cn", "https://a.cn/x", "nowhere"] {
            assert!(Setup::new("alipay", base, vec![]).is_err(), "{base}");
        }
    }
}
