//! What the day sheet of a till says: takings, cash, counts, and what went to the bank.

use crate::DocumentError;
use crate::table::{TableCell, TableColumn, TableFormat, TableWriter};
use crate::words::{clean, filled, joined, word};
use domain::{BusinessDate, Channel};
use messages::Lang;
use sha2::{Digest, Sha256};
use std::io::Write;

/// Version of the wording and the layout.
pub(crate) const SHEET_TEMPLATE: u32 = 1;
/// The yuan's.
pub(crate) const DECIMALS: u32 = 2;

/// A day of a till, or of all of them. Amounts are fen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySheet {
    /// Language of the document.
    pub lang: Lang,
    /// Whose till.
    pub company: String,
    /// The day, where the channels keep their days.
    pub day: BusinessDate,
    /// The till; `None` is all of them.
    pub till: Option<String>,
    /// What was taken, by tender and till.
    pub tenders: Vec<SheetTender>,
    /// The cash of each till.
    pub cash: Vec<SheetCash>,
    /// Counts, in order of time.
    pub counts: Vec<SheetCount>,
    /// What went to the bank, in order of time.
    pub sent: Vec<SheetSent>,
    /// Records of the day: how many, and the first and last number.
    pub records: (u32, String, String),
}

/// What one tender took at one till, without what was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetTender {
    /// With what.
    pub tender: Channel,
    /// Till, terminal or account.
    pub account: String,
    /// Receipts.
    pub receipts: u32,
    /// What buyers paid.
    pub taken_minor: i64,
    /// What they got back, never positive.
    pub back_minor: i64,
    /// What was paid for prepaid cards: owed, not yet sold.
    pub cards_minor: i64,
}

/// The cash of a till, from morning to evening. Each part is signed by its effect on the till.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SheetCash {
    /// The till.
    pub account: String,
    /// What was in it when the day began.
    pub opening_minor: i64,
    /// Receipts and cards sold.
    pub taken_minor: i64,
    /// Given back.
    pub back_minor: i64,
    /// Change put in, and cash taken out.
    pub moved_minor: i64,
    /// Taken to the bank.
    pub sent_minor: i64,
    /// Over (+) or short (−) by the counts.
    pub over_minor: i64,
    /// What is in it at the end of the day.
    pub closing_minor: i64,
}

/// A count of a till.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetCount {
    /// Its number.
    pub number: String,
    /// The till.
    pub account: String,
    /// When, UTC ms.
    pub at_ms: i64,
    /// Who counted.
    pub by: String,
    /// What had to be there.
    pub expected_minor: i64,
    /// What was there.
    pub counted_minor: i64,
    /// Why it differed.
    pub reason: String,
    /// The pieces, the largest first; none where only a sum was said.
    pub notes: Vec<SheetNote>,
}

/// How many there were of one note or coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SheetNote {
    /// What one is worth.
    pub worth_minor: i64,
    /// How many.
    pub pieces: i64,
}

/// Something that went to the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSent {
    /// Its number.
    pub number: String,
    /// Of which tender.
    pub tender: Channel,
    /// Till, terminal or account.
    pub account: String,
    /// When, UTC ms.
    pub at_ms: i64,
    /// What of it the bank is to get.
    pub amount_minor: i64,
    /// Day the bank had it; `None` while it is on its way.
    pub arrived_on: Option<BusinessDate>,
}

impl SheetTender {
    /// What is left of the takings.
    pub fn net_minor(&self) -> i64 {
        self.taken_minor + self.back_minor + self.cards_minor
    }
}

impl DaySheet {
    /// # Errors
    /// [`DocumentError::DaySheet`] when a till's parts do not lead from morning to evening, or the
    /// pieces of a count are worth another sum.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        let leads = |cash: &SheetCash| {
            let parts = [
                cash.opening_minor,
                cash.taken_minor,
                cash.back_minor,
                cash.moved_minor,
                cash.sent_minor,
                cash.over_minor,
            ];
            parts.iter().sum::<i64>() == cash.closing_minor
        };
        let adds_up = |count: &SheetCount| {
            let worth: i64 = count.notes.iter().map(SheetNote::sum_minor).sum();
            count.notes.is_empty() || worth == count.counted_minor
        };
        match (self.cash.iter().all(leads), self.counts.iter().all(adds_up)) {
            (true, true) => Ok(()),
            (false, _) => Err(DocumentError::DaySheet("the cash of a till")),
            (true, false) => Err(DocumentError::DaySheet("the pieces of a count")),
        }
    }

    /// Title and day.
    pub(crate) fn heading(&self) -> String {
        joined(self.lang, &word(self.lang, "sheet.title"), &self.day.to_string())
    }

    /// The day and the till.
    pub(crate) fn about(&self) -> String {
        let till = match &self.till {
            Some(till) => filled(self.lang, "sheet.till", &[("till", &clean(till))]),
            None => word(self.lang, "sheet.all_tills"),
        };
        joined(self.lang, &self.day.to_string(), &till)
    }

    /// SHA-256 of everything it says.
    pub(crate) fn content_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        // The debug form writes every field of every part, texts in quotes.
        hasher.update(format!("suanpan-day-sheet {SHEET_TEMPLATE} {self:?}"));
        hasher.finalize().into()
    }
}

impl SheetNote {
    /// What they are worth together.
    pub fn sum_minor(&self) -> i64 {
        self.worth_minor * self.pieces
    }
}

/// Writes the figures of a day sheet as a table: one row a figure.
///
/// # Errors
/// As [`DaySheet::check`], and what writing can say.
pub fn write_day_sheet(
    sheet: &DaySheet,
    format: TableFormat,
    out: &mut dyn Write,
) -> Result<(), DocumentError> {
    sheet.check()?;
    let lang = sheet.lang;
    let widths = [("part", 18), ("tender", 14), ("till", 14), ("what", 26), ("count", 8)];
    let column = |(head, width): (&str, u16)| TableColumn {
        head: word(lang, &format!("sheet.col.{head}")),
        width,
    };
    let columns: Vec<TableColumn> =
        widths.into_iter().chain([("amount", 14)]).map(column).collect();
    let mut table = TableWriter::begin(format, &word(lang, "sheet.title"), &columns, out)?;
    let mut put = |part: &str, tender: &str, till: &str, what: &str, count, minor| {
        table.row(&[
            TableCell::Text(&word(lang, &format!("sheet.part.{part}"))),
            TableCell::Text(tender),
            TableCell::Text(till),
            TableCell::Text(what),
            count,
            TableCell::Amount(minor, DECIMALS),
        ])
    };
    let said = |key: &str| word(lang, &format!("sheet.col.{key}"));
    for row in &sheet.tenders {
        let tender = word(lang, &format!("channel.{}", row.tender.code()));
        let receipts = TableCell::Count(i64::from(row.receipts));
        put("tenders", &tender, &row.account, &said("taken"), receipts, row.taken_minor)?;
        let rest = [("back", row.back_minor), ("cards", row.cards_minor), ("net", row.net_minor())];
        for (key, minor) in rest {
            put("tenders", &tender, &row.account, &said(key), TableCell::Empty, minor)?;
        }
    }
    let cash = word(lang, "channel.cash");
    for row in &sheet.cash {
        let parts = [
            ("opening", row.opening_minor),
            ("taken", row.taken_minor),
            ("back", row.back_minor),
            ("moved", row.moved_minor),
            ("sent", row.sent_minor),
            ("over", row.over_minor),
            ("closing", row.closing_minor),
        ];
        for (key, minor) in parts {
            put("cash", &cash, &row.account, &said(key), TableCell::Empty, minor)?;
        }
    }
    for count in &sheet.counts {
        for note in &count.notes {
            let worth = crate::words::grouped(note.worth_minor, DECIMALS);
            let pieces = TableCell::Count(note.pieces);
            put("counts", &count.number, &count.account, &worth, pieces, note.sum_minor())?;
        }
        let over = count.counted_minor - count.expected_minor;
        let sums =
            [("expected", count.expected_minor), ("counted", count.counted_minor), ("over", over)];
        for (key, minor) in sums {
            put("counts", &count.number, &count.account, &said(key), TableCell::Empty, minor)?;
        }
    }
    for sent in &sheet.sent {
        let tender = word(lang, &format!("channel.{}", sent.tender.code()));
        put("sent", &tender, &sent.account, &sent.number, TableCell::Empty, sent.amount_minor)?;
    }
    table.finish()
}
