//! What of a set-up a refusal is about, where the channel's own code says it.
//!
//! Source: the codes of each channel, read 2026-11. A channel's sentence is never decided on:
//! WeChat Pay says one code for a wrong signature, a wrong serial number and a time that is off.

use crate::error::{Act, CallError, Refusal};
use domain::Channel;

/// The part of a set-up that a person has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// Our private key, or the serial number that names its public half; a token or key that is
    /// not (or no longer) known.
    Key,
    /// The names of our certificate and of the channel's root.
    Certificates,
    /// Our certificate or key has ended.
    Ended,
    /// The merchant number, or the app at it.
    Number,
    /// Not allowed to ask for this: a product is not signed, a right was not given.
    Permission,
    /// The address of this computer is not on the channel's list.
    Address,
    /// The key that content is sealed with.
    ContentKey,
    /// There are no platform certificates: the merchant has to have the channel's public key.
    TheirKey,
}

impl Blame {
    /// True when another set of our keys may be accepted where this one is not.
    pub fn is_of_keys(self) -> bool {
        matches!(self, Self::Key | Self::Certificates | Self::Ended | Self::ContentKey)
    }
}

impl CallError {
    /// What of the set-up is to blame; `None` when it is something else, or nobody can tell.
    pub fn blame(&self) -> Option<Blame> {
        let Self::Rejected { channel, refusal } = self else { return None };
        match channel {
            Channel::WechatPay => wechat_pay(refusal),
            Channel::Alipay => alipay(&refusal.code),
            Channel::UnionPay => union_pay(&refusal.code),
            Channel::Stripe | Channel::Shop => by_status(refusal),
            _ => None,
        }
    }
}

fn wechat_pay(refusal: &Refusal) -> Option<Blame> {
    match refusal.code.as_str() {
        "SIGN_ERROR" => Some(Blame::Key),
        "NO_AUTH" => Some(Blame::Permission),
        "MCH_NOT_EXISTS" | "APPID_MCHID_NOT_MATCH" => Some(Blame::Number),
        // To every other call it says that some order or refund is not there.
        "RESOURCE_NOT_EXISTS" if refusal.act == Act::FixAccount => Some(Blame::TheirKey),
        _ => None,
    }
}

fn alipay(code: &str) -> Option<Blame> {
    let lower = code.to_ascii_lowercase();
    let bare = ["isv.", "isp.", "aop.", "acq."]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .unwrap_or(&lower);
    match bare {
        "invalid-signature" | "missing-signature-config" | "missing-signature-key" => {
            Some(Blame::Key)
        }
        "missing-app-cert-sn" | "invalid-app-cert-sn" | "invalid-alipay-root-cert-sn" => {
            Some(Blame::Certificates)
        }
        "app-cert-expired" => Some(Blame::Ended),
        "invalid-app-id" | "missing-app-id" | "not-online-app" => Some(Blame::Number),
        "ip-forbidden" => Some(Blame::Address),
        "insufficient-isv-permissions"
        | "insufficient-user-permissions"
        | "self-invoke-forbidden"
        | "forbidden-api"
        | "invalid-auth-relations"
        | "agreement_check_fail"
        | "user_agreement_check_fail"
        | "access_forbidden" => Some(Blame::Permission),
        _ if bare.starts_with("decryption-error") || bare.starts_with("invalid-encrypt") => {
            Some(Blame::ContentKey)
        }
        _ => None,
    }
}

fn union_pay(code: &str) -> Option<Blame> {
    match code {
        "11" => Some(Blame::Key),
        "31" => Some(Blame::Number),
        "32" | "43" => Some(Blame::Permission),
        _ => None,
    }
}

/// Stripe and shops say it by the status: who is not known, and who may not.
fn by_status(refusal: &Refusal) -> Option<Blame> {
    match (refusal.status, refusal.code.as_str()) {
        (_, "api_key_expired" | "platform_api_key_expired") => Some(Blame::Ended),
        (_, "secret_key_required" | "testmode_charges_only") => Some(Blame::Key),
        (401, _) | (_, "UNAUTHORIZED" | "UNAUTHENTICATED") => Some(Blame::Key),
        // Vendure says FORBIDDEN with 200 to a key it does not know and to one that may not.
        (403, _) | (_, "ACCESS_DENIED") => Some(Blame::Permission),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_code_is_about_is_told_apart() {
        let blame = |channel, status, code: &str, act| {
            let refusal = Refusal::new(status, code, act, "签名错误");
            CallError::Rejected { channel, refusal }.blame()
        };
        let fix = Act::FixAccount;
        let table = [
            (Channel::WechatPay, 401, "SIGN_ERROR", Some(Blame::Key)),
            (Channel::WechatPay, 403, "NO_AUTH", Some(Blame::Permission)),
            (Channel::WechatPay, 404, "MCH_NOT_EXISTS", Some(Blame::Number)),
            (Channel::WechatPay, 400, "APPID_MCHID_NOT_MATCH", Some(Blame::Number)),
            (Channel::WechatPay, 404, "RESOURCE_NOT_EXISTS", Some(Blame::TheirKey)),
            (Channel::Alipay, 200, "isv.invalid-signature", Some(Blame::Key)),
            (Channel::Alipay, 200, "isv.invalid-alipay-root-cert-sn", Some(Blame::Certificates)),
            (Channel::Alipay, 200, "isv.app-cert-expired", Some(Blame::Ended)),
            (Channel::Alipay, 200, "isv.invalid-app-id", Some(Blame::Number)),
            (Channel::Alipay, 200, "isv.insufficient-isv-permissions", Some(Blame::Permission)),
            (Channel::Alipay, 200, "isv.ip-forbidden", Some(Blame::Address)),
            (Channel::Alipay, 200, "isv.decryption-error-unknown", Some(Blame::ContentKey)),
            (Channel::UnionPay, 200, "11", Some(Blame::Key)),
            (Channel::UnionPay, 200, "31", Some(Blame::Number)),
            (Channel::UnionPay, 200, "43", Some(Blame::Permission)),
            (Channel::UnionPay, 200, "98", None),
            (Channel::Stripe, 401, "invalid_request_error", Some(Blame::Key)),
            (Channel::Stripe, 403, "invalid_request_error", Some(Blame::Permission)),
            (Channel::Shop, 401, "FORBIDDEN", Some(Blame::Key)),
            (Channel::Shop, 403, "FORBIDDEN", Some(Blame::Permission)),
            (Channel::Shop, 200, "FORBIDDEN", None),
        ];
        for (channel, status, code, expected) in table {
            assert_eq!(blame(channel, status, code, fix), expected, "{channel} {code}");
        }
        let missing = blame(Channel::WechatPay, 404, "RESOURCE_NOT_EXISTS", Act::Person);
        assert_eq!(missing, None, "an order that is not there blames no key");
    }
}
