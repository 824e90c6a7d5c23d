//! Refunds: money back, and whether it went.

use super::trade::{self, Paid, paid, unknown};
use super::{Done, amount, invalid, no, number, text};
use crate::model::Channel;
use crate::platform::clock::{beijing, plain, utc_ms};
use crate::platform::notices::Subject;
use crate::platform::{Turn, World, lock};
use crate::time::yuan;
use serde_json::{Value, json};

/// No refund after twelve months, as contracts at the counter say.
const LATEST_MS: i64 = 365 * 86_400_000;

/// A refund made over the protocol.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    trade: String,
    request: String,
    amount: i64,
    at_ms: i64,
    reason: Option<String>,
}

/// What was given back of a trade so far.
pub(super) fn given_back(world: &World, paid: &Paid) -> i64 {
    let live = lock(&world.alipay);
    let here = live.refunds.iter().filter(|refund| refund.trade == paid.number);
    paid.back + here.map(|refund| refund.amount).sum::<i64>()
}

/// Books a refund.
pub(super) fn note(world: &World, paid: &Paid, request: &str, amount: i64, turn: &Turn) {
    lock(&world.alipay).refunds.push(Refund {
        trade: paid.number.clone(),
        request: request.to_owned(),
        amount,
        at_ms: turn.now_ms,
        reason: None,
    });
}

/// The amount and time of the refund of this trade under this number, here or in the season.
fn known(world: &World, paid: &Paid, request: &str, now_ms: i64) -> Option<(i64, i64)> {
    let live = lock(&world.alipay);
    let mut here = live.refunds.iter().filter(|refund| refund.trade == paid.number);
    if let Some(refund) = here.find(|refund| refund.request == request) {
        return Some((refund.amount, refund.at_ms));
    }
    let line = world.season.refund(Channel::Alipay, request, beijing(now_ms))?;
    (line.payment_id == paid.number).then(|| (line.order_amount, utc_ms(line.at)))
}

/// `alipay.trade.refund`. The number of the refund decides whether money moves again.
pub(super) fn create(world: &World, turn: &Turn, biz: &Value) -> Done {
    let asked = amount(biz, "refund_amount")?;
    if text(biz, "trade_no").is_none() {
        number(biz, "out_trade_no")?;
    }
    let paid = paid(world, biz, turn.now_ms).ok_or_else(|| unknown(biz))?;
    let request = match text(biz, "out_request_no") {
        Some(_) => number(biz, "out_request_no")?.to_owned(),
        None => paid.order.clone(),
    };
    let moved = match known(world, &paid, &request, turn.now_ms) {
        Some((amount, _)) if amount != asked => {
            return Err(no("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求"));
        }
        Some(_) => false,
        None => {
            let back = given_back(world, &paid);
            if back >= paid.total {
                return Err(no("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"));
            }
            if turn.now_ms - paid.at_ms > LATEST_MS {
                return Err(no("ACQ.TRADE_HAS_FINISHED", "交易已完结"));
            }
            if asked > paid.total - back {
                return Err(no("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"));
            }
            note(world, &paid, &request, asked, turn);
            if let Some(reason) = text(biz, "refund_reason") {
                let mut live = lock(&world.alipay);
                if let Some(refund) = live.refunds.last_mut() {
                    refund.reason = Some(reason.to_owned());
                }
            }
            let live = lock(&world.alipay);
            let notify = live.trades.get(&paid.order).and_then(|trade| trade.notify.as_deref());
            let subject = Subject::refund(&request, &paid.order);
            world.notices.add("alipay", notify, subject, turn.now_ms);
            true
        }
    };
    let mut body = paid.buyer_fields();
    body["trade_no"] = paid.number.as_str().into();
    body["out_trade_no"] = paid.order.as_str().into();
    body["fund_change"] = if moved { "Y" } else { "N" }.into();
    // Everything given back of this trade so far, not this refund.
    body["refund_fee"] = yuan(given_back(world, &paid)).into();
    body["send_back_fee"] = yuan(asked).into();
    if moved {
        body["gmt_refund_pay"] = plain(turn.now_ms).into();
        body["refund_detail_item_list"] =
            json!([{ "amount": yuan(asked), "fund_channel": "ALIPAYACCOUNT" }]);
    }
    Ok(body)
}

/// `alipay.trade.fastpay.refund.query`. A bare success says that there is no such refund.
pub(super) fn query(world: &World, turn: &Turn, biz: &Value) -> Done {
    let request = text(biz, "out_request_no").ok_or_else(|| invalid("out_request_no"))?;
    let paid = paid(world, biz, turn.now_ms).ok_or_else(|| unknown(biz))?;
    let Some((amount, at_ms)) = known(world, &paid, request, turn.now_ms) else {
        return Ok(json!({}));
    };
    let mut body = json!({
        "trade_no": paid.number, "out_trade_no": paid.order, "out_request_no": request,
        "refund_amount": yuan(amount), "total_amount": yuan(paid.total),
        "refund_status": "REFUND_SUCCESS",
    });
    let live = lock(&world.alipay);
    let here = live.refunds.iter().find(|r| r.trade == paid.number && r.request == request);
    if let Some(reason) = here.and_then(|refund| refund.reason.clone()) {
        body["refund_reason"] = reason.into();
    }
    let options = biz["query_options"].as_array();
    if options.is_some_and(|options| options.iter().any(|o| o == "gmt_refund_pay")) {
        body["gmt_refund_pay"] = plain(at_ms).into();
    }
    Ok(body)
}

/// What a notice says of a refund: the trade as it stands, and everything given back of it so far.
pub(super) fn told(world: &World, order: &str, request: &str, now_ms: i64) -> Option<Value> {
    let mut said = trade::told(world, order, now_ms)?;
    let paid = paid(world, &json!({ "out_trade_no": order }), now_ms)?;
    let (amount, at_ms) = known(world, &paid, request, now_ms)?;
    let back = given_back(world, &paid);
    if back >= paid.total {
        said["trade_status"] = "TRADE_CLOSED".into();
    }
    said["out_biz_no"] = request.into();
    said["refund_fee"] = yuan(back).into();
    said["send_back_fee"] = yuan(amount).into();
    said["gmt_refund"] = plain(at_ms).into();
    Some(said)
}
