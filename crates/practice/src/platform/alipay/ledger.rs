//! Bills, the balance, and the rows of the account.

use super::{Done, PARTNER, no, text};
use crate::files::alipay_log_item;
use crate::model::Channel;
use crate::options::TradeBill;
use crate::platform::clock::{beijing, date, read, read_day};
use crate::platform::http::{Answer, Request};
use crate::platform::keys::random;
use crate::platform::season::{Offer, Stream};
use crate::platform::{Turn, World, lock};
use crate::time::{At, yuan};
use serde_json::{Value, json};
use std::sync::Arc;

/// A link lives so long.
const LINK_MS: i64 = 30_000;
const MOST_LINKS: usize = 64;
/// Bills are ready at nine on the next day.
const READY_SECS: u32 = 9 * 3600;
/// Bills reach back six years.
const OLDEST_DAYS: i32 = 6 * 365;
const MONTH_MS: i64 = 31 * 86_400_000;

/// A link that was given out.
#[derive(Debug)]
pub(super) struct Link {
    text: String,
    until_ms: i64,
    body: Arc<Vec<u8>>,
}

/// `alipay.data.dataservice.bill.downloadurl.query`, for days.
pub(super) fn bill(world: &World, turn: &Turn, biz: &Value) -> Done {
    let (kind, fund) = match text(biz, "bill_type") {
        Some("trade") => ("trade", false),
        Some("signcustomer") => ("signcustomer", true),
        _ => return Err(no("TYPE_NOT_SUPPORTED", "账单类型不支持")),
    };
    let wrong = || no("INVAILID_ARGUMENTS", "入参不合法");
    let asked = text(biz, "bill_date").ok_or_else(wrong)?;
    let day = read_day(asked).filter(|day| date(*day) == asked).ok_or_else(wrong)?;
    let now = beijing(turn.now_ms);
    if day >= now.day || day < now.day - OLDEST_DAYS {
        return Err(wrong());
    }
    let missing = || no("BILL_NOT_EXIST", "账单不存在");
    if day + 1 == now.day && now.sec < READY_SECS {
        return Err(missing());
    }
    let stream = if fund { Stream::Fund } else { Stream::Trade(TradeBill::All) };
    let twists =
        world.script().twist("alipay", if fund { "fund" } else { "trade" }, asked, turn.now_ms);
    let sales = super::trade::sales(world);
    let body = match world.season.bill(Channel::Alipay, stream, day, &twists, &sales) {
        Offer::File(body) => body,
        // One word for both: it is too early, or nothing happened.
        Offer::Empty | Offer::NotYet => return Err(missing()),
        Offer::Lost => return Err(no("UNKNOWN_ERROR", "未知错误")),
    };
    let file = random(24);
    let mut live = lock(&world.alipay);
    live.links.retain(|link| link.until_ms > turn.now_ms);
    if live.links.len() >= MOST_LINKS {
        live.links.remove(0);
    }
    let (until_ms, body) = (turn.now_ms + LINK_MS, Arc::new(body));
    live.links.push(Link { text: file.clone(), until_ms, body });
    let days: String = asked.chars().filter(char::is_ascii_digit).collect();
    Ok(json!({ "bill_download_url": format!(
        "{}/downloadBillFile.resource?bizType={kind}&pid={PARTNER}&fileType=csv.zip\
         &bizDates={days}&downloadFileName={}_{days}.csv.zip&fileId={file}",
        world.base, crate::ALIPAY_ACCOUNT,
    ) }))
}

/// The file behind a link: a plain GET, not signed.
pub(in crate::platform) fn download(world: &World, turn: &Turn, request: &Request) -> Answer {
    let asked = request.parameter("fileId").unwrap_or_default();
    let live = lock(&world.alipay);
    match live.links.iter().find(|link| link.text == asked && turn.now_ms < link.until_ms) {
        Some(link) => Answer::new(200, "application/octet-stream", link.body.as_slice()),
        None => Answer::new(403, "text/html;charset=utf-8", "<html>下载链接已失效</html>"),
    }
}

/// `alipay.data.bill.balance.query`.
pub(super) fn balance(world: &World, turn: &Turn) -> Done {
    let balance = yuan(world.season.balance(Channel::Alipay, beijing(turn.now_ms)));
    Ok(json!({
        "total_amount": balance, "available_amount": balance, "freeze_amount": "0.00",
        "settle_amount": "0.00",
    }))
}

/// `alipay.data.bill.balancehis.query`, for days.
pub(super) fn balance_of_day(world: &World, turn: &Turn, biz: &Value) -> Done {
    let wrong = || no("INVALID_PARAMETER", "参数有误");
    let day = text(biz, "biz_date").and_then(read_day).ok_or_else(wrong)?;
    if day >= beijing(turn.now_ms).day {
        return Err(wrong());
    }
    let at = |day| world.season.balance(Channel::Alipay, At { day, sec: 86_399 });
    Ok(json!({ "beginning_balance": yuan(at(day - 1)), "ending_balance": yuan(at(day)) }))
}

/// `alipay.data.bill.accountlog.query`: rows from a moment until before another.
pub(super) fn account_log(world: &World, turn: &Turn, biz: &Value) -> Done {
    let wrong = || no("INVALID_PARAMETER", "参数有误");
    let whole = |name: &str, usual: usize| match &biz[name] {
        Value::Null => Ok(usual),
        Value::String(text) => text.parse().map_err(|_| wrong()),
        other => other.as_u64().map(|n| n as usize).ok_or_else(wrong),
    };
    let (page, size) = (whole("page_no", 1)?, whole("page_size", 2000)?);
    if page == 0 || !(1..=2000).contains(&size) {
        return Err(wrong());
    }
    let (order, ours) = (text(biz, "alipay_order_no"), text(biz, "merchant_order_no"));
    let now_ms = turn.now_ms;
    let (from_ms, until_ms) = match (text(biz, "start_time"), text(biz, "end_time")) {
        (Some(from), Some(until)) => {
            (read(from).ok_or_else(wrong)?, read(until).ok_or_else(wrong)?.min(now_ms))
        }
        _ if order.or(ours).is_some() => (now_ms - 365 * 86_400_000, now_ms),
        _ => return Err(wrong()),
    };
    if until_ms - from_ms > MONTH_MS && order.or(ours).is_none() {
        return Err(wrong());
    }
    let rows = world.season.rows(Channel::Alipay, beijing(from_ms), beijing(until_ms));
    let items: Vec<Value> = rows.into_iter().map(alipay_log_item).collect();
    let found: Vec<Value> = items
        .into_iter()
        .filter(|item| order.is_none_or(|order| item["alipay_order_no"] == order))
        .filter(|item| ours.is_none_or(|ours| item["merchant_order_no"] == ours))
        .collect();
    let total = found.len();
    let shown: Vec<Value> = found.into_iter().skip((page - 1) * size).take(size).collect();
    let mut body = json!({
        "page_no": page.to_string(), "page_size": size.to_string(),
        "total_size": total.to_string(),
    });
    if !shown.is_empty() {
        body["detail_list"] = shown.into();
    }
    Ok(body)
}
