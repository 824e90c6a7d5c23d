//! Refunds: create, query, and the way out for one that cannot go back to where it came from.

use super::{Done, Live, No, invalid, no, number, only, param, text};
use crate::WECHAT_MERCHANT;
use crate::model::{Channel, RefundState, TradeLine};
use crate::platform::clock::{beijing, compact, rfc3339, utc_ms};
use crate::platform::http::{Request, decode};
use crate::platform::notices::Subject;
use crate::platform::{Turn, World, lock};
use serde_json::{Value, json};

/// No refund after so long.
const LATEST_MS: i64 = 365 * 86_400_000;
/// Refunds of one order.
const MOST: usize = 50;
const FIELDS: [&str; 8] = [
    "transaction_id",
    "out_trade_no",
    "out_refund_no",
    "reason",
    "notify_url",
    "funds_account",
    "amount",
    "goods_detail",
];

/// A refund made over the protocol.
#[derive(Clone, Debug)]
pub(super) struct Refund {
    id: String,
    /// The shop's number of the order it gives back.
    pub order: String,
    payment: String,
    total: i64,
    amount: i64,
    asked_ms: i64,
    /// What somebody decided; without it, it is done after a while.
    pub decided: Option<&'static str>,
    card: bool,
    /// Where to say that it is done.
    notify: Option<String>,
}

/// What is to be given back: a payment of the season or of an order made here.
struct Paid {
    order: String,
    payment: String,
    total: i64,
    at_ms: i64,
    /// Given back in the season.
    back: i64,
    refunds: usize,
}

/// `POST /v3/refund/domestic/refunds`.
pub(super) fn create(world: &World, turn: &Turn, asked: &Value) -> Done {
    only(asked, &FIELDS)?;
    let ours = number(asked, "out_refund_no", 64, "_-|*@")?.to_owned();
    let whole = |name: &str| asked["amount"][name].as_i64().filter(|n| *n >= 1);
    let wrong = |name: &str| param(&format!("参数amount.{name}不符合要求"));
    let amount = whole("refund").ok_or_else(|| wrong("refund"))?;
    let total = whole("total").ok_or_else(|| wrong("total"))?;
    if asked["amount"]["currency"] != "CNY" {
        return Err(wrong("currency"));
    }
    // When both are there, the channel's own number wins.
    let named = text(asked, "transaction_id").or_else(|| text(asked, "out_trade_no"));
    let named = named.ok_or_else(|| param("transaction_id和out_trade_no必须二选一"))?;
    let now = beijing(turn.now_ms);
    if let Some(line) = world.season.refund(Channel::Wechat, &ours, now) {
        let same =
            line.order_amount == amount && (line.order_id == named || line.payment_id == named);
        if !same {
            return Err(invalid("订单退款号已存在，参数不一致"));
        }
        return Ok(Some(season_body(world, line, turn.now_ms)));
    }
    let mut live = lock(&world.wechat);
    let paid = paid(world, &live, named, turn.now_ms);
    let paid = paid.ok_or_else(|| no(404, "RESOURCE_NOT_EXISTS", "订单不存在或未支付"))?;
    if let Some(known) = live.refunds.get(&ours) {
        if known.amount != amount || known.order != paid.order {
            return Err(invalid("订单退款号已存在，参数不一致"));
        }
        return Ok(Some(known.body(world, &ours, turn.now_ms)));
    }
    check(world, &live, &paid, (amount, total), turn.now_ms)?;
    let id = format!("5030000{}{:014}", &compact(turn.now_ms)[..8], live.next());
    let refund = Refund {
        id,
        order: paid.order,
        payment: paid.payment,
        total,
        amount,
        asked_ms: turn.now_ms,
        decided: None,
        card: false,
        notify: text(asked, "notify_url").map(str::to_owned),
    };
    let body = refund.body(world, &ours, turn.now_ms);
    refund.tell(world, &ours, turn.now_ms + world.settings.refunds_after_ms);
    live.refunds.insert(ours, refund);
    Ok(Some(body))
}

fn paid(world: &World, live: &Live, named: &str, now_ms: i64) -> Option<Paid> {
    let mut orders = live.orders.iter().filter_map(|(ours, o)| Some((ours, o, o.paid.as_ref()?)));
    if let Some((ours, order, (at_ms, id))) =
        orders.find(|(ours, _, (_, id))| *ours == named || id == named)
    {
        let (order_no, payment) = (ours.clone(), id.clone());
        let (total, at_ms) = (order.total, *at_ms);
        return Some(Paid { order: order_no, payment, total, at_ms, back: 0, refunds: 0 });
    }
    let now = beijing(now_ms);
    let line = world.season.payment(Channel::Wechat, named, now)?;
    let earlier = world.season.refunds_of(Channel::Wechat, &line.payment_id, now);
    let stands = |line: &&TradeLine| {
        line.refund.as_ref().is_some_and(|part| part.state != RefundState::Failed)
    };
    Some(Paid {
        order: line.order_id.clone(),
        payment: line.payment_id.clone(),
        total: line.order_amount,
        at_ms: utc_ms(line.at),
        back: earlier.iter().copied().filter(stands).map(|line| line.order_amount).sum(),
        refunds: earlier.len(),
    })
}

fn check(
    world: &World,
    live: &Live,
    paid: &Paid,
    (amount, total): (i64, i64),
    now_ms: i64,
) -> Result<(), No> {
    if total != paid.total {
        return Err(invalid("订单金额或退款金额与之前请求不一致，请核实后再试"));
    }
    if now_ms - paid.at_ms > LATEST_MS {
        return Err(no(400, "TRADE_OVERDUE", "订单已经超过可退款的最大期限"));
    }
    let others = live.refunds.values().filter(|refund| refund.payment == paid.payment);
    let (mut back, mut count) = (paid.back, paid.refunds);
    for other in others {
        count += 1;
        if other.state(world, now_ms) != "CLOSED" {
            back += other.amount;
        }
    }
    if count >= MOST {
        return Err(invalid("退款次数超过限制"));
    }
    if amount > paid.total - back {
        return Err(invalid("申请退款金额大于订单剩余可退金额"));
    }
    Ok(())
}

impl Refund {
    /// Notes that whoever asked is to be told, from `due_ms` on.
    fn tell(&self, world: &World, ours: &str, due_ms: i64) {
        let subject = Subject::refund(ours, "");
        world.notices.add("wechat_pay", self.notify.as_deref(), subject, due_ms);
    }

    fn state(&self, world: &World, now_ms: i64) -> &'static str {
        match self.decided {
            Some(state) => state,
            None if now_ms - self.asked_ms >= world.settings.refunds_after_ms => "SUCCESS",
            None => "PROCESSING",
        }
    }

    fn body(&self, world: &World, ours: &str, now_ms: i64) -> Value {
        let state = self.state(world, now_ms);
        let mut body = json!({
            "refund_id": self.id,
            "out_refund_no": ours,
            "transaction_id": self.payment,
            "out_trade_no": self.order,
            "channel": if self.card { "OTHER_BANKCARD" } else { "ORIGINAL" },
            "user_received_account": "支付用户零钱",
            "create_time": rfc3339(self.asked_ms),
            "status": state,
            "funds_account": "AVAILABLE",
            "amount": {
                "total": self.total, "refund": self.amount,
                "payer_total": self.total, "payer_refund": self.amount,
                "settlement_total": self.total, "settlement_refund": self.amount,
                "discount_refund": 0, "currency": "CNY",
            },
        });
        if state == "SUCCESS" {
            let done = self.asked_ms + world.settings.refunds_after_ms;
            body["success_time"] = rfc3339(done).into();
        }
        body
    }
}

/// A refund of the season, as its bill tells it.
fn season_body(world: &World, line: &TradeLine, now_ms: i64) -> Value {
    let Some(part) = &line.refund else { return Value::Null };
    let paid = world.season.payment(Channel::Wechat, &line.payment_id, beijing(now_ms));
    let (total, settled, coupon) =
        paid.map_or((0, 0, 0), |paid| (paid.order_amount, paid.settled, paid.subsidy));
    let (asked_ms, done_ms) = (utc_ms(line.at), utc_ms(line.at) + 3000);
    let state = match part.state {
        RefundState::Success if now_ms >= done_ms => "SUCCESS",
        RefundState::Failed => "CLOSED",
        RefundState::Success | RefundState::Processing => "PROCESSING",
    };
    let mut body = json!({
        "refund_id": part.channel_id,
        "out_refund_no": part.merchant_id,
        "transaction_id": line.payment_id,
        "out_trade_no": line.order_id,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(asked_ms),
        "status": state,
        "funds_account": "AVAILABLE",
        "amount": {
            "total": total, "refund": line.order_amount,
            "payer_total": settled - coupon, "payer_refund": line.settled - line.subsidy,
            "settlement_total": settled, "settlement_refund": line.settled,
            "discount_refund": line.order_amount - line.settled + line.subsidy,
            "currency": "CNY", "refund_fee": line.fee,
        },
    });
    if state == "SUCCESS" {
        body["success_time"] = rfc3339(done_ms).into();
    }
    body
}

/// `GET /v3/refund/domestic/refunds/…`.
pub(super) fn query(world: &World, turn: &Turn, number: &str) -> Done {
    let number = decode(number);
    if let Some(refund) = lock(&world.wechat).refunds.get(&number) {
        return Ok(Some(refund.body(world, &number, turn.now_ms)));
    }
    let line = world.season.refund(Channel::Wechat, &number, beijing(turn.now_ms));
    let line = line.ok_or_else(|| no(404, "RESOURCE_NOT_EXISTS", "退款单不存在"))?;
    Ok(Some(season_body(world, line, turn.now_ms)))
}

/// `POST /v3/refund/domestic/refunds/…/apply-abnormal-refund`.
pub(super) fn abnormal(
    world: &World,
    turn: &Turn,
    id: &str,
    request: &Request,
    asked: &Value,
) -> Done {
    only(asked, &["out_refund_no", "type", "bank_type", "bank_account", "real_name"])?;
    let ours = number(asked, "out_refund_no", 64, "_-|*@")?;
    let card = match text(asked, "type") {
        Some("MERCHANT_BANK_CARD") => false,
        Some("USER_BANK_CARD") => {
            let sealed = ["bank_type", "bank_account", "real_name"];
            if sealed.iter().any(|name| text(asked, name).is_none()) {
                return Err(param("缺少银行卡信息"));
            }
            if request.header("Wechatpay-Serial").is_none() {
                return Err(param("缺少Http头Wechatpay-Serial"));
            }
            true
        }
        _ => return Err(param("参数type不符合要求")),
    };
    let mut live = lock(&world.wechat);
    let refund = live.refunds.get_mut(ours).filter(|refund| refund.id == id);
    let refund = refund.ok_or_else(|| no(404, "RESOURCE_NOT_EXISTS", "退款单不存在"))?;
    if refund.decided != Some("ABNORMAL") {
        return Err(invalid("退款单状态不是退款异常"));
    }
    // It starts anew, to another account.
    (refund.decided, refund.card, refund.asked_ms) = (None, card, turn.now_ms);
    refund.tell(world, ours, turn.now_ms + world.settings.refunds_after_ms);
    Ok(Some(refund.body(world, ours, turn.now_ms)))
}

/// Somebody decides what becomes of a refund; false when there is none.
pub(in crate::platform) fn decide(world: &World, ours: &str, state: &'static str) -> bool {
    let mut live = lock(&world.wechat);
    let Some(refund) = live.refunds.get_mut(ours) else { return false };
    refund.decided = Some(state);
    refund.tell(world, ours, (world.settings.clock)());
    true
}

/// What a notice says of a refund that came to an end, or to a halt.
pub(super) fn told(world: &World, ours: &str, now_ms: i64) -> Option<Value> {
    let live = lock(&world.wechat);
    let refund = live.refunds.get(ours)?;
    let whole = refund.body(world, ours, now_ms);
    let state = refund.state(world, now_ms);
    let mut said = json!({
        "mchid": WECHAT_MERCHANT,
        "out_trade_no": refund.order,
        "transaction_id": refund.payment,
        "out_refund_no": ours,
        "refund_id": refund.id,
        "refund_status": state,
        "user_received_account": whole["user_received_account"],
        "amount": {
            "total": refund.total, "refund": refund.amount,
            "payer_total": refund.total, "payer_refund": refund.amount,
        },
    });
    if state == "SUCCESS" {
        said["success_time"] = whole["success_time"].clone();
    }
    (state != "PROCESSING").then_some(said)
}
