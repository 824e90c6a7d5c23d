//! When things out of the ordinary happen, fixed before the first day.

use crate::model::Channel;
use crate::options::{Kind, Options, Plant, Span};
use crate::rng::Rng;
use crate::time::day_of;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// A scene out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scene {
    OrderOnly,
    NoOrder,
    LatePaid,
    Canceled,
    PaidTwice,
    OtherAmount,
    OneFen,
    Truncated,
    OtherCurrency,
    UnpaidPaid,
    RefundedWithout,
    TradePaymentGone,
    TradeRefundGone,
    RowGoneIntact,
    RowGoneAdjusted,
    FundDayGone,
    TradeDayGone,
    RefundUnasked,
    RefundOther,
    RefundStale,
    RefundFailed,
    RefundClosed,
    FeeHigh,
    FeeKept,
    CouponUnpaid,
    ShareKept,
    Short,
    Over,
    Late,
    NotInBank,
    Returned,
    Deposit,
    UnknownRow,
    CutOffPayment,
    CutOffRefund,
    Merged,
    TwoLines,
    NegativeDay,
    Manual,
}

use Channel::{Alipay as A, Wechat as W};

/// Scene, its kind, its channel, and how many days in a row it needs for itself.
type Entry = (Scene, Option<Kind>, Channel, usize);

/// Together these show every kind.
const NEEDED: &[Entry] = &[
    (Scene::FundDayGone, Some(Kind::MissingInFundBill), A, 2),
    (Scene::FundDayGone, Some(Kind::MissingInFundBill), W, 2),
    (Scene::Returned, Some(Kind::PayoutReturned), W, 3),
    (Scene::RefundClosed, Some(Kind::RefundClosedByChannel), W, 2),
    (Scene::CutOffPayment, Some(Kind::CutOff), W, 2),
    (Scene::CutOffRefund, Some(Kind::CutOff), A, 2),
    (Scene::OrderOnly, Some(Kind::OrderWithoutPayment), W, 1),
    (Scene::NoOrder, Some(Kind::PaymentWithoutOrder), A, 1),
    (Scene::LatePaid, Some(Kind::PaidAfterClose), A, 1),
    (Scene::Canceled, Some(Kind::CanceledButPaid), W, 1),
    (Scene::PaidTwice, Some(Kind::DuplicatePayment), W, 1),
    (Scene::OtherAmount, Some(Kind::AmountMismatch), W, 1),
    (Scene::OneFen, Some(Kind::RoundingDifference), A, 1),
    (Scene::Truncated, Some(Kind::RoundingDifference), W, 1),
    (Scene::OtherCurrency, Some(Kind::CurrencyMismatch), A, 1),
    (Scene::UnpaidPaid, Some(Kind::StatusMismatch), W, 1),
    (Scene::RefundedWithout, Some(Kind::StatusMismatch), A, 1),
    (Scene::TradePaymentGone, Some(Kind::MissingInTradeBill), A, 1),
    (Scene::TradeRefundGone, Some(Kind::MissingInTradeBill), W, 1),
    (Scene::RowGoneIntact, Some(Kind::MissingInFundBill), W, 1),
    (Scene::RowGoneAdjusted, Some(Kind::MissingInFundBill), W, 1),
    (Scene::RefundUnasked, Some(Kind::RefundWithoutInstruction), A, 1),
    (Scene::RefundOther, Some(Kind::RefundAmountMismatch), A, 1),
    (Scene::RefundStale, Some(Kind::RefundStateStale), W, 1),
    (Scene::FeeHigh, Some(Kind::FeeMismatch), W, 1),
    (Scene::FeeKept, Some(Kind::FeeNotReturned), A, 1),
    (Scene::CouponUnpaid, Some(Kind::SubsidyNotCredited), W, 1),
    (Scene::ShareKept, Some(Kind::SplitNotReturned), W, 1),
    (Scene::Short, Some(Kind::PayoutShort), A, 1),
    (Scene::Over, Some(Kind::PayoutOver), W, 1),
    (Scene::Late, Some(Kind::PayoutLate), W, 1),
    (Scene::NotInBank, Some(Kind::PayoutNotInBank), A, 1),
    (Scene::UnknownRow, Some(Kind::UnknownRow), W, 1),
    (Scene::TradeDayGone, None, W, 1),
];

/// Natural, if not daily: no break comes of them.
const NATURAL: &[Entry] = &[
    (Scene::NegativeDay, None, W, 3),
    (Scene::Merged, None, W, 2),
    (Scene::TwoLines, None, W, 1),
    (Scene::Manual, None, W, 3),
];

/// The other channel's turn, where there is room.
const MORE: &[Entry] = &[
    (Scene::Returned, Some(Kind::PayoutReturned), A, 2),
    (Scene::RefundFailed, Some(Kind::RefundClosedByChannel), W, 1),
    (Scene::UnknownRow, Some(Kind::UnknownRow), A, 1),
    (Scene::FeeHigh, Some(Kind::FeeMismatch), A, 1),
    (Scene::Short, Some(Kind::PayoutShort), W, 1),
    (Scene::NotInBank, Some(Kind::PayoutNotInBank), W, 1),
    (Scene::Over, Some(Kind::PayoutOver), A, 1),
    (Scene::FeeKept, Some(Kind::FeeNotReturned), W, 1),
    (Scene::NoOrder, Some(Kind::PaymentWithoutOrder), W, 1),
    (Scene::CutOffRefund, Some(Kind::CutOff), W, 2),
    (Scene::TradePaymentGone, Some(Kind::MissingInTradeBill), W, 1),
    (Scene::RefundOther, Some(Kind::RefundAmountMismatch), W, 1),
];

/// Weekly charges of a kind nobody knows.
const TOOL_FEES: usize = 12;

/// Days after the last planted one, so that late and missing money shows.
const TAIL: i32 = 12;

/// The calendar of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub first: i32,
    pub last: i32,
    /// The worked day, 2026-04-14, when it is inside.
    pub golden: Option<i32>,
    /// The shop is closed.
    pub closed: BTreeSet<i32>,
    /// Scenes by first day.
    pub scenes: BTreeMap<i32, Vec<(Channel, Scene)>>,
    /// Days of one scene each, by channel.
    pub taken: [BTreeSet<i32>; 2],
    /// No payout that day.
    pub paused: [BTreeSet<i32>; 2],
    pub trade_missing: [BTreeSet<i32>; 2],
    pub fund_missing: [BTreeSet<i32>; 2],
    /// What happens to the payout of that day on its way.
    pub payout_scenes: [BTreeMap<i32, Scene>; 2],
    /// WeChat mornings on which the owner sends the money by hand and keeps some.
    pub manual: BTreeSet<i32>,
    /// WeChat days with the weekly charge that nobody knows.
    pub tool_fees: BTreeSet<i32>,
}

impl Plan {
    pub(crate) fn new(options: &Options) -> Self {
        let first = day_of(options.from);
        let days = options.days.max(1) as i32;
        let last = first + days - 1;
        let golden = NaiveDate::from_ymd_opt(2026, 4, 14)
            .map(day_of)
            .filter(|day| first + 5 <= *day && *day < last);
        let mut plan = Self { first, last, golden, ..Self::default() };
        let windows = (days / 90).max(1);
        for window in 0..windows {
            let from = first + days / windows * window;
            let until = if window + 1 == windows { last + 1 } else { from + days / windows };
            // Three days around the Spring Festival of a run that starts on 2026-01-15.
            if until - from > 45 {
                plan.closed.extend(from + 32..from + 35);
            }
            plan.fill(options, from + 3, until.min(last - TAIL), window as u64);
        }
        if options.planted == Plant::All {
            plan.charge_weekly();
        }
        plan
    }

    /// The last charge is two days before the worked day, so that its payout is among the newest;
    /// the others lie about a week apart before it, on days without a scene.
    fn charge_weekly(&mut self) {
        let Some(golden) = self.golden else { return };
        let mut day = golden - 2;
        self.tool_fees.insert(day);
        while self.tool_fees.len() < TOOL_FEES {
            let free = |day: &i32| self.is_free(W, *day);
            let Some(before) = (self.first + 3..=day - 5).rev().find(free) else { return };
            day = before;
            self.tool_fees.insert(day);
        }
    }

    fn fill(&mut self, options: &Options, from: i32, until: i32, window: u64) {
        let mut rng = Rng::new(options.seed, 0xA11 + window * 7919);
        let wanted = |entry: &&Entry| match &options.planted {
            Plant::All => true,
            Plant::None => false,
            Plant::Only(kinds) => entry.1.is_some_and(|kind| kinds.contains(&kind)),
        };
        // Only a bill of its own can be lost for a single day.
        let daily = options.layout.span == Span::Day;
        let possible =
            |entry: &&Entry| daily || !matches!(entry.0, Scene::FundDayGone | Scene::TradeDayGone);
        let planted = NEEDED.iter().filter(possible).filter(wanted);
        for entry in planted.chain(NATURAL).chain(MORE.iter().filter(wanted)) {
            let (scene, _, mut channel, length) = *entry;
            if scene == Scene::CouponUnpaid && options.layout.wechat_old {
                channel = A;
            }
            if let Some(day) = self.find(channel, from, until, length, &mut rng) {
                self.place(scene, channel, day, length);
            }
        }
        let deposit = match &options.planted {
            Plant::All => true,
            Plant::None => false,
            Plant::Only(kinds) => kinds.contains(&Kind::BankDepositUnmatched),
        };
        if deposit && from < until {
            let day = from + rng.below((until - from) as u32) as i32;
            self.scenes.entry(day).or_default().push((W, Scene::Deposit));
        }
    }

    /// A day from which `length` days are free.
    fn find(
        &self,
        channel: Channel,
        from: i32,
        until: i32,
        length: usize,
        rng: &mut Rng,
    ) -> Option<i32> {
        let free: Vec<i32> = (from..until - length as i32 + 1)
            .filter(|day| (*day..*day + length as i32).all(|d| self.is_free(channel, d)))
            .collect();
        if free.is_empty() {
            return None;
        }
        // Long scenes go to a snug place, or single days would leave no room for the next one.
        let snug: Vec<i32> = free
            .iter()
            .copied()
            .filter(|day| length > 1 && !self.is_free(channel, *day - 1))
            .collect();
        let choice = if snug.is_empty() { &free } else { &snug };
        Some(choice[rng.below(choice.len() as u32) as usize])
    }

    fn is_free(&self, channel: Channel, day: i32) -> bool {
        let near_golden =
            channel == W && self.golden.is_some_and(|g| (g - 4..=g + 1).contains(&day));
        !near_golden && !self.closed.contains(&day) && !self.taken[channel.index()].contains(&day)
    }

    fn place(&mut self, scene: Scene, channel: Channel, day: i32, length: usize) {
        let at = channel.index();
        self.taken[at].extend(day..day + length as i32);
        self.scenes.entry(day).or_default().push((channel, scene));
        // WeChat pays a day out on the next morning, Alipay in the same evening.
        let paid_on = if channel == W { day + 1 } else { day };
        match scene {
            Scene::FundDayGone => {
                // No payout on the lost day, else nobody could know of it.
                self.fund_missing[at].insert(paid_on);
                self.paused[at].insert(paid_on);
            }
            Scene::TradeDayGone => drop(self.trade_missing[at].insert(day)),
            Scene::Short
            | Scene::Over
            | Scene::Late
            | Scene::NotInBank
            | Scene::Returned
            | Scene::TwoLines
            | Scene::Merged => drop(self.payout_scenes[at].insert(paid_on, scene)),
            Scene::NegativeDay => drop(self.paused[at].insert(day + 2)),
            Scene::Manual => self.manual.extend(day..day + length as i32),
            _ => {}
        }
    }

    /// True when the channel sees no sale and no refund that day, or only the worked ones.
    pub(crate) fn is_quiet(&self, channel: Channel, day: i32) -> bool {
        let golden = channel == W && self.golden.is_some_and(|g| day == g || day == g - 1);
        golden || self.closed.contains(&day)
    }

    /// First day from `day` on which a refund or a release may be booked; `None` past the end.
    pub(crate) fn next_open(&self, channel: Channel, day: i32) -> Option<i32> {
        let at = channel.index();
        (day..=self.last)
            .find(|day| !self.is_quiet(channel, *day) && !self.trade_missing[at].contains(day))
    }

    /// True when a row of `day` may slip into the next day without touching a scene.
    pub(crate) fn may_slip(&self, channel: Channel, day: i32, by: i32) -> bool {
        day + by <= self.last
            && (day..=day + by).all(|d| {
                self.is_free(channel, d)
                    && !self.is_quiet(channel, d)
                    && !self.fund_missing[channel.index()].contains(&d)
            })
    }
}
