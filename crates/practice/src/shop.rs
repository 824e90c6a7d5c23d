//! The shop, day after day.

use crate::account::{Account, Keep, Move, Paid, PayoutAsk};
use crate::day::World;
use crate::ids::Ids;
use crate::model::{BankLine, Channel, ChannelDay, Day, FundKind, FundRow, Hidden};
use crate::options::{Kind, Options, Span};
use crate::plan::{Plan, Scene};
use crate::rng::Rng;
use crate::time::{At, compact_date, date_text, weekday};
use crate::truth::{
    BalanceTruth, Certificate, Component, Components, LedgerTruth, PayoutTruth, Truth,
};
use crate::{golden, plant, sales};
use std::collections::{BTreeMap, BTreeSet};

/// Who sends WeChat's payouts, in the bank's words.
pub(crate) const TENPAY: &str = "财付通支付科技有限公司";
const ALIPAY_SENDER: &str = "支付宝(中国)网络技术有限公司";
const BANK_OPENING: i64 = 5_000_000;

/// The shop: an iterator over its days that holds no more than what later days need.
#[derive(Debug)]
pub struct Shop {
    world: World,
    accounts: [Account; 2],
    today: i32,
    bank_balance: i64,
    bank_sums: (i64, i64),
    payouts: Vec<PayoutTruth>,
    certificates: Vec<Certificate>,
    /// A payout waiting to share a bank line with the next one.
    merging: Option<Paid>,
    /// Days whose files are downloaded twice.
    downloads: BTreeSet<i32>,
}

/// Opens the shop; take its days in order, then ask for the truth.
pub fn generate(options: &Options) -> Shop {
    let plan = Plan::new(options);
    let mut downloads = BTreeSet::new();
    if options.layout.span == Span::Day {
        downloads.extend((plan.first..plan.last).filter(|day| (day - plan.first) % 45 == 20));
    }
    Shop {
        today: plan.first,
        world: World {
            options: options.clone(),
            plan,
            ids: Ids::default(),
            buckets: BTreeMap::new(),
            problems: Vec::new(),
            trade_gaps: Vec::new(),
        },
        accounts: Channel::ALL.map(Account::new),
        bank_balance: BANK_OPENING,
        bank_sums: (0, 0),
        payouts: Vec::new(),
        certificates: Vec::new(),
        merging: None,
        downloads,
    }
}

impl Iterator for Shop {
    type Item = Day;

    fn next(&mut self) -> Option<Day> {
        let day = self.today;
        if day > self.world.plan.last {
            return None;
        }
        self.today += 1;
        self.world.ids.new_day();
        self.play(day);
        let [wechat, alipay] = Channel::ALL.map(|channel| self.close_channel(channel, day));
        let bank = self.close_bank(day);
        let bucket = self.world.buckets.remove(&day).unwrap_or_default();
        let (mut orders, mut refunds) = (bucket.orders, bucket.refunds);
        orders.sort_by_key(|order| order.created);
        refunds.sort_by_key(|refund| refund.asked_at);
        Some(Day { day, orders, refunds, wechat, alipay, bank })
    }
}

impl Shop {
    /// Everything there is to find, complete once the last day was taken.
    pub fn truth(&self) -> Truth {
        let options = &self.world.options;
        let mut truth = Truth {
            seed: options.seed,
            days: options.days,
            size: options.size,
            from: date_text(self.world.plan.first),
            to: date_text(self.world.plan.last),
            payouts: self.payouts.clone(),
            problems: self.world.problems.clone(),
            certificates: self.certificates.clone(),
            ..Truth::default()
        };
        truth
            .problems
            .sort_by(|a, b| (&a.day, &a.record, a.kind).cmp(&(&b.day, &b.record, b.kind)));
        for account in &self.accounts {
            let (channel, account_no) = (account.channel.code(), account.channel.account_no());
            let balance_minor = account.balance;
            truth.accounts.push(BalanceTruth { channel, account_no, balance_minor });
            truth.ledger.push(LedgerTruth {
                channel,
                account_no,
                opening_minor: 0,
                components: account.totals,
                paid_out_minor: account.paid_out,
                returned_minor: account.returned,
                closing_minor: balance_minor,
            });
        }
        let (channel, account_no) = ("bank", crate::BANK_ACCOUNT);
        let balance_minor = self.bank_balance;
        truth.accounts.push(BalanceTruth { channel, account_no, balance_minor });
        truth.ledger.push(LedgerTruth {
            channel,
            account_no,
            opening_minor: BANK_OPENING,
            components: Components::default(),
            paid_out_minor: self.bank_sums.1,
            returned_minor: self.bank_sums.0,
            closing_minor: balance_minor,
        });
        truth
    }

    fn play(&mut self, day: i32) {
        let seed = self.world.options.seed;
        let mut rng = Rng::new(seed, (day as u64) << 8);
        if let Some(golden) = self.world.plan.golden {
            if day == golden - golden::HELD_BEFORE {
                golden::hold(&mut self.world, golden);
            }
            if day == golden {
                golden::day(&mut self.world, golden);
            }
        }
        let mut scene_rng = Rng::new(seed, (day as u64) << 8 | 1);
        for (channel, scene) in self.world.plan.scenes.get(&day).cloned().unwrap_or_default() {
            plant::play(&mut self.world, channel, scene, day, &mut scene_rng);
        }
        sales::ordinary_day(&mut self.world, day, &mut rng);
    }

    fn close_channel(&mut self, channel: Channel, day: i32) -> ChannelDay {
        let at = channel.index();
        let bucket = self.world.bucket(day);
        let moves = std::mem::take(&mut bucket.moves[at]);
        let mut trade = std::mem::take(&mut bucket.trade[at]);
        trade.sort_by_key(|line| line.at);
        let ask = self.payout_due(channel, day);
        let lost = self.world.plan.fund_missing[at].contains(&day);
        let booked = self.accounts[at].book(day, moves, ask, lost, &mut self.world.ids);
        if let Some(paid) = booked.paid {
            self.send(channel, paid);
        }
        let gone = !booked.deleted.is_empty();
        plant::rows_gone(&mut self.world, channel, day, booked.deleted);
        plant::rows_unknown(&mut self.world, channel, day, booked.unknown);
        if lost {
            plant::day_gone(&mut self.world, channel, day, booked.moved);
        }
        let trade_missing = self.world.plan.trade_missing[at].contains(&day);
        self.certify(channel, day, (trade_missing, lost, gone));
        ChannelDay {
            trade,
            fund: booked.rows,
            trade_missing,
            fund_missing: lost,
            twice: self.downloads.contains(&day),
        }
    }

    fn certify(&mut self, channel: Channel, day: i32, lost: (bool, bool, bool)) {
        let (trade_lost, fund_lost, row_gone) = lost;
        let gap = self.world.trade_gaps.contains(&(channel, day));
        let trade = if trade_lost || gap { "incomplete" } else { "complete" };
        let fund = match (fund_lost, row_gone) {
            (true, _) => "incomplete",
            (_, true) => "contradictory",
            _ => "complete",
        };
        for (stream, verdict) in [("trade", trade), ("fund", fund)] {
            self.certificates.push(Certificate {
                channel: channel.code(),
                account_no: channel.account_no(),
                stream,
                day: date_text(day),
                verdict,
            });
        }
    }

    /// The payout that is due on `day`, if the channel makes one.
    fn payout_due(&mut self, channel: Channel, day: i32) -> Option<PayoutAsk> {
        let plan = &self.world.plan;
        let at = channel.index();
        if plan.paused[at].contains(&day) {
            return None;
        }
        let mut rng = Rng::new(self.world.options.seed, (day as u64) << 8 | 2);
        let (sec, keep, kind) = match channel {
            Channel::Wechat if plan.golden == Some(day) => return None,
            Channel::Wechat if plan.manual.contains(&day) => {
                let keep = Keep::PerMille(i64::from(rng.between(150, 500)));
                (7 * 3600 + rng.below(900), keep, FundKind::ManualPayout)
            }
            Channel::Wechat => (4 * 3600 + rng.below(5400), Keep::Nothing, FundKind::AutoPayout),
            Channel::Alipay if plan.closed.contains(&day) => return None,
            Channel::Alipay => {
                let taken = plan.taken[at].contains(&day);
                match weekday(day) {
                    // On Sundays the owner rests.
                    6 if !taken => return None,
                    2 if !taken => (81_000, Keep::Rest, FundKind::ManualPayout),
                    _ => (81_000 + rng.below(900), Keep::Nothing, FundKind::ManualPayout),
                }
            }
        };
        let number = self.world.ids.payout(channel, day);
        Some(PayoutAsk { sec, keep, kind, number })
    }

    /// A payout leaves for the bank, and arrives, or not.
    fn send(&mut self, channel: Channel, paid: Paid) {
        let day = paid.at.day;
        let scene = self.world.plan.payout_scenes[channel.index()].get(&day).copied();
        let usual = self.arrival(channel, day);
        let (mut bank_day, mut amount) = (Some(usual), paid.amount);
        match scene {
            Some(Scene::Short) => amount -= 200.min(amount - 1),
            Some(Scene::Over) => amount += 150,
            Some(Scene::Late) => bank_day = Some(day + 4),
            Some(Scene::NotInBank | Scene::Returned) => bank_day = None,
            // It waits for the next payout, and arrives with it.
            Some(Scene::Merged) => bank_day = None,
            _ => {}
        }
        let merged = self.merging.take_if(|_| channel == Channel::Wechat);
        if let Some(first) = &merged {
            bank_day = Some(day);
            self.note_merged(channel, first, day);
        }
        let arrives = bank_day.filter(|day| *day <= self.world.plan.last);
        self.note_payout(channel, &paid, scene, (arrives, amount));
        if scene == Some(Scene::Returned) {
            self.take_back(channel, &paid);
        }
        if scene == Some(Scene::Merged) {
            self.merging = Some(paid);
            return;
        }
        let Some(bank_day) = bank_day else { return };
        let whole = amount + merged.map_or(0, |first| first.amount);
        let parts = match scene {
            Some(Scene::TwoLines) if whole > 1 => vec![whole * 3 / 5, whole - whole * 3 / 5],
            _ => vec![whole],
        };
        for (n, part) in parts.into_iter().enumerate() {
            self.deposit(channel, bank_day, &paid, part, n as u32);
        }
    }

    fn deposit(&mut self, channel: Channel, day: i32, paid: &Paid, amount: i64, nth: u32) {
        let (counterparty, memo) = match channel {
            Channel::Wechat => {
                let date = compact_date(paid.at.day);
                (TENPAY, format!("{}_{}", &date[4..], crate::WECHAT_MERCHANT))
            }
            Channel::Alipay => (ALIPAY_SENDER, format!("支付宝提现 {}", paid.number)),
        };
        let at = At::new(day, 9 * 3600 + 1800 + nth * 60 + channel as u32 * 1234);
        let (balance, bank_ref) = (0, String::new());
        let line = BankLine { at, amount, balance, counterparty, memo, bank_ref };
        self.world.bucket(day).bank.push(line);
    }

    /// Day a payout of `day` reaches the bank when all goes well: within two days.
    fn arrival(&self, channel: Channel, day: i32) -> i32 {
        let mut rng = Rng::new(self.world.options.seed, (day as u64) << 8 | 3);
        if self.world.plan.golden.is_some_and(|golden| day == golden + 1) {
            return day;
        }
        match (channel, weekday(day)) {
            (_, 5) => day + 2,
            (_, 6) => day + 1,
            (Channel::Wechat, _) => day + i32::from(rng.per_mille(250)),
            (Channel::Alipay, _) => day + 1,
        }
    }

    fn note_payout(
        &mut self,
        channel: Channel,
        paid: &Paid,
        scene: Option<Scene>,
        (arrives, amount): (Option<i32>, i64),
    ) {
        let day = paid.at.day;
        self.payouts.push(PayoutTruth {
            channel: channel.code(),
            account_no: channel.account_no(),
            number: paid.number.clone(),
            date: date_text(day),
            amount_minor: paid.amount,
            components: paid.components,
            bank_date: arrives.map(date_text),
            bank_amount_minor: arrives.map(|_| amount),
        });
        let text = |n: i64| n.to_string();
        let amounts = ("amount", text(paid.amount), text(amount));
        let (kind, fields, effect) = match scene {
            Some(Scene::Short) => (Kind::PayoutShort, amounts, amount - paid.amount),
            Some(Scene::Over) => (Kind::PayoutOver, amounts, amount - paid.amount),
            Some(Scene::Late) => {
                let fields = ("day", date_text(day + 2), date_text(day + 4));
                (Kind::PayoutLate, fields, 0)
            }
            Some(Scene::NotInBank) => {
                let fields = ("bank_line", text(paid.amount), String::new());
                (Kind::PayoutNotInBank, fields, -paid.amount)
            }
            Some(Scene::Returned) => {
                let fields = ("state", "paid".into(), "returned".into());
                (Kind::PayoutReturned, fields, -paid.amount)
            }
            _ => return,
        };
        let record = format!("payout:{}", paid.number);
        self.world.problem(kind, record, (channel, day), fields, effect);
    }

    /// A payout that waited for the next one arrived with it; after a weekend that is late.
    fn note_merged(&mut self, channel: Channel, first: &Paid, day: i32) {
        if day > self.world.plan.last {
            return;
        }
        let noted = self.payouts.iter_mut().rev().find(|payout| payout.number == first.number);
        if let Some(noted) = noted {
            noted.bank_date = Some(date_text(day));
            noted.bank_amount_minor = Some(first.amount);
        }
        let promised = first.at.day + 2;
        if day > promised {
            let fields = ("day", date_text(promised), date_text(day));
            let record = format!("payout:{}", first.number);
            self.world.problem(Kind::PayoutLate, record, (channel, first.at.day), fields, 0);
        }
    }

    /// The bank sends a payout back on the next day.
    fn take_back(&mut self, channel: Channel, paid: &Paid) {
        let day = paid.at.day + 1;
        let (kind, part) = (FundKind::PayoutReturned, Component::Adjustments);
        let mut m = Move::new(10 * 3600 + 77, kind, paid.amount, part);
        m.number = self.world.ids.other(channel, day);
        m.merchant_ref = paid.number.clone();
        self.world.bucket(day).moves[channel.index()].push(m);
    }

    fn close_bank(&mut self, day: i32) -> Vec<BankLine> {
        let mut lines = std::mem::take(&mut self.world.bucket(day).bank);
        self.expenses(day, &mut lines);
        lines.sort_by_key(|line| line.at);
        for line in &mut lines {
            self.bank_balance += line.amount;
            match line.amount > 0 {
                true => self.bank_sums.0 += line.amount,
                false => self.bank_sums.1 -= line.amount,
            }
            line.balance = self.bank_balance;
            line.bank_ref = self.world.ids.bank(day);
            if line.memo == "其他入账" {
                let fields = ("payout", String::new(), line.amount.to_string());
                let record = format!("bank:{}", line.bank_ref);
                let kind = Kind::BankDepositUnmatched;
                self.world.problem(kind, record, (Channel::Wechat, day), fields, line.amount);
                if let Some(problem) = self.world.problems.last_mut() {
                    problem.account_no = crate::BANK_ACCOUNT;
                }
            }
        }
        lines
    }

    /// What else the account sees: suppliers, rent, the day's cash.
    fn expenses(&self, day: i32, lines: &mut Vec<BankLine>) {
        let mut rng = Rng::new(self.world.options.seed, (day as u64) << 8 | 4);
        let mut push = |hour: u32, amount: i64, counterparty, memo: &str| {
            let at = At::new(day, hour * 3600 + 605);
            let (balance, bank_ref) = (0, String::new());
            lines.push(BankLine { at, amount, balance, counterparty, memo: memo.into(), bank_ref });
        };
        if rng.per_mille(350) && self.bank_balance > 1_000_000 {
            let amount = i64::from(rng.between(8_000, 90_000));
            push(14, -amount, "上海良豆贸易有限公司", "咖啡豆货款");
        }
        if compact_date(day).ends_with("05") && self.bank_balance > 3_000_000 {
            push(15, -680_000, "城东物业管理有限公司", "房租");
        }
        if weekday(day) == 0 {
            push(16, i64::from(rng.between(20_000, 60_000)), "", "现金存款");
        }
    }
}

/// True when the file shows the row.
pub(crate) fn is_shown(row: &FundRow) -> bool {
    row.hidden == Hidden::No
}
