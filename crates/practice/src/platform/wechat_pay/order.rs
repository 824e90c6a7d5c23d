//! Orders by QR code: create, query, close.

use super::{APP, Done, No, invalid, no, number, only, param, text};
use crate::WECHAT_MERCHANT;
use crate::goods::{BANKS, SCENES};
use crate::model::{Channel, TradeLine};
use crate::platform::clock::{beijing, compact, read, rfc3339, utc_ms};
use crate::platform::counter::Sale;
use crate::platform::http::{Request, decode};
use crate::platform::keys::random;
use crate::platform::notices::Subject;
use crate::platform::{Turn, World, lock};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;
/// An order nobody pays is closed after so long.
const LIFE_MS: i64 = 7 * DAY_MS;
const FIELDS: [&str; 14] = [
    "appid",
    "mchid",
    "description",
    "out_trade_no",
    "time_expire",
    "attach",
    "notify_url",
    "goods_tag",
    "support_fapiao",
    "amount",
    "detail",
    "scene_info",
    "settle_info",
    "limit_pay",
];

/// An order made over the protocol.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// What it was made with; a repeat must say the same.
    asked: Value,
    pub total: i64,
    made_ms: i64,
    expires_ms: i64,
    closed: bool,
    /// When it was paid, and the channel's number of the payment.
    pub paid: Option<(i64, String)>,
}

/// `POST /v3/pay/transactions/native`.
pub(super) fn create(world: &World, turn: &Turn, asked: &Value) -> Done {
    only(asked, &FIELDS)?;
    let out_trade_no = number(asked, "out_trade_no", 32, "_-|*")?;
    if out_trade_no.len() < 6 {
        return Err(param("参数out_trade_no不符合要求"));
    }
    if text(asked, "mchid") != Some(WECHAT_MERCHANT) {
        return Err(param("商户号mchid与Authorization中的不一致"));
    }
    if text(asked, "appid") != Some(APP) {
        return Err(no(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试"));
    }
    let description = text(asked, "description").ok_or_else(|| param("缺少参数description"))?;
    let attach = text(asked, "attach").unwrap_or_default();
    if description.len() > 127 || attach.len() > 128 {
        return Err(param("参数description或attach过长"));
    }
    let notify = text(asked, "notify_url").ok_or_else(|| param("缺少参数notify_url"))?;
    if !notify.starts_with("http") || notify.contains('?') || notify.len() > 255 {
        return Err(param("参数notify_url不符合要求"));
    }
    let total = asked["amount"]["total"].as_i64().filter(|total| *total >= 1);
    let total = total.ok_or_else(|| param("参数amount.total不符合要求"))?;
    if asked["amount"].get("currency").is_some_and(|currency| currency != "CNY") {
        return Err(param("参数amount.currency不符合要求"));
    }
    let expires_ms = match text(asked, "time_expire") {
        None => turn.now_ms + LIFE_MS,
        Some(at) => {
            let at = read(at).ok_or_else(|| param("参数time_expire不符合要求"))?;
            at.max(turn.now_ms + 60_000)
        }
    };
    let now = beijing(turn.now_ms);
    if world.season.payment(Channel::Wechat, out_trade_no, now).is_some() {
        return Err(no(400, "ORDER_PAID", "该订单已支付"));
    }
    let mut live = lock(&world.wechat);
    if let Some(known) = live.orders.get(out_trade_no) {
        known.may_repeat(asked, turn.now_ms)?;
    } else {
        let (asked, made_ms) = (asked.clone(), turn.now_ms);
        let order = Order { asked, total, made_ms, expires_ms, closed: false, paid: None };
        live.orders.insert(out_trade_no.to_owned(), order);
        if let Some(after) = world.settings.pays_after_ms {
            let subject = Subject::payment(out_trade_no, "");
            world.notices.add("wechat_pay", Some(notify), subject, turn.now_ms + after);
        }
    }
    Ok(Some(json!({ "code_url": format!("weixin://wxpay/bizpayurl?pr={}", random(5)) })))
}

impl Order {
    fn may_repeat(&self, asked: &Value, now_ms: i64) -> Result<(), No> {
        if self.paid.is_some() {
            return Err(no(400, "ORDER_PAID", "该订单已支付"));
        }
        if self.is_closed(now_ms) {
            return Err(no(400, "ORDER_CLOSED", "该订单已关闭，请重新下单"));
        }
        if self.asked != *asked {
            return Err(no(403, "OUT_TRADE_NO_USED", "商户订单号重复"));
        }
        Ok(())
    }

    fn is_closed(&self, now_ms: i64) -> bool {
        self.closed || (self.paid.is_none() && now_ms >= self.expires_ms)
    }
}

/// What was paid of the orders made here, by time.
pub(super) fn sales(world: &World) -> Vec<Sale> {
    let live = lock(&world.wechat);
    let mut sales: Vec<Sale> = (live.orders.iter())
        .filter_map(|(ours, order)| {
            let (at_ms, payment) = order.paid.clone()?;
            Some(Sale { at: beijing(at_ms), order: ours.clone(), payment, total: order.total })
        })
        .collect();
    sales.sort_by(|a, b| (a.at, &a.payment).cmp(&(b.at, &b.payment)));
    sales
}

/// The customer pays; false when there is no such order to pay. `late`: also one that is closed,
/// which channels say cannot be.
pub(in crate::platform) fn pay(world: &World, out_trade_no: &str, now_ms: i64, late: bool) -> bool {
    let mut live = lock(&world.wechat);
    let seq = live.next();
    let Some(order) = live.orders.get_mut(out_trade_no) else { return false };
    if order.paid.is_some() || order.is_closed(now_ms) && !late {
        return false;
    }
    let date = &compact(now_ms)[..8];
    order.paid = Some((now_ms, format!("4200009{date}{seq:013}")));
    let notify = text(&order.asked, "notify_url");
    world.notices.add("wechat_pay", notify, Subject::payment(out_trade_no, ""), now_ms);
    true
}

/// What a notice says of an order that was paid.
pub(super) fn told(world: &World, out_trade_no: &str, now_ms: i64) -> Option<Value> {
    settle(world, out_trade_no, now_ms);
    let live = lock(&world.wechat);
    let order = live.orders.get(out_trade_no).filter(|order| order.paid.is_some())?;
    Some(order.body(out_trade_no, false, now_ms))
}

/// Orders pay themselves where the settings say so.
fn settle(world: &World, out_trade_no: &str, now_ms: i64) {
    let due = world.settings.pays_after_ms.and_then(|after| {
        let live = lock(&world.wechat);
        live.orders.get(out_trade_no).map(|order| order.made_ms + after)
    });
    if due.is_some_and(|due| due <= now_ms) {
        pay(world, out_trade_no, now_ms, false);
    }
}

/// `GET /v3/pay/transactions/out-trade-no/…` and `…/id/…`.
pub(super) fn query(
    world: &World,
    turn: &Turn,
    request: &Request,
    number: &str,
    by_id: bool,
) -> Done {
    if request.parameter("mchid").as_deref() != Some(WECHAT_MERCHANT) {
        return Err(param("商户号mchid与Authorization中的不一致"));
    }
    let number = decode(number);
    if !by_id {
        settle(world, &number, turn.now_ms);
    }
    let now = beijing(turn.now_ms);
    let missing = || no(404, "ORDER_NOT_EXIST", "订单不存在");
    {
        let live = lock(&world.wechat);
        let mut orders = live.orders.iter();
        let found = orders.find(|(ours, order)| match by_id {
            true => order.paid.as_ref().is_some_and(|(_, id)| *id == number),
            false => **ours == number,
        });
        if let Some((ours, order)) = found {
            let refunded = live.refunds.values().any(|refund| refund.order == *ours);
            return Ok(Some(order.body(ours, refunded, turn.now_ms)));
        }
    }
    let line = world.season.payment(Channel::Wechat, &number, now).ok_or_else(missing)?;
    if (line.payment_id == number) != by_id {
        return Err(missing());
    }
    let live = lock(&world.wechat);
    let refunded = live.refunds.values().any(|refund| refund.order == line.order_id)
        || !world.season.refunds_of(Channel::Wechat, &line.payment_id, now).is_empty();
    Ok(Some(season_body(line, refunded)))
}

impl Order {
    fn body(&self, out_trade_no: &str, refunded: bool, now_ms: i64) -> Value {
        let mut body = json!({
            "appid": APP,
            "mchid": WECHAT_MERCHANT,
            "out_trade_no": out_trade_no,
            "amount": { "total": self.total, "currency": "CNY" },
        });
        if let Some(attach) = text(&self.asked, "attach") {
            body["attach"] = attach.into();
        }
        let (state, words) = match &self.paid {
            Some((at_ms, id)) => {
                body["transaction_id"] = id.as_str().into();
                body["trade_type"] = "NATIVE".into();
                body["bank_type"] = "OTHERS".into();
                body["success_time"] = rfc3339(*at_ms).into();
                body["payer"] = json!({ "openid": "oPractice00000001" });
                body["amount"]["payer_total"] = self.total.into();
                body["amount"]["payer_currency"] = "CNY".into();
                paid_words(refunded)
            }
            None if self.is_closed(now_ms) => ("CLOSED", "订单已关闭"),
            None => ("NOTPAY", "订单未支付"),
        };
        body["trade_state"] = state.into();
        body["trade_state_desc"] = words.into();
        body
    }
}

fn paid_words(refunded: bool) -> (&'static str, &'static str) {
    if refunded { ("REFUND", "订单发生过退款") } else { ("SUCCESS", "支付成功") }
}

/// A sale of the shop, as its bill tells it.
fn season_body(line: &TradeLine, refunded: bool) -> Value {
    let (state, words) = paid_words(refunded);
    let mut body = json!({
        "appid": APP,
        "mchid": WECHAT_MERCHANT,
        "out_trade_no": line.order_id,
        "transaction_id": line.payment_id,
        "trade_type": SCENES[line.buyer as usize % SCENES.len()],
        "trade_state": state,
        "trade_state_desc": words,
        "bank_type": BANKS[line.buyer as usize % BANKS.len()],
        "attach": "counter-1",
        "success_time": rfc3339(utc_ms(line.at)),
        "payer": { "openid": format!("oPractice{:08}", line.buyer) },
        "amount": {
            "total": line.order_amount,
            "payer_total": line.settled - line.subsidy,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    });
    let own = line.order_amount - line.settled;
    let coupons: Vec<Value> = [("NOCASH", own), ("CASH", line.subsidy)]
        .into_iter()
        .filter(|(_, amount)| *amount > 0)
        .map(|(kind, amount)| {
            let merchant = if kind == "NOCASH" { amount } else { 0 };
            json!({
                "coupon_id": format!("c{}", line.payment_id), "name": "优惠券", "scope": "GLOBAL",
                "type": kind, "amount": amount, "currency": "CNY",
                "wechatpay_contribute": amount - merchant, "merchant_contribute": merchant,
                "other_contribute": 0,
            })
        })
        .collect();
    if !coupons.is_empty() {
        body["promotion_detail"] = coupons.into();
    }
    body
}

/// `POST /v3/pay/transactions/out-trade-no/…/close`: any number of times, until it is paid.
pub(super) fn close(world: &World, turn: &Turn, number: &str, asked: &Value) -> Done {
    only(asked, &["mchid"])?;
    if text(asked, "mchid") != Some(WECHAT_MERCHANT) {
        return Err(param("商户号mchid与Authorization中的不一致"));
    }
    let number = decode(number);
    settle(world, &number, turn.now_ms);
    let mut live = lock(&world.wechat);
    match live.orders.get_mut(&number) {
        Some(order) if order.paid.is_some() => Err(no(400, "ORDER_PAID", "该订单已支付")),
        Some(order) => {
            order.closed = true;
            Ok(None)
        }
        None => {
            let now = beijing(turn.now_ms);
            match world.season.payment(Channel::Wechat, &number, now) {
                Some(_) => Err(no(400, "ORDER_PAID", "该订单已支付")),
                None => Err(invalid("订单不存在")),
            }
        }
    }
}
