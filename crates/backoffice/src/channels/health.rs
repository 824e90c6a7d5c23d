//! How asking a channel went of late: what was asked last is remembered, by connection and stream.

use crate::error::Error;
use std::collections::HashMap;
use store::bulk::{Cell, Loader, Reader};

/// Asks of a stream that are remembered, beside the last that went well and the last that failed.
pub const ASKS_KEPT: i64 = 50;

/// Code of an ask the channel answered with "not made yet": neither good nor bad.
const NOT_YET: &str = "not_yet";

/// How the last asks of a stream went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// How many are known, at most [`ASKS_KEPT`].
    pub asked: u32,
    /// How many of them failed: brought an error, or something that proves nothing.
    pub failed: u32,
    /// The last one that brought something, or the channel's word that there is nothing, UTC ms.
    pub last_fine_ms: Option<i64>,
    /// The last one that failed, UTC ms, with the code of why.
    pub last_failed: Option<(i64, String)>,
}

/// Remembers one ask. An empty code says that it went well.
///
/// # Errors
/// The database's.
pub(crate) fn remember_ask(
    loader: &mut Loader<'_>,
    (connection, stream): (i64, &str),
    at_ms: i64,
    code: &str,
) -> Result<(), Error> {
    let of = [Cell::Int(connection), Cell::Text(stream)];
    let mut last = 0;
    loader.query(
        "select coalesce(max(seq), 0) from sync_ask where connection_id = $1 and stream = $2",
        &of,
        |row| {
            last = row.int(0)?;
            Ok(())
        },
    )?;
    let seq = last + 1;
    loader.execute(
        "insert into sync_ask (connection_id, stream, seq, at_ms, code) \
         values ($1, $2, $3, $4, $5)",
        &[of[0], of[1], Cell::Int(seq), Cell::Int(at_ms), Cell::Text(code)],
    )?;
    // Of what went well and of what failed the last is kept, however long ago it was.
    loader.execute(
        "delete from sync_ask where connection_id = $1 and stream = $2 and seq <= $3 \
         and (code = $4 or seq < (select max(o.seq) from sync_ask o where o.connection_id = $1 \
         and o.stream = $2 and o.code <> $4 \
         and (case when o.code = '' then 1 else 0 end) \
         = (case when sync_ask.code = '' then 1 else 0 end)))",
        &[of[0], of[1], Cell::Int(seq - ASKS_KEPT), Cell::Text(NOT_YET)],
    )?;
    Ok(())
}

/// How the last asks of a connection went, by stream.
///
/// # Errors
/// The database's.
pub(super) fn asks_of(
    reader: &mut Reader,
    connection: i64,
) -> Result<HashMap<String, Asks>, Error> {
    let mut rows: HashMap<String, Vec<(i64, i64, String)>> = HashMap::new();
    reader.query(
        "select stream, seq, at_ms, code from sync_ask where connection_id = $1 \
         order by stream, seq",
        &[Cell::Int(connection)],
        |row| {
            let asks = rows.entry(row.text(0)?.to_owned()).or_default();
            asks.push((row.int(1)?, row.int(2)?, row.text(3)?.to_owned()));
            Ok(())
        },
    )?;
    Ok(rows.into_iter().map(|(stream, rows)| (stream, summed(&rows))).collect())
}

/// Of rows `(seq, at_ms, code)` in order; those kept for being the last of their kind are older
/// than the ones that are counted.
fn summed(rows: &[(i64, i64, String)]) -> Asks {
    let mut asks = Asks::default();
    let counted_from = rows.last().map_or(0, |(seq, ..)| seq - ASKS_KEPT + 1);
    for (seq, at_ms, code) in rows {
        let counted = u32::from(*seq >= counted_from);
        asks.asked += counted;
        match code.as_str() {
            "" => asks.last_fine_ms = Some(*at_ms),
            NOT_YET => {}
            code => {
                asks.last_failed = Some((*at_ms, code.to_owned()));
                asks.failed += counted;
            }
        }
    }
    asks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_for_being_the_last_of_its_kind_is_not_counted_again() {
        let row = |seq: i64, code: &str| (seq, seq * 10, code.to_owned());
        let mut rows = vec![row(3, "cut")];
        rows.extend((51..=100).map(|seq| row(seq, if seq == 60 { NOT_YET } else { "" })));
        let asks = summed(&rows);
        assert_eq!((asks.failed, asks.asked), (0, 50));
        assert_eq!(asks.last_failed, Some((30, "cut".to_owned())));
        assert_eq!(asks.last_fine_ms, Some(1000));
        assert_eq!(summed(&[]), Asks::default());
    }
}
