//! Rows with stray commas: the surplus is joined again into the free-text columns.

/// More than this in one row is no goods name but an attack on the search.
const SURPLUS_LIMIT: usize = 64;

/// Cells of a row, one for each column; borrowed from the line.
#[derive(Default)]
pub(crate) struct RowCells {
    cuts: Vec<(usize, usize)>,
}

/// How the columns of a bill anchor a row.
pub(crate) struct Anchors<'c> {
    pub(crate) width: usize,
    /// Free-text columns that may hold commas, in the order of the file.
    pub(crate) free: &'c [usize],
    /// True when the cell fits its column: a date in a date column, a number in an amount one.
    pub(crate) fits: &'c dyn Fn(usize, &str) -> bool,
}

impl RowCells {
    pub(crate) fn get<'l>(&self, line: &'l str, index: Option<usize>) -> &'l str {
        let cut = index.and_then(|index| self.cuts.get(index));
        cut.map_or("", |(from, to)| super::trim(line.get(*from..*to).unwrap_or("")))
    }

    /// Splits a line; `Err` is the number of cells found when they cannot be brought into the
    /// columns in exactly one way.
    pub(crate) fn split(&mut self, line: &str, anchors: &Anchors<'_>) -> Result<(), usize> {
        self.cuts.clear();
        let mut start = 0;
        for at in memchr::memchr_iter(b',', line.as_bytes()) {
            self.cuts.push((start, at));
            start = at + 1;
        }
        self.cuts.push((start, line.len()));
        let found = self.cuts.len();
        if found == anchors.width {
            return Ok(());
        }
        let surplus = found.checked_sub(anchors.width).filter(|s| *s <= SURPLUS_LIMIT);
        let (Some(surplus), false) = (surplus, anchors.free.is_empty()) else {
            return Err(found);
        };
        let mut fitting = None;
        // With one free column there is one way; with two, the first takes 0 to all of it.
        let ways = if anchors.free.len() == 1 { surplus..=surplus } else { 0..=surplus };
        for first in ways {
            let joined = self.joined(surplus, first, anchors);
            let fits = |(column, cut): (usize, &(usize, usize))| {
                (anchors.fits)(column, super::trim(&line[cut.0..cut.1]))
            };
            if joined.iter().enumerate().all(fits) && fitting.replace(joined).is_some() {
                return Err(found);
            }
        }
        self.cuts = fitting.ok_or(found)?;
        Ok(())
    }

    /// The cuts when the first free column takes `first` surplus cells and the second the rest.
    fn joined(&self, surplus: usize, first: usize, anchors: &Anchors<'_>) -> Vec<(usize, usize)> {
        let mut cell = 0;
        (0..anchors.width)
            .map(|column| {
                let extra = match anchors.free.iter().position(|free| *free == column) {
                    Some(0) => first,
                    Some(1) => surplus - first,
                    _ => 0,
                };
                let from = self.cuts[cell].0;
                cell += extra;
                let to = self.cuts[cell].1;
                cell += 1;
                (from, to)
            })
            .collect()
    }
}
