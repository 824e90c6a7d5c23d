//! The platform's clock in the words of its channels.

use crate::time::{At, DAY_SECS, push_at, push_clock, push_date, push_padded, weekday};
use std::sync::Arc;

/// Tells the time: UTC milliseconds. A test turns it as it likes.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Beijing is so many seconds ahead of UTC.
const BEIJING_SECS: i64 = 8 * 3600;

/// The moment by Beijing's wall clock.
pub(super) fn beijing(ms: i64) -> At {
    at(ms.div_euclid(1000) + BEIJING_SECS)
}

/// UTC milliseconds of a moment by Beijing's wall clock.
pub(super) fn utc_ms(at: At) -> i64 {
    (i64::from(at.day) * i64::from(DAY_SECS) + i64::from(at.sec) - BEIJING_SECS) * 1000
}

fn at(secs: i64) -> At {
    let day = i64::from(DAY_SECS);
    At { day: secs.div_euclid(day) as i32, sec: secs.rem_euclid(day) as u32 }
}

/// `2026-01-01T08:00:01+08:00`.
pub(super) fn rfc3339(ms: i64) -> String {
    let mut text = plain(ms).replacen(' ', "T", 1);
    text.push_str("+08:00");
    text
}

/// `2026-01-01 08:00:01`.
pub(super) fn plain(ms: i64) -> String {
    let mut text = String::with_capacity(25);
    push_at(&mut text, beijing(ms));
    text
}

/// `20260101080001`.
pub(super) fn compact(ms: i64) -> String {
    plain(ms).chars().filter(char::is_ascii_digit).collect()
}

/// UTC milliseconds of `2026-01-01 08:00:01`, `2026-01-01T08:00:01+08:00` or `20260101080001`.
pub(super) fn read(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    let day = read_day(digits.get(..8)?)?;
    let part = |from: usize| digits.get(from..from + 2)?.parse::<u32>().ok();
    let (hour, minute, second) = (part(8)?, part(10)?, part(12)?);
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then(|| utc_ms(At { day, sec: hour * 3600 + minute * 60 + second }))
}

/// Days since 1970-01-01 of `2026-01-01` or `20260101`.
pub(super) fn read_day(text: &str) -> Option<i32> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let date = chrono::NaiveDate::parse_from_str(&digits, "%Y%m%d").ok()?;
    (digits.len() == 8).then(|| crate::time::day_of(date))
}

/// `Thu, 01 Jan 2026 00:00:01 GMT`.
pub(super) fn http_date(ms: i64) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = at(ms.div_euclid(1000));
    let (year, month, date) = crate::time::civil(at.day);
    let mut text = format!("{}, ", DAYS[weekday(at.day) as usize]);
    push_padded(&mut text, u64::from(date), 2);
    text.push_str(&format!(" {} {year} ", MONTHS[month as usize - 1]));
    push_clock(&mut text, at.sec);
    text.push_str(" GMT");
    text
}

/// `2026-01-01`.
pub(super) fn date(day: i32) -> String {
    let mut text = String::with_capacity(10);
    push_date(&mut text, day, "-");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_each_channel_writes_it() {
        let ms = 1_767_225_601_000;
        assert_eq!(rfc3339(ms), "2026-01-01T08:00:01+08:00");
        assert_eq!(compact(ms), "20260101080001");
        assert_eq!(http_date(ms), "Thu, 01 Jan 2026 00:00:01 GMT");
        for text in [rfc3339(ms), plain(ms), compact(ms)] {
            assert_eq!(read(&text), Some(ms), "{text}");
        }
        assert_eq!(read("2026-02-30 00:00:00"), None);
        assert_eq!(read_day("2026-01-01").map(date).as_deref(), Some("2026-01-01"));
    }
}
