//! Collections as the book keeps them. What the channel said once is never taken back: a paid one
//! stays paid, whatever a late answer says.

use super::{Collection, MINUTES, State, Wanted};
use crate::channels::Connection;
use crate::decisions::Actor;
use crate::error::Error;
use domain::BusinessDate;
use secrets::unguessable;
use store::bulk::{Cell, Reader, RowView, Writer};
use store::{Book, StoreError};

const COLUMNS: &str = "id, order_no, connection_id, channel, account_no, currency, amount_minor, \
    note, state, code, trouble, trouble_detail, made_at_ms, made_by, shown_at_ms, expires_at_ms, \
    asked_at_ms, next_at_ms, tries, paid_at_ms, channel_ref, given_up_at_ms";

fn row(row: &RowView<'_>) -> Result<Collection, StoreError> {
    Ok(Collection {
        id: row.int(0)?,
        order_id: row.text(1)?.to_owned(),
        connection: row.int(2)?,
        channel: row.text(3)?.to_owned(),
        account_no: row.text(4)?.to_owned(),
        currency: row.text(5)?.to_owned(),
        amount_minor: row.int(6)?,
        note: row.text(7)?.to_owned(),
        // A state of a newer program is asked for again before anything is said of it.
        state: State::from_code(row.text(8)?).unwrap_or(State::Unknown),
        code: row.text(9)?.to_owned(),
        trouble: row.text(10)?.to_owned(),
        trouble_detail: row.text(11)?.to_owned(),
        made_at_ms: row.int(12)?,
        made_by: row.text(13)?.to_owned(),
        shown_at_ms: row.opt_int(14)?,
        expires_at_ms: row.int(15)?,
        asked_at_ms: row.opt_int(16)?,
        next_at_ms: row.opt_int(17)?,
        tries: row.int(18)?,
        paid_at_ms: row.opt_int(19)?,
        channel_ref: row.text(20)?.to_owned(),
        given_up_at_ms: row.opt_int(21)?,
    })
}

fn found(
    reader: &mut Reader,
    condition: &str,
    cells: &[Cell<'_>],
) -> Result<Vec<Collection>, Error> {
    let mut rows = Vec::new();
    let sql = format!("select {COLUMNS} from collection where {condition}");
    reader.query(&sql, cells, |found| {
        rows.push(row(found)?);
        Ok(())
    })?;
    Ok(rows)
}

/// One collection.
///
/// # Errors
/// [`Error::NotFound`].
pub fn collection(reader: &mut Reader, id: i64) -> Result<Collection, Error> {
    let rows = found(reader, "id = $1", &[Cell::Int(id)])?;
    let missing = || Error::NotFound { what: "collection", id: id.to_string() };
    rows.into_iter().next().ok_or_else(missing)
}

/// What was collected, or asked for, on a day of the channels' zone, newest first.
///
/// # Errors
/// The database's.
pub fn collected_on(reader: &mut Reader, day: BusinessDate) -> Result<Vec<Collection>, Error> {
    let cells = [Cell::Int(day.start_ms()), Cell::Int(day.plus_days(1).start_ms())];
    found(reader, "made_at_ms >= $1 and made_at_ms < $2 order by made_at_ms desc, id desc", &cells)
}

/// Those of which nobody knows the end yet, and those that are to be asked for once more, oldest
/// first.
///
/// # Errors
/// The database's.
pub fn open_collections(reader: &mut Reader) -> Result<Vec<Collection>, Error> {
    let open = "state not in ('paid', 'closed', 'refused') or next_at_ms is not null";
    found(reader, &format!("{open} order by id"), &[])
}

/// Keeps the number of a new collection. The same nonce again answers with the first.
///
/// # Errors
/// The database's; no randomness.
pub(super) fn keep(
    book: &Book,
    connection: &Connection,
    wanted: &Wanted,
    note: &str,
    actor: &Actor<'_>,
) -> Result<(i64, bool), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let mut known = None;
    let nonce = [Cell::Text(&wanted.nonce)];
    loader.query("select id from collection where nonce = $1", &nonce, |row| {
        known = Some(row.int(0)?);
        Ok(())
    })?;
    if let Some(id) = known {
        return Ok((id, false));
    }
    let mut id = 1;
    loader.query("select coalesce(max(id), 0) + 1 from collection", &[], |row| {
        id = row.int(0)?;
        Ok(())
    })?;
    let number = number(actor.at_ms)?;
    let life_ms = i64::from(MINUTES) * 60_000;
    loader.execute(
        "insert into collection (id, nonce, order_no, connection_id, channel, account_no, \
         currency, amount_minor, note, state, made_at_ms, made_by, expires_at_ms, next_at_ms) \
         values ($1, $2, $3, $4, $5, $6, 'CNY', $7, $8, 'sending', $9, $10, $11, $9)",
        &[
            Cell::Int(id),
            Cell::Text(&wanted.nonce),
            Cell::Text(&number),
            Cell::Int(connection.id),
            Cell::Text(connection.kind.channel().code()),
            Cell::Text(&connection.account_no),
            Cell::Int(wanted.amount_minor),
            Cell::Text(note),
            Cell::Int(actor.at_ms),
            Cell::Text(actor.name),
            Cell::Int(actor.at_ms.saturating_add(life_ms)),
        ],
    )?;
    loader.commit()?;
    Ok((id, true))
}

/// `C20260305` and 100 random bits: no counter, so that no other computer makes the same, and no
/// letter that looks like a figure. Fits every channel.
fn number(at_ms: i64) -> Result<String, Error> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let bytes: [u8; 20] = unguessable().map_err(StoreError::Keys)?;
    let day = BusinessDate::of_ms(at_ms).to_string().replace('-', "");
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(format!("C{day}{}", letters.collect::<String>()))
}

/// What is to be kept of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    pub state: Option<State>,
    pub code: Option<String>,
    pub shown_at_ms: Option<i64>,
    pub asked_at_ms: Option<i64>,
    pub next_at_ms: Option<i64>,
    pub trouble: (String, String),
    pub tries: i64,
    pub paid: Option<(String, i64)>,
    pub given_up_at_ms: Option<i64>,
}

/// Keeps what a call brought. A paid collection takes no other state any more.
///
/// # Errors
/// The database's.
pub(super) fn learn(book: &Book, id: i64, news: &News) -> Result<(), Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    let int = |value: Option<i64>| value.map_or(Cell::Null, Cell::Int);
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (state, code) = (news.state.map_or("", State::code), text(&news.code));
    let (channel_ref, paid_at_ms) = news.paid.clone().unzip();
    let channel_ref = channel_ref.unwrap_or_default();
    loader.execute(
        "update collection set state = case when $2 = '' then state else $2 end, \
         code = case when $3 = '' then code else $3 end, \
         shown_at_ms = coalesce(shown_at_ms, $4), \
         asked_at_ms = coalesce($5, asked_at_ms), next_at_ms = $6, \
         trouble = $7, trouble_detail = $8, tries = $9, \
         paid_at_ms = coalesce(paid_at_ms, $10), \
         channel_ref = case when $11 = '' then channel_ref else $11 end, \
         given_up_at_ms = coalesce(given_up_at_ms, $12) \
         where id = $1 and (state <> 'paid' or $2 = 'paid')",
        &[
            Cell::Int(id),
            Cell::Text(state),
            Cell::Text(&code),
            int(news.shown_at_ms),
            int(news.asked_at_ms),
            int(news.next_at_ms),
            Cell::Text(&news.trouble.0),
            Cell::Text(&news.trouble.1),
            Cell::Int(news.tries),
            int(paid_at_ms),
            Cell::Text(&channel_ref),
            int(news.given_up_at_ms),
        ],
    )?;
    Ok(loader.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_number_fits_every_channel_and_comes_once() {
        let numbers: HashSet<String> =
            (0..1000).map(|_| number(1_772_700_000_000).expect("random bytes")).collect();
        assert_eq!(numbers.len(), 1000);
        for number in numbers {
            assert!(number.starts_with("C20260305"), "{number}");
            assert_eq!(number.len(), 29);
            assert!(number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
        }
    }
}
