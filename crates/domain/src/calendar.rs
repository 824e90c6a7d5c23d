//! Business dates and the channel's clock.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use std::fmt;

/// The zone every Chinese channel keeps its days in: UTC+8, no daylight saving.
pub const CHANNEL_OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A calendar day in the channel's zone, counted in days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BusinessDate(i32);

impl BusinessDate {
    /// From days since 1970-01-01.
    pub fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub fn days(self) -> i32 {
        self.0
    }

    /// `None` when there is no such day.
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_naive)
    }

    /// The day an instant (UTC milliseconds) falls on in the channel's zone.
    pub fn of_ms(at_ms: i64) -> Self {
        Self((at_ms + CHANNEL_OFFSET_MS).div_euclid(DAY_MS) as i32)
    }

    /// First instant of the day, UTC milliseconds.
    pub fn start_ms(self) -> i64 {
        i64::from(self.0) * DAY_MS - CHANNEL_OFFSET_MS
    }

    /// The day `days` later (or earlier, when negative).
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// As a chrono date.
    pub fn naive(self) -> NaiveDate {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("the epoch is a date");
        epoch + chrono::Duration::days(i64::from(self.0))
    }

    /// From a chrono date.
    pub fn from_naive(date: NaiveDate) -> Self {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("the epoch is a date");
        Self(date.signed_duration_since(epoch).num_days() as i32)
    }

    /// Reads `2026-04-15`, `2026/4/15`, `20260415`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            NaiveDate::parse_from_str(text, "%Y%m%d")
        } else {
            NaiveDate::parse_from_str(&text.replace('/', "-"), "%Y-%m-%d")
        };
        date.ok().filter(|d| (1970..=9999).contains(&d.year())).map(Self::from_naive)
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.naive().format("%Y-%m-%d"))
    }
}

/// Reads a channel's wall clock (`2026-01-01 10:02:11`, also `2026/1/1 10:02`) as UTC
/// milliseconds.
pub fn parse_channel_time(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(at) = parse_fixed_time(text.as_bytes()) {
        return Some(at);
    }
    let text = text.replace('/', "-");
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
        .filter(|at| (1970..=9999).contains(&at.year()))
        .map(|at| at.and_utc().timestamp_millis() - CHANNEL_OFFSET_MS)
}

/// The fixed layout `YYYY-MM-DD HH:MM:SS`, which is nearly every row of every bill.
fn parse_fixed_time(b: &[u8]) -> Option<i64> {
    if b.len() != 19 || b[4] != b'-' || b[7] != b'-' || b[10] != b' ' {
        return None;
    }
    if b[13] != b':' || b[16] != b':' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        b[from..to]
            .iter()
            .try_fold(0u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
    };
    let date = BusinessDate::from_ymd(number(0, 4)? as i32, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if date.days() < 0 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(date.start_ms() + i64::from((hour * 60 + minute) * 60 + second) * 1000)
}

/// Writes an instant as the channel's wall clock, `2026-01-01 10:02:11`.
pub fn format_channel_time(at_ms: i64) -> String {
    match DateTime::from_timestamp_millis(at_ms + CHANNEL_OFFSET_MS) {
        Some(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        None => String::new(),
    }
}

/// A half-open span of days: `from` is inside, `until` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// First day inside.
    pub from: BusinessDate,
    /// First day outside.
    pub until: BusinessDate,
}

impl Period {
    /// True when `day` is inside.
    pub fn contains(&self, day: BusinessDate) -> bool {
        self.from <= day && day < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_day_starts_at_midnight_in_beijing() {
        let at = parse_channel_time("2026-01-01 00:00:00").unwrap();
        assert_eq!(at, 1_767_196_800_000);
        assert_eq!(BusinessDate::of_ms(at).to_string(), "2026-01-01");
        assert_eq!(BusinessDate::of_ms(at - 1).to_string(), "2025-12-31");
        assert_eq!(format_channel_time(at), "2026-01-01 00:00:00");
        assert_eq!(parse_channel_time("2026/1/1 0:00"), Some(at));
    }

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["2026-02-30", "0000-00-00", "2026-13-01", "", "20261301"] {
            assert_eq!(BusinessDate::parse(text), None, "{text}");
        }
        assert_eq!(parse_channel_time("2026-01-01 24:00:00"), None);
    }
}
