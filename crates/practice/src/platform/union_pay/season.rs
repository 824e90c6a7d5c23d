//! Card sales of the practice shop at UnionPay, where they are switched on.
//!
//! They stand beside the shop's other sales and touch neither its files nor its truth.

use super::super::clock::utc_ms;
use super::{clearing_day, month_day};
use crate::FEE_RATE_PPM;
use crate::goods::basket;
use crate::options::Options;
use crate::platform::clock::compact;
use crate::platform::script::BillTwist;
use crate::platform::season::NO_BILL;
use crate::rng::Rng;
use crate::time::{At, day_of};

/// Length of a row.
const ROW_BYTES: usize = 607;

/// A row of a clearing day: a sale, or money back.
#[derive(Clone, Debug)]
pub(in crate::platform) struct Row {
    pub at_ms: i64,
    pub order: String,
    pub query_id: String,
    pub trace: String,
    pub amount: i64,
    /// Taken from a sale, given back at a refund.
    pub fee: i64,
    /// The sale a refund gives back.
    pub original: Option<Box<Row>>,
    /// What the settled amount of its line is off, against amount and fee: by the script alone.
    pub odd: i64,
}

/// All rows, by time.
#[derive(Debug, Default)]
pub(in crate::platform) struct Season {
    pub rows: Vec<Row>,
}

impl Season {
    /// About `a_day` sales a day, a tenth of them given back in part or whole.
    pub(in crate::platform) fn new(options: &Options, a_day: u32) -> Self {
        let first = day_of(options.from);
        let mut rows = Vec::new();
        let mut seq = 0;
        for day in (first..).take(if a_day == 0 { 0 } else { options.days as usize }) {
            let mut rng = Rng::new(options.seed, (day as u64) << 8 | 11);
            for _ in 0..a_day {
                let (_, amount) = basket(&mut rng);
                // The counter closes late enough for a sale to fall into the next clearing day.
                let at = At::new(day, 8 * 3600 + rng.below(15 * 3600 + 1800));
                let sale = row(utc_ms(at), "UP", amount, &mut seq);
                if rng.per_mille(100) {
                    let back = if rng.per_mille(500) { amount } else { (amount / 3).max(1) };
                    let at = At::new(day + rng.below(4) as i32 + 1, 10 * 3600 + rng.below(20_000));
                    let mut refund = row(utc_ms(at), "UR", back, &mut seq);
                    refund.original = Some(Box::new(sale.clone()));
                    rows.push(refund);
                }
                rows.push(sale);
            }
        }
        rows.sort_by_key(|row: &Row| row.at_ms);
        Self { rows }
    }

    /// Rows of a clearing day.
    pub(super) fn cleared_on(&self, day: i32) -> Vec<&Row> {
        self.rows.iter().filter(|row| clearing_day(row.at_ms) == day).collect()
    }

    /// The lines of a clearing day's file; `None` when there is none.
    pub(super) fn file(&self, day: i32, merchant: &str, twists: &[BillTwist]) -> Option<String> {
        let mut rows: Vec<Row> = self.cleared_on(day).into_iter().cloned().collect();
        if rows.is_empty() || twists.iter().any(|t| matches!(t, BillTwist::Late | BillTwist::Empty))
        {
            return None;
        }
        if twists.contains(&BillTwist::Unreadable) {
            return Some(NO_BILL.to_owned());
        }
        for twist in twists {
            let len = rows.len();
            match *twist {
                BillTwist::Missing { row } => drop(rows.remove(row % len)),
                BillTwist::Doubled { row } => {
                    rows.insert(row % len, rows[row % len].clone());
                }
                BillTwist::Changed { row } => rows[row % len].amount += 1,
                BillTwist::Contradictory { row } => rows[row % len].odd = 1,
                BillTwist::Reordered => rows.reverse(),
                _ => {}
            }
            if rows.is_empty() {
                return None;
            }
        }
        let mut lines: String = rows.iter().map(|row| row.zm(merchant) + "\r\n").collect();
        if twists.contains(&BillTwist::Cut) {
            lines.truncate(lines.len() - ROW_BYTES / 2);
        }
        Some(lines)
    }

    /// The row with this number of the merchant's, or of UnionPay's, by `now_ms`.
    pub(super) fn find(&self, number: &str, now_ms: i64) -> Option<&Row> {
        let mut known = self.rows.iter().filter(|row| row.at_ms <= now_ms);
        known.find(|row| row.order == number || row.query_id == number)
    }
}

fn row(at_ms: i64, prefix: &str, amount: i64, seq: &mut u64) -> Row {
    *seq += 1;
    let time = compact(at_ms);
    Row {
        at_ms,
        order: format!("{prefix}{}{seq:06}", &time[..8]),
        query_id: format!("{time}{seq:07}"),
        trace: format!("{:06}", *seq % 1_000_000),
        amount,
        fee: (amount * FEE_RATE_PPM + 500_000) / 1_000_000,
        original: None,
        odd: 0,
    }
}

impl Row {
    /// `YYYYMMDDhhmmss`.
    pub(super) fn time(&self) -> String {
        compact(self.at_ms)
    }

    /// The row of a `ZM` file: 607 bytes, fixed columns.
    pub(super) fn zm(&self, merchant: &str) -> String {
        let mut line = vec![b' '; ROW_BYTES];
        let mut put = |at: usize, text: &str| {
            line[at..at + text.len()].copy_from_slice(text.as_bytes());
        };
        let back = self.original.as_deref();
        let signed =
            |minor: i64| format!("{}{:012}", if minor < 0 { 'D' } else { 'C' }, minor.abs());
        let (gross, fee) = match back {
            None => (self.amount, -self.fee),
            Some(_) => (-self.amount, self.fee),
        };
        put(0, if back.is_some() { "S30" } else { "S22" });
        put(4, "48021000");
        put(16, "00049992");
        put(28, &self.trace);
        put(35, &month_day(self.at_ms));
        put(46, "621626*********0018");
        put(66, &format!("{:012}", self.amount));
        put(79, "5411");
        put(84, "07");
        put(87, &self.query_id);
        put(112, &self.order);
        put(145, "01");
        // A fee of nothing is taken from a sale, and given back at a refund.
        let letter = if back.is_some() { 'C' } else { 'D' };
        put(166, &format!("{letter}{:012}", fee.abs()));
        put(180, &signed(gross + fee + self.odd));
        put(194, "0001");
        put(215, if back.is_some() { "04" } else { "01" });
        put(218, if back.is_some() { "00" } else { "07" });
        put(221, "000000");
        put(293, merchant);
        put(374, &signed(gross + fee + self.odd));
        put(509, &signed(gross));
        if let Some(sale) = back {
            put(148, &sale.trace);
            put(155, &month_day(sale.at_ms));
            put(271, &sale.query_id);
            put(476, &sale.order);
        }
        String::from_utf8(line).expect("columns are ASCII")
    }
}
