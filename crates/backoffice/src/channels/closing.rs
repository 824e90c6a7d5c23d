//! Before a month is closed: bills that were read before its end, and not again.

use super::connections;
use super::coverage::Known;
use super::due::{closing_ms, first_in_reach, last_ready};
use crate::error::Error;
use domain::{BusinessDate, Channel, Period};
use store::bulk::Reader;

/// Days in a row of one stream whose bills were last read before the period had ended: the channel
/// may have amended them since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReadAgain {
    /// Number of the connection.
    pub connection: i64,
    /// Its name.
    pub name: String,
    /// Stream code.
    pub stream: String,
    /// First of the days.
    pub from: BusinessDate,
    /// Last of the days.
    pub to: BusinessDate,
    /// False when the channel gives these bills out no more.
    pub in_reach: bool,
}

/// Bills of a period that are here and were not read again since the last of them was there, by
/// connection, stream and day; of one channel, or of all. Days whose bill is not here at all are
/// no part of it: their certificates say so. [`super::SyncRequest::again`] asks for them.
///
/// # Errors
/// The database's.
pub fn not_read_again(
    reader: &mut Reader,
    period: Period,
    channel: Option<Channel>,
    now_ms: i64,
) -> Result<Vec<NotReadAgain>, Error> {
    let mut found: Vec<NotReadAgain> = Vec::new();
    for connection in connections::list(reader)? {
        let kind = connection.kind;
        let Some(plan) = kind.bill_plan() else { continue };
        if channel.is_some_and(|channel| channel != kind.channel()) {
            continue;
        }
        let known = Known::read(reader, connection.id)?;
        let closing_ms = closing_ms(&plan, period, now_ms);
        let reach = first_in_reach(&plan, now_ms);
        let last = period.until.days().saturating_sub(1).min(last_ready(&plan, now_ms));
        for stream in kind.streams() {
            for day in period.from.days().max(connection.from_day)..=last {
                let date = BusinessDate::from_days(day);
                let taken_ms = known.stream(stream).proven.get(&date.start_ms());
                if taken_ms.is_none_or(|taken| *taken >= closing_ms) {
                    continue;
                }
                let in_reach = day >= reach;
                match found.last_mut() {
                    Some(run)
                        if run.connection == connection.id
                            && run.stream == *stream
                            && run.in_reach == in_reach
                            && run.to.plus_days(1) == date =>
                    {
                        run.to = date;
                    }
                    _ => found.push(NotReadAgain {
                        connection: connection.id,
                        name: connection.name.clone(),
                        stream: (*stream).to_owned(),
                        from: date,
                        to: date,
                        in_reach,
                    }),
                }
            }
        }
    }
    Ok(found)
}
