//! Bills of Alipay.

use super::{Caller, Gift, Got, Line, unusable};
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::alipay::api::answer::{Verifier, certificate_of};
use connectors::alipay::api::bill::{self, BillKind, BillOffer};
use connectors::alipay::api::certificates::{self, Certificates, Trust, root_sn};
use connectors::alipay::api::gateway::{Caller as Gateway, Unsigned};
use connectors::alipay::api::{Account, KeyMode, ledger};
use connectors::error::{Act, CallError};
use connectors::http::HttpAnswer;
use connectors::keys::{CbcKey, Certificate, SigningKey, VerifyKey};
use domain::BusinessDate;
use std::cell::RefCell;

/// How far back rows of the account are given out, days.
const LOG_REACH_DAYS: i64 = 360;
/// Rows on a page.
const LOG_PAGE: u32 = 2_000;

/// Alipay with the keys of one app.
pub struct Alipay {
    pub(super) caller: Caller,
    account: Account,
    key: SigningKey,
    /// Grows by the certificates that answers name.
    trust: RefCell<Trust>,
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
            Some(app) => from_set_up(setup, app, &key, now_ms)?,
            None => {
                let text = setup.get("alipay_public_key_pem").ok_or_else(no_key)?;
                let theirs = VerifyKey::parse(text).map_err(unusable("alipay_public_key_pem"))?;
                (KeyMode::PublicKey, Trust::PublicKeys(vec![theirs]))
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
            trust: RefCell::new(trust),
            content_key,
        })
    }

    /// Also believes what the other half of a change believes.
    pub fn also(&mut self, other: &Self) {
        self.trust.get_mut().also(&other.trust.borrow());
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
            // One word for "none" and "not yet": from an hour on that the plan says, the account
            // tells which of the two it is.
            BillOffer::Absent => {
                let sure = self.caller.plan.bill.and_then(|plan| plan.empty_is_final_minute);
                let sure_ms = span.until_ms + i64::from(sure.unwrap_or(u32::MAX)) * 60_000;
                if self.caller.now_ms(line) < sure_ms {
                    return Ok(Got::NotYet);
                }
                return match self.was_quiet(line, span, trade) {
                    Ok(true) => Ok(Got::Empty),
                    Ok(false) => Ok(Got::Withheld),
                    Err(CallError::Rejected { refusal, .. }) => Ok(Got::Unconfirmed(refusal.code)),
                    Err(error) => Err(error),
                };
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

    /// Whether nothing happened on a day, by the account: no row of it, or for trades none of a
    /// trade, and for moves the same balance before and after. Rows are given out for a year;
    /// before that the balances alone have to say it.
    fn was_quiet(&self, line: &Line<'_>, span: &Span, trade: bool) -> Result<bool, CallError> {
        let reach_ms = self.caller.now_ms(line) - LOG_REACH_DAYS * 86_400_000;
        let listed = span.from_ms >= reach_ms;
        if listed && self.has_rows(line, span, trade)? {
            return Ok(false);
        }
        if listed && trade {
            return Ok(true);
        }
        let day = BusinessDate::of_ms(span.from_ms);
        let (before, after) = self.call(
            line,
            "ledger",
            |gateway| ledger::balance_of_day(gateway, day),
            ledger::read_balance_of_day,
        )?;
        Ok(before == after)
    }

    /// Whether the account has a row of the span; with `trades_only`, one that a trade caused.
    fn has_rows(&self, line: &Line<'_>, span: &Span, trades_only: bool) -> Result<bool, CallError> {
        let (from_ms, until_ms) = (span.from_ms, span.until_ms);
        let mut asked = ledger::Span { from_ms, until_ms, page_no: 1, page_size: LOG_PAGE };
        loop {
            let page = self.call(
                line,
                "ledger",
                |gateway| ledger::account_log(gateway, asked),
                |verifier, answer| ledger::read_account_log(verifier, asked, answer),
            )?;
            if page.rows.iter().any(|row| !trades_only || row.is_of_a_trade()) {
                return Ok(true);
            }
            if !page.has_more(asked) {
                return Ok(false);
            }
            asked.page_no += 1;
        }
    }

    /// One call of the gateway, signed by the channel's clock. An answer under a certificate we
    /// do not have is read once that is here: nothing is asked twice.
    pub(super) fn call<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        build: impl Fn(&Gateway<'_>) -> Result<Unsigned, CallError>,
        read: impl Fn(&Verifier<'_>, &HttpAnswer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let kept = RefCell::new(None);
        let done = self.gateway(line, kind, &build, |verifier, answer| {
            let done = read(verifier, answer);
            if matches!(&done, Err(error) if error.act() == Act::FetchKeys) {
                *kept.borrow_mut() = Some(answer.clone());
            }
            done
        });
        let Some((answer, name)) = kept.take().and_then(|answer| {
            let name = certificate_of(&answer)?;
            Some((answer, name))
        }) else {
            return done;
        };
        let Trust::Certificates(known) = self.trust.borrow().clone() else { return done };
        let content_key = self.content_key.as_ref();
        let fetched = self.gateway(
            line,
            "certificate",
            |gateway| certificates::fetch(gateway, &name),
            |verifier, answer| {
                certificates::read_fetch(&known, &name, answer, (verifier.now_s, content_key))
            },
        );
        let grown = match fetched {
            Ok(grown) => grown,
            // What is wrong is that we do not have the key, not that we asked for it.
            Err(CallError::Rejected { .. }) => return done,
            Err(error) => return Err(error),
        };
        *self.trust.borrow_mut() = Trust::Certificates(grown);
        let now_s = self.caller.now_ms(line).div_euclid(1000);
        read(&Verifier { trust: &self.trust.borrow(), now_s, content_key }, &answer)
    }

    fn gateway<T>(
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
                read(&Verifier { trust: &self.trust.borrow(), now_s, content_key }, answer)
            },
        )
    }
}

fn from_set_up(
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
