//! Payouts against the bank: by reference, amount and date; then one line for two payouts and two
//! lines for one.

use super::item::{BankItem, Break, BreakKind, Record};
use super::{PayoutState, ReconciledPayout};
use crate::{Channel, Family};

/// How many days after its row a payout may reach the bank and still be looked for.
const ARRIVAL_DAYS: i32 = 15;
/// The most days that one payment holds: the longest holidays.
const DAYS_TOGETHER: usize = 12;
/// Grace after the promised day before a payout counts as not arrived.
const MISSING_AFTER_DAYS: i32 = 3;

/// What the bank shows of one payout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankMatch {
    /// Bank lines that carry it.
    pub lines: Vec<i64>,
    /// Day of the last of them.
    pub day: Option<i32>,
    /// What arrived for it, minor units; for a merged line the payout's own part.
    pub amount_minor: i64,
}

/// A payout as the bank side sees it: which channel, and texts a posting may carry.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    /// The payout.
    pub payout: &'a ReconciledPayout,
    /// Its channel.
    pub channel: Channel,
    /// Texts of which one is in the memo of its bank line: `0415_1900000109`, a payout number.
    pub references: Vec<String>,
    /// What a line of the very amount says of money that a person recorded: its payer, `现金`.
    pub words: Vec<String>,
}

/// True when a line that names `line` may carry what `channel` sent. What a person recorded comes
/// in lines that name nobody; only the slips of a terminal are paid by its acquirer.
fn carries(channel: Channel, line: Channel) -> bool {
    let acquirer = || line.definition().is_some_and(|known| known.family == Family::Terminal);
    match channel.is_by_hand() {
        true => line == Channel::Bank || channel.code() == "pos_slip" && acquirer(),
        false => channel == line,
    }
}

/// First day on which a payout is looked for at the bank: the channel's days may begin later than
/// the bank's.
fn first_day(payout: &ReconciledPayout) -> i32 {
    payout.day.min(payout.promised_day)
}

/// Last day on which a payout is looked for at the bank: as long as it may be late without being
/// called missing.
fn last_day(payout: &ReconciledPayout) -> i32 {
    (payout.day + ARRIVAL_DAYS).max(payout.promised_day + MISSING_AFTER_DAYS)
}

/// Pairs payouts (per account in the order they left) with bank lines (by day, then id).
///
/// `bank_known(day)` tells whether a statement covers the day; `fund_known(channel, day)` whether a
/// fund bill does, so that a deposit of an unread day is not called unmatched.
/// Returns one [`BankMatch`] per payout, in the same order, and the breaks.
pub fn match_bank(
    payouts: &[Expected<'_>],
    lines: &[BankItem],
    as_of: i32,
    bank_known: impl Fn(i32) -> bool,
    fund_known: impl Fn(Channel, i32) -> bool,
) -> (Vec<BankMatch>, Vec<Break>) {
    let mut run = BankRun {
        payouts,
        lines,
        found: vec![BankMatch::default(); payouts.len()],
        used: vec![false; lines.len()],
        breaks: Vec::new(),
    };
    run.by_reference(true);
    run.merged_and_split();
    run.by_amount();
    run.days_together();
    run.by_reference(false);
    run.judge(as_of, bank_known);
    run.leftovers(fund_known);
    (run.found, run.breaks)
}

struct BankRun<'a> {
    payouts: &'a [Expected<'a>],
    lines: &'a [BankItem],
    found: Vec<BankMatch>,
    used: Vec<bool>,
    breaks: Vec<Break>,
}

impl BankRun<'_> {
    /// Free lines of the payout's channel inside its window, by index.
    fn candidates(&self, index: usize) -> Vec<usize> {
        let expected = &self.payouts[index];
        // What a person sent back to a buyer leaves the bank; days of a channel that owe are paid
        // with others, in a line that arrives.
        let leaves = expected.channel.is_by_hand() && expected.payout.amount_minor < 0;
        let from = self.lines.partition_point(|line| line.day < first_day(expected.payout));
        self.lines[from..]
            .iter()
            .enumerate()
            .take_while(|(_, line)| line.day <= last_day(expected.payout))
            .map(|(offset, line)| (from + offset, line))
            .filter(|(at, line)| {
                !self.used[*at]
                    && carries(expected.channel, line.channel)
                    && (line.amount_minor > 0) != leaves
            })
            .map(|(at, _)| at)
            .collect()
    }

    fn open(&self, index: usize) -> bool {
        let Expected { payout, channel, .. } = &self.payouts[index];
        // What a person sent back to a buyer leaves the bank.
        let leaves = channel.is_by_hand() && payout.amount_minor < 0;
        self.found[index].lines.is_empty() && (payout.amount_minor > 0 || leaves)
    }

    /// True when a line of the very amount says enough to be taken for the payout's.
    fn fits(&self, index: usize, line: usize) -> bool {
        let Expected { channel, words, .. } = &self.payouts[index];
        let memo = &self.lines[line].memo;
        !channel.is_by_hand()
            || self.lines[line].channel != Channel::Bank
            || words.iter().any(|word| memo.contains(word))
    }

    fn refers(&self, index: usize, line: usize) -> bool {
        self.payouts[index].references.iter().any(|text| self.lines[line].memo.contains(text))
    }

    fn take(&mut self, index: usize, lines: &[usize], amount_minor: i64) {
        let found = &mut self.found[index];
        found.lines = lines.iter().map(|at| self.lines[*at].id).collect();
        found.day = lines.iter().map(|at| self.lines[*at].day).max();
        found.amount_minor = amount_minor;
        for at in lines {
            self.used[*at] = true;
        }
    }

    fn by_reference(&mut self, same_amount: bool) {
        for index in 0..self.payouts.len() {
            // A returned payout never arrived; a line that names its reference is its repeat's.
            if !self.open(index) || self.payouts[index].payout.state == PayoutState::Returned {
                continue;
            }
            let amount = self.payouts[index].payout.amount_minor;
            let hit = self.candidates(index).into_iter().find(|at| {
                self.refers(index, *at) && (!same_amount || self.lines[*at].amount_minor == amount)
            });
            if let Some(at) = hit {
                self.take(index, &[at], self.lines[at].amount_minor);
            }
        }
    }

    fn by_amount(&mut self) {
        for index in 0..self.payouts.len() {
            if !self.open(index) || self.payouts[index].payout.state == PayoutState::Returned {
                continue;
            }
            let amount = self.payouts[index].payout.amount_minor;
            let named_elsewhere = |run: &Self, at: usize| {
                (0..run.payouts.len()).any(|other| other != index && run.refers(other, at))
            };
            let hit = self.candidates(index).into_iter().find(|at| {
                self.lines[*at].amount_minor == amount
                    && self.fits(index, *at)
                    && !named_elsewhere(self, *at)
            });
            if let Some(at) = hit {
                self.take(index, &[at], amount);
            }
        }
    }

    /// One line for two neighbours of one account, then two lines for one payout.
    fn merged_and_split(&mut self) {
        for index in 0..self.payouts.len() {
            if !self.open(index) || self.payouts[index].payout.state == PayoutState::Returned {
                continue;
            }
            let amount = self.payouts[index].payout.amount_minor;
            let account = self.payouts[index].payout.account;
            // Payouts of other accounts may lie between.
            let until = last_day(self.payouts[index].payout);
            let next = (index + 1..self.payouts.len())
                .take_while(|next| self.payouts[*next].payout.day <= until)
                .find(|next| self.payouts[*next].payout.account == account && self.open(*next));
            if let Some(next) = next {
                let second = self.payouts[next].payout.amount_minor;
                let hit = self.candidates(next).into_iter().find(|at| {
                    self.lines[*at].amount_minor == amount + second
                        && (self.refers(index, *at) || self.refers(next, *at))
                });
                if let Some(at) = hit {
                    self.take(index, &[at], amount);
                    self.take(next, &[at], second);
                    continue;
                }
            }
            let named: Vec<usize> =
                self.candidates(index).into_iter().filter(|at| self.refers(index, *at)).collect();
            let pair = named.iter().enumerate().find_map(|(n, first)| {
                let rest = named[n + 1..].iter().find(|second| {
                    self.lines[*first].amount_minor + self.lines[**second].amount_minor == amount
                });
                rest.map(|second| [*first, *second])
            });
            if let Some(pair) = pair {
                self.take(index, &pair, amount);
            }
        }
    }

    /// UnionPay and others that clear by days pay every cleared day, and the days of a weekend or
    /// of holidays in one sum, with no word of which they are.
    fn days_together(&mut self) {
        for first in 0..self.payouts.len() {
            let channel = self.payouts[first].channel;
            let by_days = matches!(channel, Channel::UnionPay | Channel::Defined(_));
            if !by_days || !self.open(first) {
                continue;
            }
            let account = self.payouts[first].payout.account;
            let (mut days, mut sum) = (Vec::new(), 0);
            for at in first..self.payouts.len() {
                let payout = self.payouts[at].payout;
                if payout.account != account {
                    continue;
                }
                if !self.found[at].lines.is_empty() || days.len() == DAYS_TOGETHER {
                    break;
                }
                days.push(at);
                sum += payout.amount_minor;
                let lines = self.candidates(at);
                let hit = lines
                    .into_iter()
                    .find(|line| self.lines[*line].amount_minor == sum && self.fits(at, *line));
                if let (Some(line), true) = (hit, days.len() > 1) {
                    for day in &days {
                        self.take(*day, &[line], self.payouts[*day].payout.amount_minor);
                    }
                    break;
                }
            }
        }
    }

    fn judge(&mut self, as_of: i32, bank_known: impl Fn(i32) -> bool) {
        for (expected, found) in self.payouts.iter().zip(&self.found) {
            let payout = expected.payout;
            if payout.state == PayoutState::Returned || payout.amount_minor <= 0 {
                continue;
            }
            let mut push = |kind, field, expected: String, seen: String, effect_minor, day| {
                let mut records = vec![Record::Payout(payout.line)];
                records.extend(found.lines.iter().map(|line| Record::Bank(*line)));
                let (found, account) = (seen, payout.account);
                self.breaks.push(Break {
                    kind,
                    records,
                    field,
                    expected,
                    found,
                    effect_minor,
                    day,
                    account,
                });
            };
            let sent = payout.amount_minor;
            let Some(day) = found.day else {
                let due = payout.promised_day + MISSING_AFTER_DAYS;
                if due < as_of && bank_known(payout.promised_day) {
                    let kind = BreakKind::PayoutNotInBank;
                    push(kind, "bank_line", sent.to_string(), "none".into(), -sent, payout.day);
                }
                continue;
            };
            let difference = found.amount_minor - sent;
            if difference != 0 {
                let kind = match difference < 0 {
                    true => BreakKind::PayoutShort,
                    false => BreakKind::PayoutOver,
                };
                let seen = found.amount_minor.to_string();
                push(kind, "amount", sent.to_string(), seen, difference, payout.day);
            }
            if day > payout.promised_day {
                let date = |day| crate::BusinessDate::from_days(day).to_string();
                let kind = BreakKind::PayoutLate;
                push(kind, "bank_date", date(payout.promised_day), date(day), 0, payout.day);
            }
        }
    }

    fn leftovers(&mut self, fund_known: impl Fn(Channel, i32) -> bool) {
        for (at, line) in self.lines.iter().enumerate() {
            // A payout may stand in a bill that nobody has.
            let readable = (line.day - 3..=line.day).all(|day| fund_known(line.channel, day));
            // A line that names nobody is no channel's.
            let unnamed = line.channel == Channel::Bank;
            if self.used[at] || unnamed || line.amount_minor <= 0 || !readable {
                continue;
            }
            self.breaks.push(Break {
                kind: BreakKind::BankDepositUnmatched,
                records: vec![Record::Bank(line.id)],
                field: "payout",
                expected: "payout".into(),
                found: "none".into(),
                effect_minor: line.amount_minor,
                day: line.day,
                account: line.account,
            });
        }
    }
}
