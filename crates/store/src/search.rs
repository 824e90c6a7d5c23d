//! Search: from a few typed characters to the lines that carry them.
//!
//! One structure answers for everything that can be typed. A *posting* says "under this key, on
//! this day, there is this line"; postings are sorted, packed into pages of a few kilobytes and
//! written as *segments*, which are never changed, only merged when many small ones have gathered.
//! A key is a number whose order keeps what begins alike together, so each question is one range
//! of keys in each segment:
//!
//! - [`Index::Tail`]: the last characters of a number, last one first;
//! - [`Index::Gram`]: three characters of a text, at every position, so one character is enough;
//! - [`Index::Pinyin`]: the letters of its Chinese characters, in full and as initials;
//! - [`Index::Use`]: where a text stands. Few texts differ, so they are kept once, numbers masked;
//! - [`Index::Amount`]: minor units without their sign.
//!
//! An answer is a candidate: the caller reads the line and looks again. The index is derived from
//! the lines, in the transaction that books them.

mod check;
mod gather;
mod page;
mod read;
mod segment;
mod words;

pub use check::{Tally, clear};
pub use gather::{Gathered, Mark, Searchable};
pub use read::{find, segments, text};
pub use words::{
    fold, gram_keys, is_number, mask, pinyin_keys, pinyin_matches, spell, tail_key, tail_keys,
    tails_of,
};

/// What a range of keys is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Tails of numbers → lines.
    Tail,
    /// Three characters of a text → texts.
    Gram,
    /// Pinyin of a text → texts.
    Pinyin,
    /// Texts → lines.
    Use,
    /// Amounts → lines.
    Amount,
}

impl Index {
    /// Every index; the position is the stable number stored in the book.
    pub const ALL: [Self; 5] = [Self::Tail, Self::Gram, Self::Pinyin, Self::Use, Self::Amount];

    fn number(self) -> i64 {
        Self::ALL.iter().position(|index| *index == self).unwrap_or(0) as i64
    }
}

/// What kind of record a line is, as far as a list of answers tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A payment of a trade bill.
    Payment,
    /// A refund of a trade bill.
    Refund,
    /// A payout row of a fund bill.
    Payout,
    /// Any other row of a fund bill.
    Movement,
    /// A bank line.
    Bank,
    /// An order of the shop.
    Order,
    /// A refund the shop asked for.
    ShopRefund,
    /// A file.
    File,
}

impl Subject {
    /// Every subject; the position is the stable number stored in the book.
    pub const ALL: [Self; 8] = [
        Self::Payment,
        Self::Refund,
        Self::Payout,
        Self::Movement,
        Self::Bank,
        Self::Order,
        Self::ShopRefund,
        Self::File,
    ];

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// Under this key, on this day, there is this line. Sorted by key, then day, then line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Posting {
    /// Where it is sorted; never negative.
    pub key: i64,
    /// Day of the line; 0 where a text is pointed at.
    pub day: i32,
    /// Line id, or id of a text.
    pub id: i64,
    /// Number of the [`Subject`]; 0 where a text is pointed at.
    pub subject: u8,
}

impl Posting {
    /// What kind of record the line is.
    pub fn subject(&self) -> Subject {
        Subject::from_number(self.subject).unwrap_or(Subject::File)
    }
}

/// A span of keys, both ends inside.
pub type Keys = std::ops::RangeInclusive<i64>;
