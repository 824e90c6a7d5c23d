//! An ordinary day: sales, coupons, refunds, splits, holds.

use crate::day::{Oddity, Payment, RefundAsk, World};
use crate::goods::basket;
use crate::model::{Channel, FundKind, Order, OrderStatus, PayChannel};
use crate::options::Kind;
use crate::rng::Rng;
use crate::time::{At, civil, date_text, weekday};
use crate::truth::Component;

const OPENING: u32 = 8 * 3600;
const CLOSING: u32 = 21 * 3600 + 1800;

/// Everything that happens by itself on `day`.
pub(crate) fn ordinary_day(world: &mut World, day: i32, rng: &mut Rng) {
    charges(world, day);
    if world.plan.tool_fees.contains(&day) {
        let part = Component::Unexplained;
        let at = At::new(day, 21 * 3600 + 2712);
        world.move_alone(Channel::Wechat, at, FundKind::ToolFee, -100, part);
    }
    if world.plan.closed.contains(&day) {
        return;
    }
    let size = world.options.size.max(1);
    let busy = if weekday(day) >= 5 { 1150 } else { 940 };
    let spread = 900 + rng.below(201);
    let count = (u64::from(size) * busy * u64::from(spread) / 1_000_000).max(2) as u32;
    let open = Channel::ALL.map(|channel| {
        let taken = world.plan.taken[channel.index()].contains(&day);
        !world.plan.is_quiet(channel, day) && (taken || size > 50 || !rng.per_mille(20))
    });
    for n in 0..count {
        let sec = OPENING + rng.below(CLOSING - OPENING);
        let channel = match (n, rng.below(100)) {
            (0, _) => Some(Channel::Wechat),
            (1, _) => Some(Channel::Alipay),
            (_, ..58) => Some(Channel::Wechat),
            (_, ..96) => Some(Channel::Alipay),
            _ => None,
        };
        match channel.filter(|channel| open[channel.index()]) {
            Some(channel) => sale(world, channel, At::new(day, sec), rng),
            None if channel.is_none() => cash(world, At::new(day, sec), rng),
            None => {}
        }
    }
    for channel in Channel::ALL.into_iter().filter(|channel| open[channel.index()]) {
        slips(world, channel, day, rng);
    }
}

/// Monthly fees, and money to and from others.
fn charges(world: &mut World, day: i32) {
    let (_, _, date) = civil(day);
    if world.plan.is_quiet(Channel::Wechat, day) || world.plan.is_quiet(Channel::Alipay, day) {
        return;
    }
    let at = |hour: u32| At::new(day, hour * 3600 + 707);
    match date {
        2 => {
            let (kind, part) = (FundKind::ServiceCharge, Component::AccountCharges);
            world.move_alone(Channel::Wechat, at(10), kind, -3000, part);
            world.move_alone(Channel::Alipay, at(11), kind, -2500, part);
        }
        6 => {
            let (kind, part) = (FundKind::ToolCharge, Component::AccountCharges);
            world.move_alone(Channel::Wechat, at(13), kind, -990, part);
        }
        9 => {
            let (kind, part) = (FundKind::TopUp, Component::TopUps);
            world.move_alone(Channel::Wechat, at(9), kind, 50_000, part);
        }
        10 => {
            let (kind, part) = (FundKind::TransferOut, Component::TransfersOut);
            world.move_alone(Channel::Wechat, at(15), kind, -32_000, part);
            world.move_alone(Channel::Alipay, at(15), kind, -8_800, part);
        }
        21 => {
            let (kind, part) = (FundKind::TopUp, Component::TopUps);
            world.move_alone(Channel::Alipay, at(9), kind, 20_000, part);
        }
        24 => {
            let (kind, part) = (FundKind::Adjustment, Component::Adjustments);
            world.move_alone(Channel::Wechat, at(16), kind, 37, part);
        }
        _ => {}
    }
}

fn cash(world: &mut World, at: At, rng: &mut Rng) {
    let (goods, amount) = basket(rng);
    let id = world.ids.order(at.day);
    world.list(Order {
        id,
        created: at.minus(40),
        paid: Some(at),
        closed: None,
        status: OrderStatus::Paid,
        amount,
        currency: "CNY",
        channel: PayChannel::Cash,
        goods,
        buyer: rng.below(5000),
    });
}

/// A payment with the discounts of the day.
pub(crate) fn draw(world: &mut World, channel: Channel, at: At, rng: &mut Rng) -> Payment {
    let (goods, total) = basket(rng);
    let coupons = channel == Channel::Alipay || !world.options.layout.wechat_old;
    let luck = rng.below(1000);
    let discount = if coupons && luck < 80 && total >= 2000 { total / 10 } else { 0 };
    let subsidy = if coupons && (80..140).contains(&luck) && total >= 1500 { 300 } else { 0 };
    let settled = total - discount;
    world.payment(channel, at, (total, settled, subsidy), (goods, rng.below(5000)))
}

fn sale(world: &mut World, channel: Channel, at: At, rng: &mut Rng) {
    let mut p = draw(world, channel, at, rng);
    let mut order = world.order_of(&p);
    match rng.below(1000) {
        // Never paid: the shop closes it, or the buyer calls it off.
        ..30 => {
            order.paid = None;
            order.closed = Some(p.created.plus(1800));
            order.status = OrderStatus::Closed;
            world.list(order);
            return;
        }
        30..38 => {
            order.paid = None;
            order.closed = Some(p.created.plus(240));
            order.status = OrderStatus::Canceled;
            world.list(order);
            return;
        }
        38..88 => {
            world.pay(&p, Oddity::NONE);
            if refunds(world, &mut p, rng) {
                order.status = OrderStatus::Refunded;
            }
            world.list(order);
            return;
        }
        // Called off or closed too late, and given back at once: nothing is wrong with that.
        88..91 => {
            let late = rng.per_mille(500);
            order.status = if late { OrderStatus::Closed } else { OrderStatus::Canceled };
            order.closed = Some(if late { p.at.minus(5) } else { p.at.plus(60) });
            let back = usable(world, channel, at.day) && at.sec < CLOSING - 700;
            if !back {
                order.status = OrderStatus::Paid;
                order.closed = None;
            }
            world.pay(&p, Oddity::NONE);
            if back {
                let total = p.total;
                world.refund(&mut p, RefundAsk::new(at.plus(600), total));
            }
        }
        91..131 => {
            world.pay(&p, Oddity::NONE);
            world.move_of(&p, at.plus(180), FundKind::SplitPaid, -(p.settled / 10));
            if rng.per_mille(80) && usable(world, channel, at.day) && at.sec < CLOSING - 2000 {
                world.move_of(&p, at.plus(1500), FundKind::SplitReturned, p.settled / 10);
                let total = p.total;
                world.refund(&mut p, RefundAsk::new(at.plus(1560), total));
                order.status = OrderStatus::Refunded;
            }
        }
        131..146 => {
            world.pay(&p, Oddity::NONE);
            let net = p.settled - p.fee;
            world.move_of(&p, at.plus(60), FundKind::Held, -net);
            let free = at.day + rng.between(3, 8) as i32;
            if let Some(free) = world.plan.next_open(channel, free) {
                let sec = rng.between(10 * 3600, 18 * 3600);
                world.move_of(&p, At::new(free, sec), FundKind::Released, net);
            }
        }
        _ => world.pay(&p, Oddity::NONE),
    }
    world.list(order);
}

fn usable(world: &World, channel: Channel, day: i32) -> bool {
    world.plan.next_open(channel, day) == Some(day)
}

/// One or two refunds, today or later; true when all was given back.
fn refunds(world: &mut World, p: &mut Payment, rng: &mut Rng) -> bool {
    let whole = rng.per_mille(450);
    let first = if whole { p.total } else { (p.total * 2 / 5).max(1) };
    let later = rng.per_mille(550);
    let wanted = p.at.day + if later { rng.between(1, 10) as i32 } else { 0 };
    let Some(day) = world.plan.next_open(p.channel, wanted) else { return false };
    let sec = rng.between(14 * 3600, CLOSING);
    let at = if day == p.at.day { p.at.plus(900) } else { At::new(day, sec) };
    world.refund(p, RefundAsk::new(at, first));
    if whole {
        return true;
    }
    if rng.per_mille(300) {
        let rest = p.total - first;
        let day = at.day + rng.between(1, 4) as i32;
        if let Some(day) = world.plan.next_open(p.channel, day) {
            world.refund(p, RefundAsk::new(At::new(day, sec), rest));
            return true;
        }
    }
    false
}

/// Now and then a row is booked on a later day than its trade.
fn slips(world: &mut World, channel: Channel, day: i32, rng: &mut Rng) {
    let luck = rng.below(60);
    let by = if luck == 0 { 2 } else { 1 };
    if luck > 6 || !world.plan.may_slip(channel, day, by) {
        return;
    }
    let (at, booked) = match luck {
        // A row added at the end of a later bill.
        0 => (At::new(day, 14 * 3600 + 333), At::new(day + 2, 86_390 - rng.below(900))),
        _ => (At::new(day, 86_390 + rng.below(10)), At::new(day + 1, 1 + rng.below(5))),
    };
    let mut p = draw(world, channel, at, rng);
    if luck == 6 {
        p.at = At::new(day, 20 * 3600 + 77);
        p.created = p.at.minus(45);
        world.pay(&p, Oddity::NONE);
        refund_slip(world, &mut p, at, booked);
    } else {
        world.pay(&p, Oddity::booked(booked));
        cut_off(world, format!("payment:{}", p.id), channel, day, booked.day);
    }
    let order = world.order_of(&p);
    world.list(order);
}

/// A partial refund just before midnight, booked after it.
pub(crate) fn refund_slip(world: &mut World, p: &mut Payment, at: At, booked: At) {
    let asked = (p.total / 2).max(1);
    let odd = Oddity::booked(booked);
    let done = world.refund(p, RefundAsk { odd, ..RefundAsk::new(at, asked) });
    cut_off(world, format!("refund:{}", done.merchant_id), p.channel, at.day, booked.day);
}

/// Notes a row booked on a later day.
pub(crate) fn cut_off(world: &mut World, record: String, channel: Channel, day: i32, booked: i32) {
    let fields = ("day", date_text(day), date_text(booked));
    world.problem(Kind::CutOff, record, (channel, day), fields, 0);
}
