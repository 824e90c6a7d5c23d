//! Days whose orders are all here, in a book with several shops: a day that one of them was read
//! for says nothing of what the others sold on it.

use super::Facts;
use crate::error::Error;
use domain::{BusinessDate, Stream};
use std::collections::BTreeMap;
use store::bulk::Loader;

/// What of a shop was read: its first day, and spans of the time of placing, joined.
struct Shop {
    from_day: i32,
    read: Vec<(i64, i64)>,
}

impl Shop {
    /// True when no order that this shop took on the day can be missing.
    fn covers(&self, day: i32) -> bool {
        let from = BusinessDate::from_days(day).start_ms();
        let until = BusinessDate::from_days(day + 1).start_ms();
        day < self.from_day || self.read.iter().any(|span| span.0 <= from && until <= span.1)
    }
}

impl Facts {
    /// Takes back the days on which orders of one shop or another may be missing. One shop alone
    /// is told by its files.
    pub(super) fn cover_shops(&mut self, loader: &mut Loader<'_>) -> Result<(), Error> {
        let mut shops: BTreeMap<i64, Shop> = BTreeMap::new();
        loader.query(
            "select c.id, c.from_day, coalesce(v.from_ms, 0), coalesce(v.until_ms, 0) \
             from connection c left join coverage v on v.connection_id = c.id \
             and v.stream = 'orders' and v.proof <> 'broken' \
             where c.kind in ('vendure', 'medusa', 'woocommerce', 'shopify') \
             order by c.id, v.from_ms, v.until_ms",
            &[],
            |row| {
                let new = Shop { from_day: row.int(1)? as i32, read: Vec::new() };
                let read = &mut shops.entry(row.int(0)?).or_insert(new).read;
                let (from, until) = (row.int(2)?, row.int(3)?);
                match read.last_mut() {
                    Some(last) if from <= last.1 => last.1 = last.1.max(until),
                    _ => read.push((from, until)),
                }
                Ok(())
            },
        )?;
        if shops.len() > 1 {
            let whole = |day: i32| shops.values().all(|shop| shop.covers(day));
            self.known_days.retain(|(stream, day)| *stream != Stream::Orders || whole(*day));
        }
        Ok(())
    }
}
