//! Payments by QR code and in the browser, refunds, cancellations, and what became of them.

use super::season::Row;
use super::{Done, Fields, No, clearing_day, echo, format_error, get, missing, month_day, no};
use crate::platform::clock::{compact, date};
use crate::platform::http::{Answer, Request, form};
use crate::platform::keys::random;
use crate::platform::notices::Subject;
use crate::platform::{Turn, World, lock};

/// No refund after so long.
const LATEST_MS: i64 = 330 * 86_400_000;

/// What kind of transaction it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A sale. In the browser nobody knows of it before somebody opens the cashier.
    Sale {
        in_browser: bool,
    },
    Refund,
    Cancel,
}

/// A transaction made over the protocol.
#[derive(Clone, Debug)]
pub(super) struct Trade {
    kind: Kind,
    amount: i64,
    asked_ms: i64,
    query_id: String,
    /// The sale it gives back; empty for a sale.
    original: String,
    paid_ms: Option<i64>,
    declined: bool,
    front_url: String,
    /// What was asked, as answers repeat it, and where to say what became of it.
    asked: Fields,
    back_url: String,
}

/// Checks what every new transaction has, and that its numbers are new.
fn fresh(world: &World, asked: &Fields) -> Result<((String, String), i64), No> {
    let order = get(asked, "orderId")?;
    let plain = order.bytes().all(|b| b.is_ascii_alphanumeric());
    if !plain || !(8..=40).contains(&order.len()) {
        return Err(format_error("orderId"));
    }
    let amount = get(asked, "txnAmt")?;
    let digits = amount.bytes().all(|b| b.is_ascii_digit()) && !amount.starts_with('0');
    let amount = amount.parse::<i64>().ok().filter(|_| digits && amount.len() <= 12);
    let amount = amount.ok_or_else(|| format_error("txnAmt"))?;
    if asked.get("currencyCode").is_some_and(|code| code != "156") {
        return Err(format_error("currencyCode"));
    }
    get(asked, "backUrl")?;
    get(asked, "channelType")?;
    let key = (order.to_owned(), get(asked, "txnTime")?.to_owned());
    let taken = lock(&world.union).trades.contains_key(&key)
        || world.union_season.find(order, i64::MAX).is_some_and(|row| row.time() == key.1);
    if taken {
        return Err(no("12", "9100012", "重复交易"));
    }
    Ok((key, amount))
}

fn note(world: &World, key: (String, String), asked: &Fields, mut trade: Trade) -> String {
    let mut live = lock(&world.union);
    live.count += 1;
    trade.query_id = format!("{}9{:06}", compact(trade.asked_ms), live.count);
    let number = trade.query_id.clone();
    trade.asked = echo(asked);
    trade.back_url = asked.get("backUrl").cloned().unwrap_or_default();
    let pays_itself = world.settings.pays_after_ms.map(|after| trade.asked_ms + after);
    if let Some(due_ms) = trade.paid_ms.or(pays_itself) {
        trade.tell(world, &key, due_ms);
    }
    live.trades.insert(key, trade);
    number
}

impl Trade {
    /// Notes that whoever asked is to be told, from `due_ms` on.
    fn tell(&self, world: &World, (order, time): &(String, String), due_ms: i64) {
        let subject = match self.kind {
            Kind::Sale { .. } => Subject::payment(order, time),
            Kind::Refund | Kind::Cancel => Subject::refund(order, time),
        };
        world.notices.add("union_pay", Some(&self.back_url), subject, due_ms);
    }
}

/// What a notice says: what a query would, and which transaction it is. Nothing is said of what
/// did not succeed.
pub(super) fn told(world: &World, order: &str, time: &str, now_ms: i64) -> Option<Fields> {
    let key = (order.to_owned(), time.to_owned());
    settle(world, &key, now_ms);
    let live = lock(&world.union);
    let trade = live.trades.get(&key).filter(|trade| !trade.declined)?;
    trade.paid_ms.filter(|at_ms| *at_ms <= now_ms)?;
    let mut said = trade.asked.clone();
    said.extend(figures(&trade.query_id, trade.amount, trade.asked_ms));
    said.insert("respCode".into(), "00".into());
    said.insert("respMsg".into(), "成功[0000000]".into());
    if !trade.original.is_empty() {
        said.insert("origQryId".into(), trade.original.clone());
    }
    Some(said)
}

fn trade(kind: Kind, amount: i64, asked_ms: i64, original: &str) -> Trade {
    Trade {
        kind,
        amount,
        asked_ms,
        query_id: String::new(),
        original: original.into(),
        paid_ms: None,
        declined: false,
        front_url: String::new(),
        asked: Fields::new(),
        back_url: String::new(),
    }
}

/// A QR code to show (07), or the customer's that was scanned (06).
pub(super) fn create(world: &World, turn: &Turn, asked: &Fields) -> Done {
    let scanned = get(asked, "txnSubType")? == "06";
    let (key, amount) = fresh(world, asked)?;
    get(asked, "currencyCode")?;
    if scanned {
        let code = get(asked, "qrNo")?;
        if code.len() > 20 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format_error("qrNo"));
        }
        if get(asked, "termId")?.len() != 8 {
            return Err(format_error("termId"));
        }
    }
    let mut made = trade(Kind::Sale { in_browser: false }, amount, turn.now_ms, "");
    made.paid_ms = scanned.then_some(turn.now_ms);
    note(world, key, asked, made);
    let mut more = Fields::new();
    if !scanned {
        let code = format!("https://qr.95516.com/00010000/{}", random(16));
        more.insert("qrCode".into(), code);
    }
    Ok(more)
}

/// What a refund or a cancellation gives back: its amount, its time, and what went back so far.
fn original(world: &World, asked: &Fields, now_ms: i64) -> Result<(i64, i64, i64), No> {
    let number = get(asked, "origQryId")?;
    let unknown = || no("35", "2011000", "原交易不存在或状态不正确");
    let live = lock(&world.union);
    let mut here = live.trades.values();
    let found = here.find(|trade| trade.query_id == number);
    let (amount, at_ms) = match found {
        Some(trade) if matches!(trade.kind, Kind::Sale { .. }) => {
            (trade.amount, trade.paid_ms.ok_or_else(unknown)?)
        }
        Some(_) => return Err(unknown()),
        None => {
            let row = world.union_season.find(number, now_ms).ok_or_else(unknown)?;
            if row.query_id != number || row.original.is_some() {
                return Err(unknown());
            }
            (row.amount, row.at_ms)
        }
    };
    let here = live.trades.values().filter(|trade| trade.original == number);
    let earlier = world.union_season.rows.iter().filter(|row| {
        row.at_ms <= now_ms && row.original.as_ref().is_some_and(|sale| sale.query_id == number)
    });
    let back: i64 = here.map(|trade| trade.amount).chain(earlier.map(|row| row.amount)).sum();
    Ok((amount, at_ms, back))
}

/// 04: money back, in part or whole. 00 means accepted.
pub(super) fn refund(world: &World, turn: &Turn, asked: &Fields) -> Done {
    let (key, amount) = fresh(world, asked)?;
    let (paid, at_ms, back) = original(world, asked, turn.now_ms)?;
    if back >= paid {
        return Err(no("45", "2040045", "原交易已被成功退货或已被成功撤销"));
    }
    if amount > paid - back {
        return Err(no("36", "2040036", "与原交易信息不符：退货金额大于可退金额"));
    }
    if turn.now_ms - at_ms > LATEST_MS {
        return Err(no("39", "4040007", "交易不在受理时间范围内"));
    }
    give_back(world, turn, asked, key, Kind::Refund, amount)
}

/// 31: the whole sale, within its clearing day.
pub(super) fn cancel(world: &World, turn: &Turn, asked: &Fields) -> Done {
    let (key, amount) = fresh(world, asked)?;
    let (paid, at_ms, back) = original(world, asked, turn.now_ms)?;
    if back > 0 {
        return Err(no("45", "2040045", "原交易已被成功退货或已被成功撤销"));
    }
    if amount != paid {
        return Err(no("36", "2040036", "与原交易信息不符"));
    }
    if clearing_day(at_ms) != clearing_day(turn.now_ms) {
        return Err(no("39", "2040039", "交易不在受理时间范围内"));
    }
    give_back(world, turn, asked, key, Kind::Cancel, amount)
}

fn give_back(
    world: &World,
    turn: &Turn,
    asked: &Fields,
    key: (String, String),
    kind: Kind,
    amount: i64,
) -> Done {
    let number = get(asked, "origQryId")?.to_owned();
    let mut made = trade(kind, amount, turn.now_ms, &number);
    made.paid_ms = Some(turn.now_ms + world.settings.refunds_after_ms);
    let query_id = note(world, key, asked, made);
    Ok(Fields::from([
        ("queryId".into(), query_id),
        ("origQryId".into(), number),
        ("txnAmt".into(), amount.to_string()),
        ("currencyCode".into(), "156".into()),
    ]))
}

/// The customer pays; false when there is nothing to pay.
pub(in crate::platform) fn pay(world: &World, order: &str, now_ms: i64) -> bool {
    let mut live = lock(&world.union);
    let mut open = live.trades.iter_mut().filter(|((number, _), trade)| {
        number == order && trade.paid_ms.is_none() && !trade.declined
    });
    let Some((key, trade)) = open.next() else { return false };
    trade.paid_ms = Some(now_ms);
    trade.tell(world, key, now_ms);
    true
}

/// A sale pays itself where the settings say so.
fn settle(world: &World, key: &(String, String), now_ms: i64) {
    let mut live = lock(&world.union);
    let Some(trade) = live.trades.get_mut(key) else { return };
    let due = world.settings.pays_after_ms.map(|after| trade.asked_ms + after);
    if trade.paid_ms.is_none() && !trade.declined && due.is_some_and(|due| due <= now_ms) {
        trade.paid_ms = Some(now_ms);
        trade.tell(world, key, now_ms);
    }
}

/// 00: what became of the transaction with these two numbers.
pub(super) fn query(world: &World, turn: &Turn, asked: &Fields) -> Done {
    let key = (get(asked, "orderId")?.to_owned(), get(asked, "txnTime")?.to_owned());
    let unknown = || no("34", "2600000", "查无此交易");
    settle(world, &key, turn.now_ms);
    let known = lock(&world.union).trades.get(&key).cloned();
    let Some(trade) = known else {
        let row = world.union_season.find(&key.0, turn.now_ms);
        let row = row.filter(|row| row.time() == key.1).ok_or_else(unknown)?;
        return Ok(season_fields(row));
    };
    let (code, words) = match trade.paid_ms {
        _ if trade.declined => ("01", "交易失败[1010001]"),
        Some(at_ms) if at_ms <= turn.now_ms => ("00", "成功[0000000]"),
        None if trade.kind == (Kind::Sale { in_browser: true }) => return Err(unknown()),
        _ => ("05", "交易已受理，请稍后查询[2000005]"),
    };
    let mut said = figures(&trade.query_id, trade.amount, trade.asked_ms);
    said.insert("origRespCode".into(), code.into());
    said.insert("origRespMsg".into(), words.into());
    Ok(said)
}

fn season_fields(row: &Row) -> Fields {
    let mut said = figures(&row.query_id, row.amount, row.at_ms);
    said.insert("traceNo".into(), row.trace.clone());
    said.insert("origRespCode".into(), "00".into());
    said.insert("origRespMsg".into(), "成功[0000000]".into());
    said
}

fn figures(query_id: &str, amount: i64, at_ms: i64) -> Fields {
    let settle: String = date(clearing_day(at_ms)).chars().filter(char::is_ascii_digit).collect();
    Fields::from([
        ("queryId".into(), query_id.to_owned()),
        ("traceNo".into(), query_id[15..].to_owned()),
        ("traceTime".into(), month_day(at_ms)),
        ("txnAmt".into(), amount.to_string()),
        ("currencyCode".into(), "156".into()),
        ("settleAmt".into(), amount.to_string()),
        ("settleCurrencyCode".into(), "156".into()),
        ("settleDate".into(), settle[4..].to_owned()),
        ("payCardType".into(), "01".into()),
        ("accNo".into(), "621626*********0018".into()),
    ])
}

/// The cashier: a page with two buttons, and what they do.
pub(super) fn browser(world: &World, turn: &Turn, request: &Request) -> Answer {
    let asked: Fields = form(&String::from_utf8_lossy(&request.body)).into_iter().collect();
    match request.path() {
        "/gateway/api/frontTransReq.do" => open(world, turn, &asked)
            .unwrap_or_else(|No(code, words)| page(&format!("<p>{code} {words}</p>"))),
        "/gateway/api/cashier.do" => decide(world, turn, &asked),
        _ => Answer::empty(404),
    }
}

fn page(body: &str) -> Answer {
    let html = format!("<!DOCTYPE html><meta charset=\"utf-8\"><title>银联收银台</title>{body}");
    Answer::new(200, "text/html;charset=UTF-8", html)
}

fn open(world: &World, turn: &Turn, asked: &Fields) -> Result<Answer, No> {
    super::admit(turn, asked)?;
    let (key, amount) = fresh(world, asked)?;
    let front_url = get(asked, "frontUrl")?.to_owned();
    let kind = (get(asked, "txnType")?, get(asked, "txnSubType")?);
    if kind != ("01", "01") {
        return Err(missing("txnType"));
    }
    let mut made = trade(Kind::Sale { in_browser: true }, amount, turn.now_ms, "");
    made.front_url = front_url;
    let fields = format!(
        "<input type=hidden name=order value=\"{}\"><input type=hidden name=time value=\"{}\">",
        key.0, key.1
    );
    note(world, key, asked, made);
    let button = |word: &str, text: &str| format!("<button name=act value={word}>{text}</button>");
    Ok(page(&format!(
        "<h1>{}</h1><form method=post action=\"/gateway/api/cashier.do\">{fields}{}{}</form>",
        crate::time::yuan(amount),
        button("pay", "付款"),
        button("decline", "取消"),
    )))
}

fn decide(world: &World, turn: &Turn, asked: &Fields) -> Answer {
    let value = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let mut live = lock(&world.union);
    let key = (value("order"), value("time"));
    let Some(trade) = live.trades.get_mut(&key) else {
        return Answer::empty(404);
    };
    if trade.paid_ms.is_none() && !trade.declined {
        match value("act").as_str() {
            "pay" => {
                trade.paid_ms = Some(turn.now_ms);
                trade.tell(world, &key, turn.now_ms);
            }
            _ => trade.declined = true,
        }
    }
    Answer::empty(302).with("Location", trade.front_url.clone())
}
