//! The worked day: WeChat, 2026-04-14, paid out as 344.14 on the next morning.

use crate::day::{Oddity, RefundAsk, World};
use crate::model::{Channel, FundKind};
use crate::time::At;
use crate::truth::Component;

/// Days before the worked day on which the 20.00 are frozen that it releases.
pub(crate) const HELD_BEFORE: i32 = 4;

fn at(day: i32, hour: u32, minute: u32, second: u32) -> At {
    At::new(day, hour * 3600 + minute * 60 + second)
}

/// The payment whose 20.00 are frozen until the worked day.
pub(crate) fn hold(world: &mut World, golden: i32) {
    let paid_at = at(golden - HELD_BEFORE, 15, 12, 9);
    let p = world.payment(Channel::Wechat, paid_at, (3800, 3800, 0), ("手冲·耶加雪菲", 4021));
    world.pay(&p, Oddity::NONE);
    world.move_of(&p, paid_at.plus(61), FundKind::Held, -2000);
    // Half an hour after midnight, so that the charge at 03:12 finds money on the account.
    world.move_of(&p, at(golden, 0, 31, 7), FundKind::Released, 2000);
    let order = world.order_of(&p);
    world.list(order);
}

/// Everything that happens on WeChat on the worked day, but the release.
pub(crate) fn day(world: &mut World, golden: i32) {
    let charge = (FundKind::ServiceCharge, Component::AccountCharges);
    world.move_alone(Channel::Wechat, at(golden, 3, 12, 44), charge.0, -100, charge.1);
    let sales = [
        (at(golden, 9, 12, 8), 12_800, "新春礼盒", 3107),
        (at(golden, 10, 40, 31), 3999, "巴斯克芝士蛋糕", 1188),
        (at(golden, 11, 5, 20), 500, "定制贺卡", 2216),
        (at(golden, 13, 22, 47), 25_600, "草莓奶油蛋糕 8寸", 905),
        (at(golden, 16, 48, 2), 99, "外带纸袋", 4021),
    ];
    for (paid_at, amount, goods, buyer) in sales {
        let mut p = world.payment(Channel::Wechat, paid_at, (amount, amount, 0), (goods, buyer));
        world.pay(&p, Oddity::NONE);
        match amount {
            12_800 => world.move_of(&p, at(golden, 9, 42, 10), FundKind::SplitPaid, -1280),
            3999 => {
                world.move_of(&p, at(golden, 10, 41, 31), FundKind::Held, -3975);
                if let Some(day) = world.plan.next_open(Channel::Wechat, golden + 6) {
                    world.move_of(&p, at(day, 11, 0, 0), FundKind::Released, 3975);
                }
            }
            25_600 => {
                world.refund(&mut p, RefundAsk::new(at(golden, 17, 30, 15), 5000));
            }
            _ => {}
        }
        let order = world.order_of(&p);
        world.list(order);
    }
}
