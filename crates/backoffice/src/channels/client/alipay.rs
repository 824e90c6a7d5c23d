//! Bills of Alipay.

use super::{Caller, Gift, Got, Line, unusable};
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::alipay::api::answer::Verifier;
use connectors::alipay::api::bill::{self, BillKind, BillOffer};
use connectors::alipay::api::certificates::{Certificates, Trust, root_sn};
use connectors::alipay::api::gateway::{Caller as Gateway, Unsigned};
use connectors::alipay::api::{Account, KeyMode};
use connectors::error::CallError;
use connectors::http::HttpAnswer;
use connectors::keys::{CbcKey, Certificate, SigningKey, VerifyKey};
use domain::BusinessDate;

/// Alipay with the keys of one app.
pub struct Alipay {
    pub(super) caller: Caller,
    account: Account,
    key: SigningKey,
    trust: Trust,
    content_key: Option<CbcKey>,
}

impl Alipay {
    pub fn new(setup: &Setup, now_ms: i64) -> Result<Self, Error> {
        let key = SigningKey::parse(&setup.secret("private_key_pem"))
            .map_err(unusable("private_key_pem"))?;
        let content_key = match setup.get("aes_key") {
            Some(_) => Some(CbcKey::parse(&setup.secret("aes_key")).map_err(unusable("aes_key"))?),
            None => None,
        };
        let (mode, trust) = match setup.get("app_cert_pem") {
            Some(app) => certificates(setup, app, &key, now_ms)?,
            None => {
                let text = setup.get("alipay_public_key_pem").ok_or_else(no_key)?;
                let theirs = VerifyKey::parse(text).map_err(unusable("alipay_public_key_pem"))?;
                (KeyMode::PublicKey, Trust::PublicKey(theirs))
            }
        };
        let account = Account {
            app_id: setup.need("app_id").to_owned(),
            mode,
            base: setup.base.clone(),
            bill_hosts: Account::BILL_HOSTS.map(str::to_owned).to_vec(),
        };
        Ok(Self {
            caller: Caller::new(setup, &connectors::alipay::api::plan::PLAN),
            account,
            key,
            trust,
            content_key,
        })
    }

    pub fn fetch(&self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        let trade = span.stream == "trade";
        let kind = if trade { BillKind::Trade } else { BillKind::Account };
        let day = BusinessDate::of_ms(span.from_ms);
        let offer = self.call(
            line,
            "bill",
            |gateway| bill::request(gateway, day, kind),
            |verifier, answer| bill::read_request(verifier, &self.account, answer),
        )?;
        let ticket = match offer {
            // One word for "none" and "not yet": believed from an hour on that the plan says.
            BillOffer::Absent => {
                let sure = self.caller.plan.bill.and_then(|plan| plan.empty_is_final_minute);
                let sure_ms = span.until_ms + i64::from(sure.unwrap_or(u32::MAX)) * 60_000;
                let known = self.caller.now_ms(line) >= sure_ms;
                return Ok(if known { Got::Empty } else { Got::NotYet });
            }
            BillOffer::Ready(ticket) => ticket,
        };
        let fetch = |_| Ok(bill::download(&ticket));
        let read = |answer: &HttpAnswer, _| bill::read_download(answer);
        let bytes = self.caller.call(line, "download", fetch, read)?;
        Ok(Got::Files(vec![Gift {
            name: format!("alipay_{}_{day}.zip", span.stream),
            bytes,
            // Neither signed nor announced by a hash: its own totals have to do.
            proof: Proof::Totals,
            account_no: None,
            fund_account: None,
        }]))
    }

    /// One call of the gateway, signed by the channel's clock.
    pub(super) fn call<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        build: impl Fn(&Gateway<'_>) -> Result<Unsigned, CallError>,
        read: impl Fn(&Verifier<'_>, &HttpAnswer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let content_key = self.content_key.as_ref();
        self.caller.call(
            line,
            kind,
            |at_ms| {
                let gateway = Gateway { account: &self.account, at_ms, content_key };
                build(&gateway)?.sign(&self.key)
            },
            |answer, now_ms| {
                let now_s = now_ms.div_euclid(1000);
                read(&Verifier { trust: &self.trust, now_s, content_key }, answer)
            },
        )
    }
}

fn certificates(
    setup: &Setup,
    app: &str,
    key: &SigningKey,
    now_ms: i64,
) -> Result<(KeyMode, Trust), Error> {
    let ours = Certificate::parse(app).map_err(unusable("app_cert_pem"))?;
    let same = key.public().ok().as_ref() == ours.key();
    if !same {
        let reason = "the certificate is not of this private key".to_owned();
        return Err(Error::BadInput { field: "app_cert_pem", reason });
    }
    let root = setup.get("root_cert_pem").ok_or_else(|| missing("root_cert_pem"))?;
    let theirs = setup.get("alipay_cert_pem").ok_or_else(|| missing("alipay_cert_pem"))?;
    let mut known = Certificates::pinned(root);
    if !known.add(theirs, now_ms.div_euclid(1000)) {
        let reason = "does not lead to the root certificate".to_owned();
        return Err(Error::BadInput { field: "alipay_cert_pem", reason });
    }
    let mode = KeyMode::Certificates { app_cert_sn: ours.alipay_sn(), root_cert_sn: root_sn(root) };
    Ok((mode, Trust::Certificates(known)))
}

fn missing(field: &'static str) -> Error {
    Error::BadInput { field, reason: "is missing; the three certificates go together".to_owned() }
}

fn no_key() -> Error {
    let reason = "is missing; give it, or the three certificates".to_owned();
    Error::BadInput { field: "alipay_public_key_pem", reason }
}
