//! Trades: by QR code, by the buyer's code; query, close, cancel.

use super::{Done, No, amount, invalid, no, number, text};
use crate::model::{Channel, TradeLine};
use crate::platform::clock::{beijing, compact, plain, read, utc_ms};
use crate::platform::counter::Sale;
use crate::platform::keys::random;
use crate::platform::notices::Subject;
use crate::platform::{Turn, World, lock};
use crate::time::yuan;
use serde_json::{Map, Value, json};

/// A trade nobody pays is closed after so long, unless it says otherwise.
const LIFE_MS: i64 = 3 * 3_600_000;

/// A trade made over the protocol.
#[derive(Clone, Debug)]
pub(super) struct Trade {
    subject: String,
    pub total: i64,
    made_ms: i64,
    expires_ms: i64,
    closed: bool,
    /// The channel's number, once there is a trade: somebody scanned the code, or was scanned.
    pub number: Option<String>,
    pub paid_ms: Option<i64>,
    /// Where to say that it was paid, and given back.
    pub notify: Option<String>,
}

impl Trade {
    fn is_closed(&self, now_ms: i64) -> bool {
        self.closed || (self.paid_ms.is_none() && now_ms >= self.expires_ms)
    }
}

/// A paid trade, of the season or made here.
pub(super) struct Paid {
    pub order: String,
    pub number: String,
    pub subject: String,
    pub total: i64,
    /// What the merchant gets before the fee.
    pub receipt: i64,
    pub at_ms: i64,
    pub buyer: u32,
    /// Given back in the season.
    pub back: i64,
}

impl Paid {
    pub(super) fn buyer_fields(&self) -> Value {
        json!({
            "buyer_logon_id": format!("159****{:04}", self.buyer % 10_000),
            "buyer_user_id": format!("2088{:012}", 100_000_000_000_u64 + u64::from(self.buyer)),
        })
    }
}

/// The trade this request is about, once it is paid. The channel's number wins.
pub(super) fn paid(world: &World, biz: &Value, now_ms: i64) -> Option<Paid> {
    let (theirs, ours) = (text(biz, "trade_no"), text(biz, "out_trade_no"));
    let live = lock(&world.alipay);
    let mut trades = live.trades.iter();
    let found = trades.find(|(order, trade)| match theirs {
        Some(theirs) => trade.number.as_deref() == Some(theirs),
        None => Some(order.as_str()) == ours,
    });
    if let Some((order, trade)) = found {
        return Some(Paid {
            order: order.clone(),
            number: trade.number.clone()?,
            subject: trade.subject.clone(),
            total: trade.total,
            receipt: trade.total,
            at_ms: trade.paid_ms?,
            buyer: 1,
            back: 0,
        });
    }
    let now = beijing(now_ms);
    let line = world.season.payment(Channel::Alipay, theirs.or(ours)?, now)?;
    if theirs.is_some_and(|theirs| theirs != line.payment_id) {
        return None;
    }
    let back = world.season.refunds_of(Channel::Alipay, &line.payment_id, now);
    Some(season(line, back.iter().map(|line| line.order_amount).sum()))
}

fn season(line: &TradeLine, back: i64) -> Paid {
    Paid {
        order: line.order_id.clone(),
        number: line.payment_id.clone(),
        subject: line.goods.to_owned(),
        total: line.order_amount,
        receipt: line.settled,
        at_ms: utc_ms(line.at),
        buyer: line.buyer,
        back,
    }
}

/// `alipay.trade.precreate`: a code. There is no trade before somebody scans it.
pub(super) fn precreate(world: &World, turn: &Turn, biz: &Value, notify: Option<&str>) -> Done {
    let order = start(world, turn, biz, notify)?;
    let code = format!("https://qr.alipay.com/bax{}", random(8));
    Ok(json!({ "out_trade_no": order, "qr_code": code }))
}

/// Checks what both ways to pay have in common, and remembers the trade.
fn start(world: &World, turn: &Turn, biz: &Value, notify: Option<&str>) -> Result<String, No> {
    let order = number(biz, "out_trade_no")?.to_owned();
    let total = amount(biz, "total_amount")?;
    let subject = text(biz, "subject").ok_or_else(|| invalid("subject"))?.to_owned();
    if subject.chars().count() > 256 {
        return Err(invalid("subject"));
    }
    let expires_ms = expires(turn, biz)?;
    if world.season.payment(Channel::Alipay, &order, beijing(turn.now_ms)).is_some() {
        return Err(no("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"));
    }
    let mut live = lock(&world.alipay);
    match live.trades.get(&order) {
        Some(known) if known.paid_ms.is_some() => Err(no("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")),
        Some(known) if known.is_closed(turn.now_ms) => {
            Err(no("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"))
        }
        Some(known) if known.total != total || known.subject != subject => {
            Err(no("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"))
        }
        Some(_) => Ok(order),
        None => {
            let (made_ms, closed, number, paid_ms) = (turn.now_ms, false, None, None);
            let told = notify.map(str::to_owned);
            let trade = Trade {
                subject,
                total,
                made_ms,
                expires_ms,
                closed,
                number,
                paid_ms,
                notify: told,
            };
            live.trades.insert(order.clone(), trade);
            if let Some(after) = world.settings.pays_after_ms {
                let subject = Subject::payment(&order, "");
                world.notices.add("alipay", notify, subject, turn.now_ms + after);
            }
            Ok(order)
        }
    }
}

/// `time_expire`, else `timeout_express` (`1m` to `15d`, or `1c` for the end of the day).
fn expires(turn: &Turn, biz: &Value) -> Result<i64, No> {
    if let Some(at) = text(biz, "time_expire") {
        return read(at).ok_or_else(|| invalid("time_expire"));
    }
    let Some(span) = text(biz, "timeout_express") else { return Ok(turn.now_ms + LIFE_MS) };
    let wrong = || invalid("timeout_express");
    if span == "1c" {
        let mut midnight = beijing(turn.now_ms);
        (midnight.day, midnight.sec) = (midnight.day + 1, 0);
        return Ok(utc_ms(midnight));
    }
    let unit = span.chars().next_back().ok_or_else(wrong)?;
    let count: i64 = span[..span.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let minutes = match unit {
        'm' => count,
        'h' => count.saturating_mul(60),
        'd' => count.saturating_mul(1440),
        _ => return Err(wrong()),
    };
    if !(1..=15 * 1440).contains(&minutes) {
        return Err(wrong());
    }
    Ok(turn.now_ms + minutes * 60_000)
}

/// `alipay.trade.pay`: the buyer's code was scanned.
pub(super) fn pay_by_code(world: &World, turn: &Turn, biz: &Value, notify: Option<&str>) -> Done {
    let code = text(biz, "auth_code").ok_or_else(|| invalid("auth_code"))?;
    let prefix = code.get(..2).and_then(|two| two.parse::<u32>().ok()).unwrap_or(0);
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    if !digits || !(16..=24).contains(&code.len()) || !(25..=30).contains(&prefix) {
        return Err(no("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败"));
    }
    let order = start(world, turn, biz, notify)?;
    let waits = world.settings.alipay_password_from.is_some_and(|from| {
        lock(&world.alipay).trades.get(&order).is_some_and(|trade| trade.total >= from)
    });
    if waits {
        scan(world, &order, turn.now_ms, false);
        return Ok(json!({ "code": "10003", "out_trade_no": order }));
    }
    pay(world, &order, turn.now_ms, false);
    let paid = paid(world, biz, turn.now_ms).ok_or_else(|| no("ACQ.PAYMENT_FAIL", "支付失败"))?;
    let mut body = figures(&paid);
    body["gmt_payment"] = plain(paid.at_ms).into();
    Ok(body)
}

/// What was paid of the trades made here, by time.
pub(super) fn sales(world: &World) -> Vec<Sale> {
    let live = lock(&world.alipay);
    let mut sales: Vec<Sale> = (live.trades.iter())
        .filter_map(|(ours, trade)| {
            let (at, payment) = (beijing(trade.paid_ms?), trade.number.clone()?);
            Some(Sale { at, order: ours.clone(), payment, total: trade.total })
        })
        .collect();
    sales.sort_by(|a, b| (a.at, &a.payment).cmp(&(b.at, &b.payment)));
    sales
}

/// Now there is a trade. `late`: also of an order that is closed.
fn scan(world: &World, order: &str, now_ms: i64, late: bool) -> bool {
    let mut live = lock(&world.alipay);
    live.count += 1;
    let number = format!("{}2200140001{:010}", &compact(now_ms)[..8], live.count);
    let Some(trade) = live.trades.get_mut(order) else { return false };
    if trade.paid_ms.is_some() || trade.is_closed(now_ms) && !late {
        return false;
    }
    trade.number.get_or_insert(number);
    true
}

/// The buyer pays; false when there is nothing to pay. `late`: also what is closed.
pub(in crate::platform) fn pay(world: &World, order: &str, now_ms: i64, late: bool) -> bool {
    if !scan(world, order, now_ms, late) {
        return false;
    }
    let mut live = lock(&world.alipay);
    let Some(trade) = live.trades.get_mut(order) else { return false };
    trade.paid_ms = Some(now_ms);
    let subject = Subject::payment(order, "");
    world.notices.add("alipay", trade.notify.as_deref(), subject, now_ms);
    true
}

/// What a notice says of a trade that was paid.
pub(super) fn told(world: &World, order: &str, now_ms: i64) -> Option<Value> {
    let biz = json!({ "out_trade_no": order });
    settle(world, &biz, now_ms);
    let paid = paid(world, &biz, now_ms)?;
    let mut said = paid.buyer_fields();
    said["buyer_id"] = said["buyer_user_id"].take();
    let made_ms = lock(&world.alipay).trades.get(order)?.made_ms;
    let funds = json!([{ "amount": yuan(paid.receipt), "fundChannel": "ALIPAYACCOUNT" }]);
    let receipt = yuan(paid.receipt);
    let more = [
        ("trade_no", paid.number),
        ("out_trade_no", paid.order),
        ("trade_status", "TRADE_SUCCESS".into()),
        ("total_amount", yuan(paid.total)),
        ("receipt_amount", receipt.clone()),
        ("buyer_pay_amount", receipt.clone()),
        ("invoice_amount", receipt),
        ("point_amount", "0.00".into()),
        ("subject", paid.subject),
        ("gmt_create", plain(made_ms)),
        ("gmt_payment", plain(paid.at_ms)),
        ("fund_bill_list", funds.to_string()),
    ];
    for (name, value) in more {
        said[name] = value.into();
    }
    Some(said)
}

/// Trades pay themselves where the settings say so.
fn settle(world: &World, biz: &Value, now_ms: i64) {
    let (Some(after), Some(order)) = (world.settings.pays_after_ms, text(biz, "out_trade_no"))
    else {
        return;
    };
    let made = lock(&world.alipay).trades.get(order).map(|trade| trade.made_ms);
    if made.is_some_and(|made| made + after <= now_ms) {
        pay(world, order, now_ms, false);
    }
}

/// Who paid how much, as `pay` and `query` say it.
fn figures(paid: &Paid) -> Value {
    let mut body = paid.buyer_fields();
    body["trade_no"] = paid.number.as_str().into();
    body["out_trade_no"] = paid.order.as_str().into();
    body["total_amount"] = yuan(paid.total).into();
    body["receipt_amount"] = yuan(paid.receipt).into();
    body["buyer_pay_amount"] = yuan(paid.receipt).into();
    body["point_amount"] = "0.00".into();
    body["invoice_amount"] = yuan(paid.receipt).into();
    body["fund_bill_list"] =
        json!([{ "amount": yuan(paid.receipt), "fund_channel": "ALIPAYACCOUNT" }]);
    body
}

/// A trade nobody knows, with the zeros such an answer carries.
pub(super) fn unknown(biz: &Value) -> No {
    let mut echo = Map::new();
    for name in ["buyer_pay_amount", "invoice_amount", "point_amount", "receipt_amount"] {
        echo.insert(name.into(), "0.00".into());
    }
    for name in ["out_trade_no", "trade_no"] {
        if let Some(value) = text(biz, name) {
            echo.insert(name.into(), value.into());
        }
    }
    No { echo, ..no("ACQ.TRADE_NOT_EXIST", "交易不存在") }
}

fn named(biz: &Value) -> Result<(), No> {
    let given = text(biz, "trade_no").or_else(|| text(biz, "out_trade_no"));
    given.map(|_| ()).ok_or_else(|| invalid("trade_no, out_trade_no"))
}

/// `alipay.trade.query`.
pub(super) fn query(world: &World, turn: &Turn, biz: &Value) -> Done {
    named(biz)?;
    settle(world, biz, turn.now_ms);
    if let Some(paid) = paid(world, biz, turn.now_ms) {
        let mut body = figures(&paid);
        let back = super::refund::given_back(world, &paid);
        let status = if back >= paid.total { "TRADE_CLOSED" } else { "TRADE_SUCCESS" };
        body["trade_status"] = status.into();
        body["send_pay_date"] = plain(paid.at_ms).into();
        body["subject"] = paid.subject.into();
        return Ok(body);
    }
    let live = lock(&world.alipay);
    let trade = find(&live.trades, biz).filter(|(_, trade)| trade.number.is_some());
    let (order, trade) = trade.ok_or_else(|| unknown(biz))?;
    let status = if trade.is_closed(turn.now_ms) { "TRADE_CLOSED" } else { "WAIT_BUYER_PAY" };
    Ok(json!({
        "out_trade_no": order, "trade_no": trade.number, "trade_status": status,
        "total_amount": yuan(trade.total), "receipt_amount": "0.00", "point_amount": "0.00",
        "buyer_pay_amount": "0.00", "invoice_amount": "0.00", "buyer_logon_id": "159****0001",
    }))
}

fn find<'a>(
    trades: &'a std::collections::BTreeMap<String, Trade>,
    biz: &Value,
) -> Option<(&'a String, &'a Trade)> {
    trades.iter().find(|(order, trade)| match text(biz, "trade_no") {
        Some(theirs) => trade.number.as_deref() == Some(theirs),
        None => Some(order.as_str()) == text(biz, "out_trade_no"),
    })
}

/// `alipay.trade.close`: a trade that somebody scanned and nobody paid.
pub(super) fn close(world: &World, turn: &Turn, biz: &Value) -> Done {
    named(biz)?;
    settle(world, biz, turn.now_ms);
    if paid(world, biz, turn.now_ms).is_some() {
        return Err(no("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"));
    }
    let mut live = lock(&world.alipay);
    let known = find(&live.trades, biz).map(|(order, trade)| (order.clone(), trade.clone()));
    let (order, trade) = known.ok_or_else(|| unknown(biz))?;
    // The code of a trade nobody scanned dies as well, though the gateway knows of no trade.
    if let Some(trade) = live.trades.get_mut(&order) {
        trade.closed = true;
    }
    let number = trade.number.ok_or_else(|| unknown(biz))?;
    Ok(json!({ "out_trade_no": order, "trade_no": number }))
}

/// `alipay.trade.cancel`: closes what is unpaid, gives back what is paid.
pub(super) fn cancel(world: &World, turn: &Turn, biz: &Value) -> Done {
    named(biz)?;
    settle(world, biz, turn.now_ms);
    let mut body = json!({ "retry_flag": "N" });
    if let Some(paid) = paid(world, biz, turn.now_ms) {
        let rest = paid.total - super::refund::given_back(world, &paid);
        if rest > 0 {
            super::refund::note(world, &paid, &format!("cancel-{}", paid.order), rest, turn);
        }
        body["out_trade_no"] = paid.order.into();
        body["trade_no"] = paid.number.into();
        body["action"] = "refund".into();
        return Ok(body);
    }
    let mut live = lock(&world.alipay);
    let known = find(&live.trades, biz).map(|(order, _)| order.clone());
    if let Some(trade) = known.as_ref().and_then(|order| live.trades.get_mut(order)) {
        trade.closed = true;
        if let Some(number) = &trade.number {
            body["trade_no"] = number.as_str().into();
            body["action"] = "close".into();
        }
    }
    if let Some(order) = text(biz, "out_trade_no") {
        body["out_trade_no"] = order.into();
    }
    Ok(body)
}
