//! UnionPay's file of a clearing day.

use super::{Caller, Gift, Got, Line, unusable};
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::error::CallError;
use connectors::http::Base;
use connectors::keys::{Certificate, SigningKey};
use connectors::union_pay::file::{self, FileOffer};
use connectors::union_pay::message::{Trust, Verifier};
use connectors::union_pay::{Account, Product};
use domain::BusinessDate;

/// UnionPay with the certificates of one merchant.
pub struct UnionPay {
    pub(super) caller: Caller,
    account: Account,
    key: SigningKey,
    trust: Trust,
    /// Minutes after midnight of the next day from which "there is none" is believed by itself.
    empty_alone_minute: u32,
}

/// What UnionPay says of a day without a file, and of one whose file is late.
const NO_FILE: &str = "98";
/// Hours after midnight of the next day within which a merchant may choose.
const EMPTY_HOURS: std::ops::RangeInclusive<u32> = 20..=240;

impl UnionPay {
    pub fn new(setup: &Setup) -> Result<Self, Error> {
        let key = SigningKey::parse(&setup.secret("private_key_pem"))
            .map_err(unusable("private_key_pem"))?;
        let ours =
            Certificate::parse(setup.need("sign_cert_pem")).map_err(unusable("sign_cert_pem"))?;
        if key.public().ok().as_ref() != ours.key() {
            let reason = "the certificate is not of this private key".to_owned();
            return Err(Error::BadInput { field: "sign_cert_pem", reason });
        }
        let root =
            Certificate::parse(setup.need("root_cert_pem")).map_err(unusable("root_cert_pem"))?;
        let middle = Certificate::parse_all(setup.need("middle_cert_pem"));
        if middle.is_empty() {
            let reason = "not a certificate".to_owned();
            return Err(Error::BadInput { field: "middle_cert_pem", reason });
        }
        // The test environment and practice on this computer go by another name.
        let base = setup.base.to_string();
        let test_environment = base.starts_with("http://") || base == Account::TEST_HOSTS[0];
        let file_base = match setup.get("file_base") {
            Some(text) => Base::parse(text).ok_or_else(no_address)?,
            None if base == Account::HOSTS[0] => {
                Base::parse(Account::HOSTS[1]).ok_or_else(no_address)?
            }
            None if base == Account::TEST_HOSTS[0] => {
                Base::parse(Account::TEST_HOSTS[1]).ok_or_else(no_address)?
            }
            None => setup.base.clone(),
        };
        let account = Account {
            mer_id: setup.need("mer_id").to_owned(),
            cert_id: ours.serial_decimal().to_owned(),
            back_url: format!("{base}/none"),
            base: setup.base.clone(),
            file_base,
            product: Product::QrCode,
        };
        let trust = Trust { middle, roots: vec![root], test_environment };
        let plan = &connectors::union_pay::plan::PLAN;
        let usual = plan.bill.and_then(|plan| plan.empty_alone_minute).unwrap_or(u32::MAX);
        let empty_alone_minute = match setup.get("empty_after_hours").map(str::parse) {
            None => usual,
            Some(Ok(hours)) if EMPTY_HOURS.contains(&hours) => hours * 60,
            Some(_) => {
                let reason = "is no number of hours from 20 to 240".to_owned();
                return Err(Error::BadInput { field: "empty_after_hours", reason });
            }
        };
        Ok(Self { caller: Caller::new(setup, plan), account, key, trust, empty_alone_minute })
    }

    /// Also believes what the other half of a change believes.
    pub fn also(&mut self, other: &Self) {
        self.trust.also(&other.trust);
    }

    pub fn fetch(&self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        let day = BusinessDate::of_ms(span.from_ms);
        let offer = self.caller.call(
            line,
            "file",
            |now_ms| file::request(&self.account, day, now_ms, &self.key),
            |answer, now_ms| {
                let verifier = Verifier { trust: &self.trust, now_s: now_ms.div_euclid(1000) };
                file::read(&verifier, &self.account, day, answer)
            },
        )?;
        match offer {
            FileOffer::Ready { name, archive } => Ok(Got::Files(vec![Gift {
                name,
                bytes: archive,
                proof: Proof::Hash,
                account_no: Some(self.account.mer_id.clone()),
                fund_account: None,
            }])),
            FileOffer::Absent => {
                let said = self.caller.plan.bill.and_then(|plan| plan.empty_is_final_minute);
                let after = |minute: u32| span.until_ms + i64::from(minute) * 60_000;
                let (said_ms, alone_ms) =
                    (after(said.unwrap_or(u32::MAX)), after(self.empty_alone_minute));
                Ok(match self.caller.now_ms(line) {
                    now_ms if now_ms >= alone_ms => Got::Empty,
                    now_ms if now_ms >= said_ms => Got::SaidEmpty(NO_FILE.to_owned(), alone_ms),
                    _ => Got::NotYet,
                })
            }
        }
    }
}

fn no_address() -> Error {
    Error::BadInput { field: "file_base", reason: "is not an https address".to_owned() }
}
