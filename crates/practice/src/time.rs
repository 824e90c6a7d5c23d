//! Days and wall-clock times in the channels' zone (UTC+8), as plain numbers.

use chrono::NaiveDate;

/// Seconds of a day.
pub(crate) const DAY_SECS: u32 = 86_400;

/// A moment by the channels' wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Seconds since midnight, below 86 400.
    pub sec: u32,
}

impl At {
    pub(crate) fn new(day: i32, sec: u32) -> Self {
        Self { day, sec }
    }

    /// Later by less than a day.
    pub(crate) fn plus(self, secs: u32) -> Self {
        let sec = self.sec + secs;
        Self { day: self.day + (sec / DAY_SECS) as i32, sec: sec % DAY_SECS }
    }

    /// Earlier by less than a day.
    pub(crate) fn minus(self, secs: u32) -> Self {
        match self.sec.checked_sub(secs) {
            Some(sec) => Self { day: self.day, sec },
            None => Self { day: self.day - 1, sec: self.sec + DAY_SECS - secs },
        }
    }
}

/// Year, month, day.
pub(crate) fn civil(day: i32) -> (i32, u32, u32) {
    // Howard Hinnant's algorithm: a year that starts in March puts the leap day last.
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i32::from(month <= 2);
    (year, month as u32, (doy - (153 * mp + 2) / 5 + 1) as u32)
}

/// Days since 1970-01-01.
pub(crate) fn day_of(date: NaiveDate) -> i32 {
    date.signed_duration_since(NaiveDate::default()).num_days() as i32
}

/// Monday is 0.
pub(crate) fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

/// Appends `n` with leading zeros.
pub(crate) fn push_padded(out: &mut String, n: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let (mut rest, mut at) = (n, digits.len());
    while rest > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let from = at.min(digits.len() - width);
    out.extend(digits[from..].iter().map(|b| char::from(*b)));
}

/// Appends `2026-04-14`, with `separator` between the parts.
pub(crate) fn push_date(out: &mut String, day: i32, separator: &str) {
    let (year, month, date) = civil(day);
    push_padded(out, year as u64, 4);
    out.push_str(separator);
    push_padded(out, u64::from(month), 2);
    out.push_str(separator);
    push_padded(out, u64::from(date), 2);
}

/// `2026-04-14`.
pub(crate) fn date_text(day: i32) -> String {
    let mut out = String::with_capacity(10);
    push_date(&mut out, day, "-");
    out
}

/// `20260414`.
pub(crate) fn compact_date(day: i32) -> String {
    let mut out = String::with_capacity(8);
    push_date(&mut out, day, "");
    out
}

/// Appends `23:59:58`.
pub(crate) fn push_clock(out: &mut String, sec: u32) {
    push_padded(out, u64::from(sec / 3600), 2);
    out.push(':');
    push_padded(out, u64::from(sec / 60 % 60), 2);
    out.push(':');
    push_padded(out, u64::from(sec % 60), 2);
}

/// Appends `2026-04-14 23:59:58`.
pub(crate) fn push_at(out: &mut String, at: At) {
    push_date(out, at.day, "-");
    out.push(' ');
    push_clock(out, at.sec);
}

/// Appends `1234.05`, `-0.30`.
pub(crate) fn push_yuan(out: &mut String, minor: i64) {
    if minor < 0 {
        out.push('-');
    }
    let minor = minor.unsigned_abs();
    push_padded(out, minor / 100, 1);
    out.push('.');
    push_padded(out, minor % 100, 2);
}

/// `1234.05`.
pub(crate) fn yuan(minor: i64) -> String {
    let mut out = String::new();
    push_yuan(&mut out, minor);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_agrees_with_the_library_for_two_centuries() {
        for day in -30_000..60_000 {
            let date = NaiveDate::default() + chrono::Duration::days(i64::from(day));
            assert_eq!(date_text(day), date.format("%Y-%m-%d").to_string());
            assert_eq!(day_of(date), day);
        }
        assert_eq!(weekday(0), 3, "1970-01-01 was a Thursday");
    }

    #[test]
    fn amounts_are_written_with_two_decimals() {
        let written: Vec<_> = [0, 5, -30, 123_405, -100].map(yuan).into();
        assert_eq!(written, ["0.00", "0.05", "-0.30", "1234.05", "-1.00"]);
    }
}
