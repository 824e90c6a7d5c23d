//! Bills of WeChat Pay.

use super::{Caller, Gift, Got, Line, unusable};
use crate::channels::local;
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::{Proof, Span};
use connectors::bill::TradeRows;
use connectors::error::{Act, CallError, Doubt, NotSent};
use connectors::http::{Base, Effect, HttpAnswer, HttpRequest, Url};
use connectors::keys::{Certificate, GcmKey, SigningKey, VerifyKey};
use connectors::wechat_pay::api::bill::{self, BillKind, BillOffer};
use connectors::wechat_pay::api::sign::{Stamp, sign};
use connectors::wechat_pay::api::verify::{Trust, Verifier};
use connectors::wechat_pay::api::{Account, certificates};
use domain::{BusinessDate, Channel, FundAccount};
use std::cell::Cell;
use std::sync::Arc;

/// WeChat Pay with the keys of one merchant.
pub struct Wechat {
    pub(super) caller: Caller,
    pub(super) account: Account,
    key: SigningKey,
    /// Ours first; the other one's while keys change.
    seals: Vec<Arc<GcmKey>>,
    pub(super) trust: Trust,
    /// The host to turn to when the usual one cannot be reached.
    other: Option<Base>,
    /// True once the other host answered where the usual one did not.
    on_other: Cell<bool>,
}

impl Wechat {
    pub fn new(setup: &Setup) -> Result<Self, Error> {
        let key = SigningKey::parse(&setup.secret("private_key_pem"))
            .map_err(unusable("private_key_pem"))?;
        if let Some(text) = setup.get("merchant_cert_pem") {
            Certificate::parse(text).map_err(unusable("merchant_cert_pem"))?;
        }
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
            serial_no: local::serial_no(setup).ok_or_else(no_serial)?,
            public_key_id,
            base: setup.base.clone(),
            bill_hosts: Account::HOSTS.map(host_of).to_vec(),
            language: "zh-CN",
        };
        Ok(Self {
            caller: Caller::new(setup, &connectors::wechat_pay::api::plan::PLAN),
            account,
            key,
            seals: vec![Arc::new(seal)],
            trust,
            other: other_host(&setup.base),
            on_other: Cell::new(false),
        })
    }

    /// Also believes what the other half of a change believes.
    pub fn also(&mut self, other: &Self) {
        self.trust.also(&other.trust);
        self.seals.extend(other.seals.iter().take(1).cloned());
    }

    /// When the last of the channel's fetched certificates ends, UTC ms.
    pub fn their_until_ms(&self) -> Option<i64> {
        let ends = self.trust.list().filter_map(|(_, until_s)| until_s);
        ends.max().map(|until_s| until_s.saturating_mul(1000))
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
        let read = |answer: &HttpAnswer, now_s| {
            let with = |seal: &Arc<GcmKey>| certificates::read(&self.trust, now_s, seal, answer);
            let (own, others) = self.seals.split_first().expect("it was made with one");
            let sealed = |error: &CallError| {
                matches!(error, CallError::OutcomeUnknown { doubt: Doubt::Sealed, .. })
            };
            match with(own) {
                Err(error) if sealed(&error) => {
                    others.iter().map(with).find(Result::is_ok).unwrap_or(Err(error))
                }
                done => done,
            }
        };
        for found in self.call(line, "certificates", fetch, read)? {
            self.trust.add_certificate(&found.serial_no, &found.certificate);
        }
        Ok(())
    }

    /// One call, at the other host too where that can do no harm; who answers is kept to.
    pub(super) fn call<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        build: impl Fn() -> HttpRequest,
        read: impl Fn(&HttpAnswer, i64) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let on_other = self.on_other.get();
        let done = self.call_at(line, kind, &build, &read, on_other);
        if self.other.is_none() || !done.as_ref().is_err_and(is_worth_the_other) {
            return done;
        }
        let done = self.call_at(line, kind, &build, &read, !on_other);
        if !done.as_ref().is_err_and(is_worth_the_other) {
            self.on_other.set(!on_other);
        }
        done
    }

    fn call_at<T>(
        &self,
        line: &Line<'_>,
        kind: &'static str,
        build: impl Fn() -> HttpRequest,
        read: impl Fn(&HttpAnswer, i64) -> Result<T, CallError>,
        on_other: bool,
    ) -> Result<T, CallError> {
        let no_chance = |_| CallError::NotSent { channel: Channel::WechatPay, cause: NotSent::Key };
        self.caller.call(
            line,
            kind,
            |now_ms| {
                let stamp = Stamp::fresh(now_ms.div_euclid(1000)).map_err(no_chance)?;
                let mut request = build();
                let usual = Url::parse(&request.url).map(|url| url.authority);
                if let Some(other) = self.other.as_ref().filter(|_| on_other)
                    && usual == Some(self.account.base.authority())
                {
                    // What is signed is path and query: the same at both.
                    request.url = other.join(request.target());
                }
                sign(request, &self.account, &self.key, &stamp)
            },
            |answer, now_ms| read(answer, now_ms.div_euclid(1000)),
        )
    }
}

/// WeChat Pay has two hosts; of any other address there is one.
fn other_host(base: &Base) -> Option<Base> {
    let [usual, other] = Account::HOSTS;
    match base.to_string() {
        base if base == usual => Base::parse(other),
        base if base == other => Base::parse(usual),
        _ => None,
    }
}

/// True when the call may be made at the other host: nothing was sent, or it only reads and the
/// host is in trouble.
fn is_worth_the_other(error: &CallError) -> bool {
    match error {
        CallError::NotSent { cause, .. } => {
            matches!(cause, NotSent::NoHost | NotSent::NoConnection)
        }
        CallError::OutcomeUnknown { effect: Effect::Reads, doubt, .. } => {
            matches!(doubt, Doubt::Cut | Doubt::Unavailable { status: 502 | 503, .. })
        }
        _ => false,
    }
}

fn host_of(base: &str) -> String {
    base.split_once("://").map_or(base, |(_, host)| host).to_owned()
}

fn no_serial() -> Error {
    let reason = "is missing; give it, or the merchant certificate".to_owned();
    Error::BadInput { field: "serial_no", reason }
}

fn missing(field: &'static str) -> Error {
    Error::BadInput { field, reason: "is missing; the id and the key go together".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::counter::Asked;
    use super::super::{Client, Line};
    use super::*;
    use connectors::transport::{Retry, Route, Timing, Transport};
    use domain::{Currency, Money};
    use practice::Options;
    use practice::platform::{Action, Fault, Platform, Settings};
    use std::sync::Arc;
    use store::Secret;

    /// Two hosts of one channel.
    struct Hosts {
        usual: Platform,
        other: Platform,
        day: BusinessDate,
        now_ms: i64,
    }

    impl Hosts {
        fn new() -> Self {
            let options = Options { days: 2, size: 4, ..Options::default() };
            let day = BusinessDate::parse(&options.from.to_string()).expect("a day");
            let now_ms = day.plus_days(1).start_ms() + 14 * 3_600_000;
            let start = || {
                let settings = Settings::new(options.clone(), Arc::new(move || now_ms));
                Platform::start(settings).expect("a port is free")
            };
            Self { usual: start(), other: start(), day, now_ms }
        }

        fn client(&self) -> Wechat {
            let set_up = |platform: &Platform| {
                let setup = platform.setup("wechat_pay").expect("the platform speaks it");
                Setup::parse(&Secret::new(setup.to_json())).expect("a set-up")
            };
            let mut client = Wechat::new(&set_up(&self.usual)).expect("keys");
            let other = set_up(&self.other).base.clone();
            client.account.bill_hosts.push(other.authority().to_owned());
            client.other = Some(other);
            client
        }

        fn bill(&self, client: &mut Wechat) -> Result<Got, CallError> {
            let (from, until) = (self.day, self.day.plus_days(1));
            let stream = "trade".to_owned();
            let span = Span { stream, from_ms: from.start_ms(), until_ms: until.start_ms() };
            self.on_the_line(|line| client.fetch(line, &span))
        }

        fn show(&self, client: Wechat) -> Result<String, CallError> {
            let asked = Asked {
                number: "A20260301001",
                amount: Money::from_minor(100, Currency::CNY).expect("an amount"),
                words: "tea",
                expires_at_ms: self.now_ms + 600_000,
                minutes: 10,
            };
            self.on_the_line(|line| Client::Wechat(Box::new(client)).show(line, &asked))
        }

        fn on_the_line<T>(&self, call: impl FnOnce(&Line<'_>) -> T) -> T {
            let (timing, route, retry) = (Timing::default(), Route::Direct, Retry::ONCE);
            let transport = Transport::new(timing, &route).expect("a network");
            let now_ms = self.now_ms;
            let clock = move || now_ms;
            call(&Line { transport: &transport, clock: &clock, timing, route: &route, retry })
        }
    }

    #[test]
    fn what_only_reads_turns_to_the_other_host_and_keeps_to_it() {
        for action in [Action::StatusBefore { status: 503 }, Action::ResetBefore] {
            let hosts = Hosts::new();
            hosts.usual.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
            let mut client = hosts.client();
            assert!(matches!(hosts.bill(&mut client), Ok(Got::Files(_))));
            let asked = hosts.usual.calls().len();
            assert!(matches!(hosts.bill(&mut client), Ok(Got::Files(_))));
            assert_eq!(hosts.usual.calls().len(), asked, "it is spared for now");
            // And back again when that one fails.
            hosts.usual.clear();
            let action = Action::StatusBefore { status: 502 };
            hosts.other.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
            assert!(matches!(hosts.bill(&mut client), Ok(Got::Files(_))));
        }
        let no = Action::Refuse { status: 403, code: "NO_AUTH".into(), message: String::new() };
        let hosts = Hosts::new();
        hosts.usual.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action: no });
        assert!(hosts.bill(&mut hosts.client()).is_err(), "a refusal is an answer");
        assert!(hosts.other.calls().is_empty());
    }

    #[test]
    fn what_changes_something_goes_to_the_other_host_only_when_it_was_not_sent() {
        let hosts = Hosts::new();
        let action = Action::StatusBefore { status: 503 };
        hosts.usual.fault(Fault { on: String::new(), skip: 0, times: u32::MAX, action });
        let error = hosts.show(hosts.client()).expect_err("nobody knows");
        assert_eq!(error.act(), Act::QueryFirst, "{error:?}");
        assert!(hosts.other.calls().is_empty(), "it may have arrived");
        // Nobody listens at the usual host: nothing left this computer.
        let mut client = hosts.client();
        client.account.base = Base::parse("http://127.0.0.1:9").expect("an address");
        assert!(hosts.show(client).is_ok());
        assert_eq!(hosts.other.calls().len(), 1);
    }
}
