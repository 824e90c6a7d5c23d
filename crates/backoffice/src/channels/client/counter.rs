//! The calls of a counter: show a code, ask what became of it, give it up.

use super::alipay::Alipay;
use super::wechat::Wechat;
use super::{Client, Line};
use connectors::alipay::api::TradeNo;
use connectors::alipay::api::pay::{self, CloseOutcome, Payment};
use connectors::error::{Act, CallError, NotSent};
use connectors::http::HttpAnswer;
use connectors::wechat_pay::api::order::{self, NativeOrder, OrderNo};
use connectors::wechat_pay::api::verify::Verifier;
use domain::{Channel, Money};

/// Where a channel would call back. It has to be named, and nobody can be called here: what the
/// channel would say is asked for instead.
const NO_CALLBACK: &str = "https://example.com/no-callback";

/// What is asked of a buyer. The same words under the same number, however often it is sent.
pub(crate) struct Asked<'a> {
    pub number: &'a str,
    pub amount: Money,
    /// What the buyer reads.
    pub words: &'a str,
    pub expires_at_ms: i64,
    /// The life of the code, minutes, for a channel that counts from when it was asked.
    pub minutes: u32,
}

/// What a channel knows of money asked for at the counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It knows of none: never asked for, or nobody has scanned the code yet.
    Nothing,
    /// Nobody has paid yet.
    Waiting,
    /// Paid: the channel's number, when, and how much.
    Paid { channel_ref: String, at_ms: i64, amount: Money },
    /// Ended unpaid.
    Closed,
    /// A word that is on no list.
    Odd(String),
}

impl Client {
    /// The text of a code for a buyer to scan.
    ///
    /// # Errors
    /// [`CallError`]; after "outcome unknown" ask [`Self::seen`] before anything else.
    pub(crate) fn show(&mut self, line: &Line<'_>, asked: &Asked<'_>) -> Result<String, CallError> {
        match self {
            Self::Wechat(client) => client.with_keys(line, |client| client.show(line, asked)),
            Self::Alipay(client) => client.show(line, asked),
            other => Err(other.no_counter()),
        }
    }

    /// What became of it.
    ///
    /// # Errors
    /// [`CallError`]; the call only reads.
    pub(crate) fn seen(&mut self, line: &Line<'_>, number: &str) -> Result<Seen, CallError> {
        match self {
            Self::Wechat(client) => client.with_keys(line, |client| client.seen(line, number)),
            Self::Alipay(client) => client.seen(line, number),
            other => Err(other.no_counter()),
        }
    }

    /// Gives it up. The answer is true when the channel itself closed it, false when nobody had
    /// scanned the code, so that there was nothing to close.
    ///
    /// # Errors
    /// [`CallError`]; one that was paid meanwhile leaves the outcome open: ask [`Self::seen`].
    pub(crate) fn give_up(&mut self, line: &Line<'_>, number: &str) -> Result<bool, CallError> {
        match self {
            Self::Wechat(client) => client.with_keys(line, |client| client.close(line, number)),
            Self::Alipay(client) => client.close(line, number),
            other => Err(other.no_counter()),
        }
    }

    fn no_counter(&self) -> CallError {
        let channel = match self {
            Self::UnionPay(_) => Channel::UnionPay,
            Self::Stripe(_) => Channel::Stripe,
            _ => Channel::Shop,
        };
        let rule = "takes no money at the counter here";
        CallError::NotSent { channel, cause: NotSent::Invalid { field: "channel", rule } }
    }
}

impl Wechat {
    /// A call, once more with fresh keys when the channel signs with one we do not have. The
    /// numbers stay the same, so repeating does nothing twice.
    fn with_keys<T>(
        &mut self,
        line: &Line<'_>,
        call: impl Fn(&Self) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        if self.trust.list().next().is_none() {
            self.fetch_keys(line)?;
        }
        match call(self) {
            Err(error) if error.act() == Act::FetchKeys => {
                self.fetch_keys(line)?;
                call(self)
            }
            done => done,
        }
    }

    fn show(&self, line: &Line<'_>, asked: &Asked<'_>) -> Result<String, CallError> {
        let order = NativeOrder {
            out_trade_no: asked.number.to_owned(),
            description: asked.words.to_owned(),
            total: asked.amount,
            notify_url: NO_CALLBACK.to_owned(),
            expires_at_ms: Some(asked.expires_at_ms),
            attach: None,
            device_id: None,
            client_ip: None,
        };
        let request = order::create(&self.account, &order, self.caller.now_ms(line))?;
        let read = |answer: &HttpAnswer, now_s| {
            order::read_create(&Verifier { trust: &self.trust, now_s }, answer)
        };
        self.call(line, "create", || request.clone(), read)
    }

    fn seen(&self, line: &Line<'_>, number: &str) -> Result<Seen, CallError> {
        let named = OrderNo::Ours(number);
        let request = order::query(&self.account, named)?;
        let read = |answer: &HttpAnswer, now_s| {
            let verifier = Verifier { trust: &self.trust, now_s };
            order::read_query(&verifier, &self.account, named, answer)
        };
        let Some(report) = self.call(line, "query", || request.clone(), read)? else {
            return Ok(Seen::Nothing);
        };
        use order::TradeState;
        Ok(match report.state {
            TradeState::Unpaid | TradeState::Paying => Seen::Waiting,
            TradeState::Closed | TradeState::Revoked | TradeState::Failed => Seen::Closed,
            TradeState::Unknown(word) => Seen::Odd(word),
            // The reader refuses a paid order without these.
            TradeState::Paid | TradeState::Refunded => {
                match (report.transaction_id, report.paid_at_ms, report.total) {
                    (Some(channel_ref), Some(at_ms), Some(amount)) => {
                        Seen::Paid { channel_ref, at_ms, amount }
                    }
                    _ => Seen::Odd("SUCCESS".to_owned()),
                }
            }
        })
    }

    fn close(&self, line: &Line<'_>, number: &str) -> Result<bool, CallError> {
        let request = order::close(&self.account, number)?;
        let read = |answer: &HttpAnswer, now_s| {
            order::read_close(&Verifier { trust: &self.trust, now_s }, answer)
        };
        self.call(line, "close", || request.clone(), read).map(|()| true)
    }
}

impl Alipay {
    fn show(&self, line: &Line<'_>, asked: &Asked<'_>) -> Result<String, CallError> {
        let payment = Payment {
            out_trade_no: asked.number,
            total: asked.amount,
            subject: asked.words,
            product_code: None,
            timeout_minutes: Some(asked.minutes),
            store_id: None,
            terminal_id: None,
            operator_id: None,
            notify_url: None,
        };
        self.call(
            line,
            "precreate",
            |gateway| pay::precreate(gateway, &payment),
            |verifier, answer| pay::read_precreate(verifier, &payment, answer),
        )
    }

    fn seen(&self, line: &Line<'_>, number: &str) -> Result<Seen, CallError> {
        let trade = TradeNo::Ours(number);
        let report = self.call(
            line,
            "query",
            |gateway| pay::query(gateway, trade),
            |verifier, answer| pay::read_query(verifier, trade, answer),
        )?;
        let Some(report) = report else { return Ok(Seen::Nothing) };
        use pay::TradeState;
        if report.was_paid() {
            // A paid trade has a number and an amount, or the reader refuses it; its time may lack.
            let at_ms = report.paid_at_ms.unwrap_or_else(|| self.caller.now_ms(line));
            return Ok(match (report.trade_no, report.total) {
                (Some(channel_ref), Some(amount)) => Seen::Paid { channel_ref, at_ms, amount },
                _ => Seen::Odd("TRADE_SUCCESS".to_owned()),
            });
        }
        Ok(match report.state {
            TradeState::Waiting => Seen::Waiting,
            TradeState::Unknown(word) => Seen::Odd(word),
            _ => Seen::Closed,
        })
    }

    fn close(&self, line: &Line<'_>, number: &str) -> Result<bool, CallError> {
        let trade = TradeNo::Ours(number);
        let outcome = self.call(
            line,
            "close",
            |gateway| pay::close(gateway, trade),
            |verifier, answer| pay::read_close(verifier, trade, answer),
        )?;
        Ok(outcome == CloseOutcome::Closed)
    }
}
