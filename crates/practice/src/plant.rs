//! Scenes with something wrong in them, each with the answer noted.

use crate::account::Move;
use crate::day::{Oddity, Payment, RefundAsk, World, fee_of};
use crate::model::{BankLine, Channel, FundKind, Hidden, OrderStatus, RefundState};
use crate::options::Kind;
use crate::plan::Scene;
use crate::rng::Rng;
use crate::sales::{cut_off, refund_slip};
use crate::time::{At, date_text};
use crate::truth::Component;

/// Plays the scene that begins on `day`. Scenes of payouts and lost files play elsewhere.
pub(crate) fn play(world: &mut World, channel: Channel, scene: Scene, day: i32, rng: &mut Rng) {
    let at = At::new(day, rng.between(9 * 3600, 17 * 3600));
    match scene {
        Scene::OrderOnly
        | Scene::NoOrder
        | Scene::LatePaid
        | Scene::Canceled
        | Scene::PaidTwice
        | Scene::OtherAmount
        | Scene::OneFen
        | Scene::OtherCurrency
        | Scene::UnpaidPaid
        | Scene::RefundedWithout => of_order(world, channel, scene, at),
        Scene::RefundUnasked
        | Scene::RefundOther
        | Scene::RefundStale
        | Scene::RefundFailed
        | Scene::RefundClosed
        | Scene::FeeKept
        | Scene::ShareKept => of_refund(world, channel, scene, at),
        Scene::Truncated | Scene::FeeHigh | Scene::CouponUnpaid => {
            of_fee(world, channel, scene, at);
        }
        Scene::TradePaymentGone
        | Scene::TradeRefundGone
        | Scene::RowGoneIntact
        | Scene::RowGoneAdjusted => of_row(world, channel, scene, at),
        Scene::UnknownRow => unknown_row(world, channel, at),
        Scene::CutOffPayment | Scene::CutOffRefund => slipped(world, channel, scene, day),
        Scene::Deposit => deposit(world, At::new(day, 11 * 3600)),
        Scene::NegativeDay => negative_day(world, channel, at),
        Scene::FundDayGone
        | Scene::TradeDayGone
        | Scene::Short
        | Scene::Over
        | Scene::Late
        | Scene::NotInBank
        | Scene::Returned
        | Scene::Merged
        | Scene::TwoLines
        | Scene::Manual => {}
    }
}

fn pay_for(world: &mut World, channel: Channel, at: At, amount: i64) -> Payment {
    world.payment(channel, at, (amount, amount, 0), ("曲奇礼盒", 2718))
}

/// Pays, and lists the order as paid.
fn sell(world: &mut World, channel: Channel, at: At, amount: i64) -> Payment {
    let p = pay_for(world, channel, at, amount);
    world.pay(&p, Oddity::NONE);
    let order = world.order_of(&p);
    world.list(order);
    p
}

fn of_order(world: &mut World, channel: Channel, scene: Scene, at: At) {
    let amount = 4680;
    let mut p = pay_for(world, channel, at, amount);
    let mut order = world.order_of(&p);
    let record = format!("order:{}", p.order_id);
    let say = |field, expected: &str, found: &str| (field, expected.into(), found.into());
    if scene != Scene::OrderOnly {
        world.pay(&p, Oddity::NONE);
    }
    let (kind, record, fields, effect) = match scene {
        Scene::OrderOnly => {
            let fields = say("payment", "4680", "");
            (Kind::OrderWithoutPayment, record, fields, -amount)
        }
        Scene::NoOrder => {
            let fields = say("order", &p.order_id, "");
            (Kind::PaymentWithoutOrder, format!("payment:{}", p.id), fields, amount)
        }
        Scene::LatePaid => {
            order.status = OrderStatus::Closed;
            order.paid = None;
            order.closed = Some(p.at.minus(10));
            (Kind::PaidAfterClose, record, say("status", "closed", "paid"), amount)
        }
        Scene::Canceled => {
            order.status = OrderStatus::Canceled;
            order.closed = Some(p.at.plus(3600));
            world.refund(&mut p, RefundAsk::new(at.plus(5400), 1200));
            (Kind::CanceledButPaid, record, say("status", "canceled", "paid"), amount - 1200)
        }
        Scene::PaidTwice => {
            let mut second = pay_for(world, channel, at.plus(240), amount);
            (second.order_id, second.created) = (p.order_id.clone(), p.created);
            world.pay(&second, Oddity::NONE);
            let record = format!("payment:{}", second.id);
            (Kind::DuplicatePayment, record, say("payments", "1", "2"), amount)
        }
        Scene::OtherAmount => {
            order.amount = amount + 300;
            (Kind::AmountMismatch, record, say("amount", "4980", "4680"), -300)
        }
        Scene::OneFen => {
            order.amount = amount - 1;
            (Kind::RoundingDifference, record, say("amount", "4679", "4680"), 1)
        }
        Scene::OtherCurrency => {
            order.currency = "USD";
            (Kind::CurrencyMismatch, record, say("currency", "USD", "CNY"), 0)
        }
        Scene::UnpaidPaid => {
            order.status = OrderStatus::Unpaid;
            order.paid = None;
            (Kind::StatusMismatch, record, say("status", "unpaid", "paid"), 0)
        }
        _ => {
            order.status = OrderStatus::Refunded;
            (Kind::StatusMismatch, record, say("status", "refunded", "paid"), 0)
        }
    };
    world.problem(kind, record, (channel, at.day), fields, effect);
    if scene != Scene::NoOrder {
        world.list(order);
    }
}

fn of_refund(world: &mut World, channel: Channel, scene: Scene, at: At) {
    let mut p = sell(world, channel, at, 8800);
    let mut ask = RefundAsk::new(at.plus(7200), 2500);
    let text = |n: i64| n.to_string();
    let (kind, fields, effect) = match scene {
        Scene::RefundUnasked => {
            ask.listed = None;
            (Kind::RefundWithoutInstruction, ("instruction", "2500".into(), String::new()), -2500)
        }
        Scene::RefundOther => {
            ask.listed = Some(2000);
            (Kind::RefundAmountMismatch, ("amount", text(-2000), text(-2500)), -500)
        }
        Scene::RefundStale => {
            ask.state = RefundState::Processing;
            (Kind::RefundStateStale, ("status", "succeeded".into(), "pending".into()), 0)
        }
        Scene::RefundFailed | Scene::RefundClosed => {
            // Small enough to have no fee, so that what comes back is what went.
            ask.asked = 80;
            ask.listed = Some(80);
            let failed = scene == Scene::RefundFailed;
            ask.state = if failed { RefundState::Failed } else { RefundState::Processing };
            (Kind::RefundClosedByChannel, ("status", "succeeded".into(), "closed".into()), 80)
        }
        Scene::FeeKept => {
            ask.fee = Some(0);
            (Kind::FeeNotReturned, ("fee", text(15), text(0)), -15)
        }
        _ => {
            world.move_of(&p, at.plus(300), FundKind::SplitPaid, -880);
            (ask.asked, ask.listed) = (8800, Some(8800));
            (Kind::SplitNotReturned, ("split", text(880), text(0)), -880)
        }
    };
    let done = world.refund(&mut p, ask);
    if ask.asked == 80 {
        let days = i32::from(scene == Scene::RefundClosed);
        let back = At::new(at.day + days, ask.at.sec + 1800);
        closed_refund(world, &p, back, (done.channel_id.clone(), done.merchant_id.clone()));
    }
    let record = match scene {
        Scene::ShareKept => format!("payment:{}", p.id),
        _ => format!("refund:{}", done.merchant_id),
    };
    if scene == Scene::ShareKept
        && let Some(order) =
            world.bucket(at.day).orders.iter_mut().find(|order| order.id == p.order_id)
    {
        order.status = OrderStatus::Refunded;
    }
    world.problem(kind, record, (channel, at.day), fields, effect);
}

/// The money of a refund comes back.
fn closed_refund(world: &mut World, p: &Payment, at: At, (number, merchant): (String, String)) {
    let m = Move {
        number,
        ledger: Some(p.id.clone()),
        merchant_ref: merchant,
        payment_id: p.id.clone(),
        remark: Some((80, 0)),
        goods: p.goods,
        buyer: p.buyer,
        ..Move::new(at.sec, FundKind::RefundClosed, 80, Component::Refunds)
    };
    world.bucket(at.day).moves[p.channel.index()].push(m);
}

fn of_fee(world: &mut World, channel: Channel, scene: Scene, at: At) {
    let text = |n: i64| n.to_string();
    let mut odd = Oddity::NONE;
    let (p, kind, fields, effect) = match scene {
        Scene::Truncated => {
            // 12.90 × 0.60 % is 7.74 fen: 8 half-up, 7 cut off.
            let mut p = pay_for(world, channel, at, 1290);
            p.fee = 7;
            (p, Kind::RoundingDifference, ("fee", text(-8), text(-7)), 1)
        }
        Scene::FeeHigh => {
            // One per cent instead of 0.60 %.
            let mut p = pay_for(world, channel, at, 8800);
            let right = fee_of(8800);
            p.fee = 88;
            (p, Kind::FeeMismatch, ("fee", text(-right), text(-88)), right - 88)
        }
        _ => {
            let p = world.payment(channel, at, (8800, 8800, 500), ("曲奇礼盒", 2718));
            odd.withheld = 500;
            (p, Kind::SubsidyNotCredited, ("amount", text(8800), text(8300)), -500)
        }
    };
    world.pay(&p, odd);
    let order = world.order_of(&p);
    world.list(order);
    world.problem(kind, format!("payment:{}", p.id), (channel, at.day), fields, effect);
}

fn of_row(world: &mut World, channel: Channel, scene: Scene, at: At) {
    let mut odd = Oddity::NONE;
    let missing = |id: &str| (format!("fund:{id}"), ("trade_row", "1".into(), "0".into()));
    match scene {
        Scene::TradePaymentGone => {
            // Without an order, for a paid order whose line is lost would look unpaid as well.
            odd.line_hidden = true;
            let p = pay_for(world, channel, at, 3600);
            world.pay(&p, odd);
            let (record, fields) = missing(&p.id);
            world.problem(Kind::MissingInTradeBill, record, (channel, at.day), fields, 0);
        }
        Scene::TradeRefundGone => {
            odd.line_hidden = true;
            let mut p = sell(world, channel, at, 8800);
            let ask = RefundAsk { odd, ..RefundAsk::new(at.plus(3600), 1800) };
            let done = world.refund(&mut p, ask);
            let (record, fields) = missing(&done.channel_id);
            world.problem(Kind::MissingInTradeBill, record, (channel, at.day), fields, 0);
        }
        // The account notes what these two leave out, when it books the day.
        Scene::RowGoneIntact => {
            odd.row = Hidden::SummaryIntact;
            let p = pay_for(world, channel, at, 6900);
            world.pay(&p, odd);
            let order = world.order_of(&p);
            world.list(order);
        }
        _ => {
            odd.row = Hidden::SummaryAdjusted;
            let mut p = sell(world, channel, at, 8600);
            world.refund(&mut p, RefundAsk { odd, ..RefundAsk::new(at.plus(3600), 2600) });
        }
    }
}

fn unknown_row(world: &mut World, channel: Channel, at: At) {
    let number = world.ids.other(channel, at.day);
    let amount = -990;
    let mut m = Move::new(at.sec, FundKind::Unknown, amount, Component::Unexplained);
    m.merchant_ref = number.clone();
    let m = m.numbered(number);
    world.bucket(at.day).moves[channel.index()].push(m);
}

fn slipped(world: &mut World, channel: Channel, scene: Scene, day: i32) {
    let (at, booked) = (At::new(day, 86_397), At::new(day + 1, 2));
    if scene == Scene::CutOffPayment {
        let p = pay_for(world, channel, at, 5900);
        world.pay(&p, Oddity::booked(booked));
        cut_off(world, format!("payment:{}", p.id), channel, day, booked.day);
        let order = world.order_of(&p);
        world.list(order);
    } else {
        let mut p = sell(world, channel, At::new(day, 70_000), 5900);
        refund_slip(world, &mut p, at, booked);
    }
}

/// Money from nowhere. The bank's number is given when the day's lines are put in order.
fn deposit(world: &mut World, at: At) {
    world.bucket(at.day).bank.push(BankLine {
        at,
        amount: 6_666,
        balance: 0,
        counterparty: crate::shop::TENPAY,
        memo: "其他入账".into(),
        bank_ref: String::new(),
    });
}

/// A big order is given back two days later, on a morning without payout.
fn negative_day(world: &mut World, channel: Channel, at: At) {
    let amount = 100_000 + i64::from(world.options.size) * 6000;
    let mut p = world.payment(channel, at, (amount, amount, 0), ("新春礼盒", 88));
    world.pay(&p, Oddity::NONE);
    let mut order = world.order_of(&p);
    order.status = OrderStatus::Refunded;
    world.list(order);
    world.refund(&mut p, RefundAsk::new(At::new(at.day + 2, 18 * 3600), amount));
}

/// What the account left out of its file on `day`.
pub(crate) fn rows_gone(world: &mut World, channel: Channel, day: i32, gone: Vec<(String, i64)>) {
    for (record, amount) in gone {
        let fields = ("fund_row", amount.to_string(), String::new());
        world.problem(Kind::MissingInFundBill, record, (channel, day), fields, amount);
    }
}

/// A whole fund bill is lost.
pub(crate) fn day_gone(world: &mut World, channel: Channel, day: i32, amount: i64) {
    let fields = ("balance", amount.to_string(), "0".into());
    let record = format!("day:{}", date_text(day));
    world.problem(Kind::MissingInFundBill, record, (channel, day), fields, amount);
}

/// Rows no list explains.
pub(crate) fn rows_unknown(
    world: &mut World,
    channel: Channel,
    day: i32,
    rows: Vec<(String, i64)>,
) {
    for (ledger, amount) in rows {
        let fields = ("kind", "known".into(), "unknown".into());
        world.problem(Kind::UnknownRow, format!("fund:{ledger}"), (channel, day), fields, amount);
    }
}
