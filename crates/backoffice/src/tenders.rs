//! The dictionary of tenders, and what the texts of a book's bills mean in it.

use crate::error::Error;
use domain::Channel;
pub use domain::paid::Paid;
pub use domain::tender::{TENDERS, Tender, other, source_of, tender, tender_of};
use store::bulk::Reader;

/// Rows looked at for texts, the newest: what has not been seen for long is looked up by itself.
const LOOKED_AT: usize = 20_000;

/// A text that a bill of the book has for what a buyer paid from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The channel whose bill says it.
    pub channel: Channel,
    /// As it is written there.
    pub text: String,
    /// Rows that say it, among the newest.
    pub rows: i64,
    /// What it means; [`other`] where nobody knows.
    pub tender: &'static Tender,
}

/// The texts of the newest rows, by channel and text.
///
/// # Errors
/// The database's.
pub fn sources(reader: &mut Reader) -> Result<Vec<Source>, Error> {
    let mut found = Vec::new();
    let sql = format!(
        "select a.channel, t.paying_bank, count(*) from (select id, paying_bank \
         from settlement_line order by day desc, at_ms desc limit {LOOKED_AT}) t \
         join document d on d.id = t.id / 4294967296 \
         join channel_account a on a.id = d.account_id where t.paying_bank <> '' \
         group by a.channel, t.paying_bank"
    );
    reader.query(&sql, &[], |row| {
        let (channel, text) = (Channel::from_code(row.text(0)?), row.text(1)?);
        let meant = channel.and_then(|channel| Some((channel, source_of(channel, text)?)));
        if let Some((channel, tender)) = meant {
            found.push(Source { channel, text: text.to_owned(), rows: row.int(2)?, tender });
        }
        Ok(())
    })?;
    // By the text itself: databases sort by rules of their own.
    found.sort_by(|a: &Source, b| (a.channel, &a.text).cmp(&(b.channel, &b.text)));
    Ok(found)
}
