//! Bills of WeChat Pay.

use super::{Caller, Gift, Got, Line, unusable};
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::bill::TradeRows;
use connectors::error::{Act, CallError};
use connectors::http::{HttpAnswer, HttpRequest};
use connectors::keys::{GcmKey, SigningKey, VerifyKey};
use connectors::wechat_pay::api::bill::{self, BillKind, BillOffer};
use connectors::wechat_pay::api::sign::{Stamp, sign};
use connectors::wechat_pay::api::verify::{Trust, Verifier};
use connectors::wechat_pay::api::{Account, certificates};
use domain::{BusinessDate, Channel, FundAccount};

/// WeChat Pay with the keys of one merchant.
pub struct Wechat {
    pub(super) caller: Caller,
    pub(super) account: Account,
    key: SigningKey,
    seal: GcmKey,
    pub(super) trust: Trust,
}

impl Wechat {
    pub fn new(setup: &Setup) -> Result<Self, Error> {
        let key = SigningKey::parse(&setup.secret("private_key_pem"))
            .map_err(unusable("private_key_pem"))?;
        let seal = GcmKey::parse(&setup.secret("api_v3_key")).map_err(unusable("api_v3_key"))?;
        let mut trust = Trust::default();
        let public_key_id = setup.get("public_key_id").map(str::to_owned);
        match (&public_key_id, setup.get("public_key_pem")) {
            (Some(id), Some(pem)) => {
                trust
                    .add_public_key(id, VerifyKey::parse(pem).map_err(unusable("public_key_pem"))?);
            }
            (None, None) => {}
            (Some(_), None) => return Err(missing("public_key_pem")),
            (None, Some(_)) => return Err(missing("public_key_id")),
        }
        let account = Account {
            mchid: setup.need("mchid").to_owned(),
            appid: setup.need("appid").to_owned(),
            serial_no: setup.need("serial_no").to_ascii_uppercase(),
            public_key_id,
            base: setup.base.clone(),
            bill_hosts: Account::HOSTS.map(host_of).to_vec(),
            language: "zh-CN",
        };
        Ok(Self {
            caller: Caller::new(setup, &connectors::wechat_pay::api::plan::PLAN),
            account,
            key,
            seal,
            trust,
        })
    }

    pub fn fetch(&mut self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        if self.trust.list().next().is_none() {
            self.fetch_keys(line)?;
        }
        match self.bill(line, span) {
            // The channel changed its key, or the link ran out on its way: once more.
            Err(error) if error.act() == Act::FetchKeys => {
                self.fetch_keys(line)?;
                self.bill(line, span)
            }
            Err(CallError::Rejected { refusal, .. }) if refusal.act == Act::AskAgain => {
                self.bill(line, span)
            }
            got => got,
        }
    }

    fn bill(&self, line: &Line<'_>, span: &Span) -> Result<Got, CallError> {
        let (kind, fund_account) = match span.stream.as_str() {
            "fund:basic" => (BillKind::Fund(FundAccount::Basic), Some(FundAccount::Basic)),
            "fund:operation" => {
                (BillKind::Fund(FundAccount::Operation), Some(FundAccount::Operation))
            }
            "fund:fees" => (BillKind::Fund(FundAccount::Fees), Some(FundAccount::Fees)),
            _ => (BillKind::Trade(TradeRows::All), None),
        };
        let limit = if fund_account.is_some() { "fund_bill" } else { "trade_bill" };
        let day = BusinessDate::of_ms(span.from_ms);
        let offer = self.call(
            line,
            limit,
            || bill::request(&self.account, day, kind),
            |answer, now_s| {
                let verifier = Verifier { trust: &self.trust, now_s };
                bill::read_request(&verifier, &self.account, answer)
            },
        )?;
        let ticket = match offer {
            BillOffer::Empty => return Ok(Got::Empty),
            BillOffer::NotYet => return Ok(Got::NotYet),
            BillOffer::Ready(ticket) => ticket,
        };
        let fetch = || bill::download(&ticket);
        let read = |answer: &HttpAnswer, _| bill::read_download(&ticket, answer);
        let bytes = self.call(line, "download", fetch, read)?;
        Ok(Got::Files(vec![Gift {
            name: format!("wechat_pay_{}_{day}.csv", span.stream.replace(':', "_")),
            bytes,
            proof: Proof::Hash,
            account_no: Some(self.account.mchid.clone()),
            fund_account,
        }]))
    }

    /// Platform certificates, for a merchant without WeChat Pay's public key.
    pub(super) fn fetch_keys(&mut self, line: &Line<'_>) -> Result<(), CallError> {
        let fetch = || certificates::request(&self.account);
        let read =
            |answer: &HttpAnswer, now_s| certificates::read(&self.trust, now_s, &self.seal, answer);
        for found in self.call(line, "certificates", fetch, read)? {
            self.trust.add_certificate(&found.serial_no, &found.certificate);
        }
        Ok(())
    }

    pub(super) fn call<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        build: impl Fn() -> HttpRequest,
        read: impl Fn(&HttpAnswer, i64) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let no_chance = |_| CallError::NotSent {
            channel: Channel::WechatPay,
            cause: connectors::error::NotSent::Key,
        };
        self.caller.call(
            line,
            kind,
            |now_ms| {
                let stamp = Stamp::fresh(now_ms.div_euclid(1000)).map_err(no_chance)?;
                sign(build(), &self.account, &self.key, &stamp)
            },
            |answer, now_ms| read(answer, now_ms.div_euclid(1000)),
        )
    }
}

fn host_of(base: &str) -> String {
    base.split_once("://").map_or(base, |(_, host)| host).to_owned()
}

fn missing(field: &'static str) -> Error {
    Error::BadInput { field, reason: "is missing; the id and the key go together".to_owned() }
}
