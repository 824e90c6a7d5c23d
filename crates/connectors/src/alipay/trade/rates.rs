//! Which rows' fees are not at the rate of the others.
//!
//! A bill prints no rate, but most rows of a merchant bear the same one. Where the fees of a day do
//! not come to what its summary says, the row that parts by just that much is the likely one.

use domain::money::{Rounding, apply_rate};
use std::collections::BTreeMap;

/// Rows that are looked at; of a larger bill the first.
const MOST: usize = 4_096;
/// The largest rows tell a rate best.
const TELLING: usize = 16;
/// Odd rows that are kept: where there are more, the rate is not the merchant's only one.
const MOST_ODD: usize = 64;
/// Rates are agreed in hundredths of a percent.
const STEP_PPM: i64 = 100;

/// Line, amount received, fee by its effect.
type Row = (u32, i64, i64);

/// Fees of a bill's rows.
#[derive(Default)]
pub(super) struct Rates(Vec<Row>);

impl Rates {
    pub(super) fn take(&mut self, line_no: u32, settled_minor: i64, fee_minor: i64) {
        if self.0.len() < MOST {
            self.0.push((line_no, settled_minor, fee_minor));
        }
    }

    /// The first rows whose fee is more than the usual rate says, by how much; less is negative.
    pub(super) fn odd(&self) -> BTreeMap<i64, u32> {
        let mut odd = BTreeMap::new();
        let Some(rate) = self.usual() else { return odd };
        for row in &self.0 {
            if let Some(off) = off(row, rate).filter(|off| *off != 0) {
                odd.entry(off).or_insert(row.0);
            }
        }
        if odd.len() > MOST_ODD { BTreeMap::new() } else { odd }
    }

    /// The rate that most rows bear, to the fen.
    fn usual(&self) -> Option<i64> {
        let mut telling: Vec<&Row> = self.0.iter().filter(|row| row.1 != 0).collect();
        telling.sort_by_key(|(line_no, settled, _)| (-i128::from(*settled).abs(), *line_no));
        telling.truncate(TELLING);
        let rates = telling.iter().map(|(_, settled, fee)| {
            let ppm = i128::from(*fee).abs() * 1_000_000 / i128::from(*settled).abs();
            i64::try_from(ppm).map_or(0, |ppm| (ppm + STEP_PPM / 2) / STEP_PPM * STEP_PPM)
        });
        let bears = |rate: i64, row: &Row| off(row, rate).is_some_and(|off| off.abs() <= 1);
        let fits = |rate: i64| self.0.iter().filter(|row| bears(rate, row)).count();
        let best = rates.map(|rate| (fits(rate), rate)).max()?;
        (best.0 * 2 > self.0.len()).then_some(best.1)
    }
}

fn off((_, settled, fee): &Row, rate: i64) -> Option<i64> {
    let usual = apply_rate(*settled, rate, Rounding::HalfUp).ok()?;
    fee.checked_add(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_whose_fee_is_not_at_the_rate_of_the_others_is_odd() {
        let mut rates = Rates::default();
        rates.take(6, 3_000, -18);
        rates.take(7, 2_510, -15);
        rates.take(8, 12_345, -74);
        rates.take(9, -1_450, 79);
        assert_eq!(rates.odd().into_iter().collect::<Vec<_>>(), [(70, 9)]);
        assert!(Rates::default().odd().is_empty());
        let mut none = Rates::default();
        none.take(6, i64::MIN, i64::MIN);
        none.take(7, 0, 5);
        assert!(none.odd().is_empty());
    }
}
