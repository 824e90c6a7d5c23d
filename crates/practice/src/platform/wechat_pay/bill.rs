//! Bills: ask, then download.

use super::{Done, No, invalid, no, param};
use crate::model::Channel;
use crate::options::TradeBill;
use crate::platform::clock::{beijing, date, read_day};
use crate::platform::http::{Answer, Request};
use crate::platform::keys::{random, sha1};
use crate::platform::script::BillTwist;
use crate::platform::season::{Offer, Stream};
use crate::platform::{Turn, World, lock};
use chrono::{Days, Months, NaiveDate};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

/// A link lives so long.
const LINK_MS: i64 = 300_000;
/// Links remembered; older ones are as good as expired.
const MOST_LINKS: usize = 64;
/// Bills are ready at ten on the next day.
const READY_SECS: u32 = 10 * 3600;

/// A link that was given out.
#[derive(Debug)]
pub(super) struct Token {
    text: String,
    until_ms: i64,
    packed: bool,
    body: Arc<Vec<u8>>,
}

/// `GET /v3/bill/tradebill`, `GET /v3/bill/fundflowbill`.
pub(super) fn ask(world: &World, turn: &Turn, request: &Request, fund: bool) -> Done {
    let day = request.parameter("bill_date").ok_or_else(|| param("缺少参数bill_date"))?;
    let day = read_day(&day).filter(|read| date(*read) == day);
    let day = day.ok_or_else(|| param("账单日期格式不正确"))?;
    let packed = match request.parameter("tar_type").as_deref() {
        None => false,
        Some("GZIP") => true,
        Some(_) => return Err(param("参数tar_type不正确")),
    };
    let kind = request.parameter(if fund { "account_type" } else { "bill_type" });
    let (stream, has_rows) = match (fund, kind.as_deref()) {
        (false, None | Some("ALL")) => (Stream::Trade(TradeBill::All), true),
        (false, Some("SUCCESS")) => (Stream::Trade(TradeBill::Success), true),
        (false, Some("REFUND")) => (Stream::Trade(TradeBill::Refund), true),
        (true, None | Some("BASIC")) => (Stream::Fund, true),
        // The practice shop keeps its money in one account.
        (true, Some("OPERATION" | "FEES")) => (Stream::Fund, false),
        _ => return Err(param("账单类型不正确")),
    };
    check_day(turn, day)?;
    let twists = world.script().twist(
        "wechat_pay",
        if fund { "fund" } else { "trade" },
        &date(day),
        turn.now_ms,
    );
    let offer = if has_rows {
        let sales = super::order::sales(world);
        world.season.bill(Channel::Wechat, stream, day, &twists, &sales)
    } else {
        Offer::Empty
    };
    let plain = match offer {
        Offer::File(plain) => plain,
        Offer::Empty => return Err(no(400, "NO_STATEMENT_EXIST", "账单文件不存在")),
        Offer::NotYet | Offer::Lost => {
            return Err(no(400, "STATEMENT_CREATING", "账单生成中，请稍后再试"));
        }
    };
    let hash = if twists.contains(&BillTwist::WrongHash) { sha1(b"other") } else { sha1(&plain) };
    let body = if packed { gzip(&plain) } else { plain };
    let text = random(24);
    let mut live = lock(&world.wechat);
    live.tokens.retain(|token| token.until_ms > turn.now_ms);
    if live.tokens.len() >= MOST_LINKS {
        live.tokens.remove(0);
    }
    let (until_ms, body) = (turn.now_ms + LINK_MS, Arc::new(body));
    live.tokens.push(Token { text: text.clone(), until_ms, packed, body });
    let tail = if packed { "&tartype=gzip" } else { "" };
    Ok(Some(json!({
        "hash_type": "SHA1",
        "hash_value": hash,
        "download_url": format!("{}/v3/billdownload/file?token={text}{tail}", world.base),
    })))
}

/// Not today, not before ten on the next day, not more than three months ago.
fn check_day(turn: &Turn, day: i32) -> Result<(), No> {
    let now = beijing(turn.now_ms);
    if day >= now.day {
        return Err(invalid("账单日期不正确，不能查询当日及以后的账单"));
    }
    let epoch = NaiveDate::default();
    let today =
        u64::try_from(now.day).ok().and_then(|days| epoch.checked_add_days(Days::new(days)));
    let edge = today.and_then(|today| today.checked_sub_months(Months::new(3)));
    if edge.is_some_and(|edge| day < crate::time::day_of(edge)) {
        return Err(invalid("账单日期不正确，仅支持三个月内的账单下载申请"));
    }
    if day + 1 == now.day && now.sec < READY_SECS {
        return Err(no(400, "STATEMENT_CREATING", "账单生成中，请稍后再试"));
    }
    Ok(())
}

/// `GET /v3/billdownload/file`: signed when asked for, not signed when given.
pub(super) fn download(world: &World, turn: &Turn, request: &Request) -> Result<Answer, No> {
    let asked = request.parameter("token").unwrap_or_default();
    let live = lock(&world.wechat);
    let token = live.tokens.iter().find(|t| t.text == asked && turn.now_ms < t.until_ms);
    let token = token.ok_or_else(|| invalid("下载链接已失效，请重新申请"))?;
    let kind = if token.packed { "application/x-gzip" } else { "text/plain" };
    Ok(Answer::new(200, kind, token.body.as_slice()))
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    let packed = out.write_all(plain).and_then(|()| out.finish());
    packed.expect("memory takes any bytes")
}
