//! Which row a sum that does not hold is off by.
//!
//! The columns of a row mostly follow from each other: the fee from the amount and its rate, the
//! order's total from what was settled. A row that parts by just what the sum is off by is the one
//! that was changed.

use crate::bill::Check;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// More different amounts than these are the shop's discounts, not mistakes.
const MOST: usize = 4_096;

/// First rows whose columns part, by column and by how much.
#[derive(Default)]
pub(crate) struct Suspects {
    lines: HashMap<(usize, i64), u32>,
}

impl Suspects {
    /// Notes that `column` of a row is more by `off` than its other columns say.
    pub(crate) fn note(&mut self, column: usize, off: i64, line_no: u32) {
        let full = self.lines.len() >= MOST;
        if off == 0 {
            return;
        }
        match self.lines.entry((column, off)) {
            Entry::Vacant(place) if !full => {
                place.insert(line_no);
            }
            _ => {}
        }
    }

    /// Names the line of a sum of `column` that is off, where one is known.
    pub(crate) fn name(&self, column: usize, check: &mut Check) {
        if !check.holds() && check.line_no.is_none() {
            let off = check.found.wrapping_sub(check.expected);
            check.line_no = self.lines.get(&(column, off)).copied();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_that_parts_by_just_the_difference_is_named() {
        let mut suspects = Suspects::default();
        suspects.note(0, 3, 7);
        suspects.note(0, 5, 8);
        suspects.note(1, 5, 9);
        let named = |column, expected, found| {
            let mut check = Check::yuan("sum", expected, found);
            suspects.name(column, &mut check);
            check.line_no
        };
        assert_eq!(named(0, 100, 105), Some(8));
        assert_eq!(named(1, 100, 105), Some(9));
        assert_eq!(named(0, 100, 101), None);
        assert_eq!(named(0, 100, 100), None);
    }
}
