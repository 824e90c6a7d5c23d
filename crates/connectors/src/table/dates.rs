//! Dates and times by pattern.

use chrono::{Datelike, NaiveDate, NaiveTime};
use domain::BusinessDate;

/// Patterns tried when a mapping names none. Year first only: the others are ambiguous.
pub(crate) const YEAR_FIRST: &[&str] = &[
    "yyyy-M-d HH:mm:ss",
    "yyyy-M-d HH:mm",
    "yyyy-M-d",
    "yyyy/M/d HH:mm:ss",
    "yyyy/M/d HH:mm",
    "yyyy/M/d",
    "yyyyMMdd",
    "yyyyMMddHHmmss",
    "yyyyMMdd HH:mm:ss",
    "yyyyMMdd HHmmss",
    "yyyy年M月d日 HH:mm:ss",
    "yyyy年M月d日",
    "yyyy.M.d HH:mm:ss",
    "yyyy.M.d",
    "yyyy-M-dTHH:mm:ss",
    "yyyy-M-dTHH:mm:ssXXX",
    "yyyy-M-dTHH:mm:ss.SSSXXX",
    "yyyy-M-d HH:mm:ss XXX",
    "yyyy-M-d HH:mm:ss.SSS",
    "yyyy-M-d-HH.mm.ss.SSS",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year4,
    Year2,
    Month { fixed: bool },
    MonthName,
    Day { fixed: bool },
    Hour { fixed: bool },
    HalfDay,
    Minute,
    Second,
    Fraction,
    Zone,
    Literal(char),
}

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

/// A wall clock as printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// The day as printed.
    pub day: BusinessDate,
    /// Milliseconds since midnight; `None` when only a day was printed.
    pub time_ms: Option<i64>,
    /// Minutes east of UTC, when printed.
    pub offset_minutes: Option<i32>,
}

impl Moment {
    /// UTC milliseconds; midnight when only a day was printed.
    pub(crate) fn at_ms(self, default_offset_minutes: i32) -> i64 {
        let offset = i64::from(self.offset_minutes.unwrap_or(default_offset_minutes)) * 60_000;
        i64::from(self.day.days()) * 86_400_000 + self.time_ms.unwrap_or(0) - offset
    }
}

impl Pattern {
    /// `None` when the pattern names no day, or holds letters that mean nothing.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let run = rest.chars().take_while(|c| *c == first).count();
            let part = match (first, run) {
                ('y', 4) => Part::Year4,
                ('y', 2) => Part::Year2,
                ('M', 1) => Part::Month { fixed: false },
                ('M', 2) => Part::Month { fixed: true },
                ('M', 3) => Part::MonthName,
                ('d', 1) => Part::Day { fixed: false },
                ('d', 2) => Part::Day { fixed: true },
                ('H' | 'h', 1) => Part::Hour { fixed: false },
                ('H' | 'h', 2) => Part::Hour { fixed: true },
                ('a', 1) => Part::HalfDay,
                ('m', 2) => Part::Minute,
                ('s', 2) => Part::Second,
                ('S', 1..=9) => Part::Fraction,
                ('X' | 'Z', 1..=3) => Part::Zone,
                ('T', 1) => Part::Literal('T'),
                (c, _) if c.is_ascii_alphanumeric() => return None,
                (c, _) => Part::Literal(c),
            };
            let taken = if matches!(part, Part::Literal(_)) { 1 } else { run };
            rest = &rest[first.len_utf8() * taken..];
            parts.push(part);
        }
        let has = |wanted: fn(&Part) -> bool| parts.iter().any(wanted);
        let whole = has(|p| matches!(p, Part::Year4 | Part::Year2))
            && has(|p| matches!(p, Part::Month { .. } | Part::MonthName))
            && has(|p| matches!(p, Part::Day { .. }));
        whole.then_some(Self(parts))
    }

    /// Reads a whole text; `None` when it does not fit or names no real day.
    pub(crate) fn parse(&self, text: &str) -> Option<Moment> {
        let mut rest = text.trim();
        let mut seen = Seen::default();
        for part in &self.0 {
            rest = seen.take(*part, rest)?;
        }
        if rest.is_empty() { seen.moment() } else { None }
    }
}

#[derive(Default)]
struct Seen {
    year: i32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    milli: u32,
    timed: bool,
    half: Option<bool>,
    offset: Option<i32>,
}

impl Seen {
    fn take<'t>(&mut self, part: Part, text: &'t str) -> Option<&'t str> {
        let number = |least: usize, most: usize| digits(text, least, most);
        let rest;
        match part {
            Part::Year4 => {
                let (value, after) = number(4, 4)?;
                (self.year, rest) = (value as i32, after);
            }
            Part::Year2 => {
                let (value, after) = number(2, 2)?;
                (self.year, rest) = (2000 + value as i32, after);
            }
            Part::Month { fixed } => {
                (self.month, rest) = number(if fixed { 2 } else { 1 }, 2)?;
            }
            Part::MonthName => {
                let name = text.get(..3)?.to_ascii_lowercase();
                let names = "janfebmaraprmayjunjulaugsepoctnovdec";
                let at = names.find(&name).filter(|at| at % 3 == 0)?;
                (self.month, rest) = (at as u32 / 3 + 1, &text[3..]);
            }
            Part::Day { fixed } => (self.day, rest) = number(if fixed { 2 } else { 1 }, 2)?,
            Part::Hour { fixed } => {
                (self.hour, rest) = number(if fixed { 2 } else { 1 }, 2)?;
                self.timed = true;
            }
            Part::HalfDay => {
                let word = text.get(..2)?.to_ascii_lowercase();
                self.half = Some(match word.as_str() {
                    "am" => false,
                    "pm" => true,
                    _ => return None,
                });
                rest = &text[2..];
            }
            Part::Minute => (self.minute, rest) = number(2, 2)?,
            Part::Second => (self.second, rest) = number(2, 2)?,
            Part::Fraction => {
                let count = text.bytes().take_while(u8::is_ascii_digit).count();
                let milli = text.get(..count.min(3))?;
                let scale = 10u32.pow(3 - milli.len() as u32);
                (self.milli, rest) = (milli.parse::<u32>().ok()? * scale, &text[count..]);
            }
            Part::Zone => {
                let (offset, after) = zone(text)?;
                (self.offset, rest) = (Some(offset), after);
            }
            Part::Literal(wanted) => rest = text.strip_prefix(wanted)?,
        }
        Some(rest)
    }

    fn moment(&self) -> Option<Moment> {
        let hour = match self.half {
            None => self.hour,
            Some(_) if !(1..=12).contains(&self.hour) => return None,
            Some(after_noon) => self.hour % 12 + if after_noon { 12 } else { 0 },
        };
        NaiveTime::from_hms_opt(hour, self.minute, self.second)?;
        let date = NaiveDate::from_ymd_opt(self.year, self.month, self.day)
            .filter(|date| (1970..=9999).contains(&date.year()))?;
        let seconds = i64::from((hour * 60 + self.minute) * 60 + self.second);
        Some(Moment {
            day: BusinessDate::from_naive(date),
            time_ms: self.timed.then(|| seconds * 1000 + i64::from(self.milli)),
            offset_minutes: self.offset,
        })
    }
}

/// `least` to `most` digits at the start of `text`, and what follows.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}

/// `Z`, `+08:00`, `+0800`, `+08`; minutes east of UTC.
pub(crate) fn zone(text: &str) -> Option<(i32, &str)> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some((0, rest));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(&text[1..], 2, 2)?;
    let minutes = digits(rest.strip_prefix(':').unwrap_or(rest), 2, 2);
    let (minutes, rest) = minutes.unwrap_or((0, rest));
    if hours > 14 || minutes > 59 {
        return None;
    }
    Some((sign * (hours * 60 + minutes) as i32, rest))
}

/// Reads a time of day: `10:02:11`, `10:02`, `100211`, `1002`; milliseconds since midnight.
pub(crate) fn time_of_day(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.split('.').next().unwrap_or(text);
    let (hour, minute, second) = if text.contains(':') {
        let mut parts = text.split(':').map(|part| digits(part, 1, 2));
        let mut next = || match parts.next() {
            None => Some(0),
            Some(Some((value, ""))) => Some(value),
            Some(_) => None,
        };
        let read = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        read
    } else {
        match text.len() {
            4 | 6 if text.bytes().all(|b| b.is_ascii_digit()) => {
                let two = |at: usize| text.get(at..at + 2).map_or(Some(0), |t| t.parse().ok());
                (two(0)?, two(2)?, two(4)?)
            }
            _ => return None,
        }
    };
    NaiveTime::from_hms_opt(hour, minute, second)?;
    Some(i64::from((hour * 60 + minute) * 60 + second) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, text: &str) -> Option<String> {
        let moment = Pattern::new(pattern)?.parse(text)?;
        Some(format!("{} {:?} {:?}", moment.day, moment.time_ms, moment.offset_minutes))
    }

    #[test]
    fn the_same_morning_is_read_in_every_spelling() {
        for (pattern, text) in [
            ("yyyy-MM-dd HH:mm:ss", "2026-04-05 09:30:00"),
            ("yyyy/M/d H:mm", "2026/4/5 9:30"),
            ("yyyy年M月d日 HH:mm:ss", "2026年4月5日 09:30:00"),
            ("dd.MM.yyyy HH:mm", "05.04.2026 09:30"),
            ("MM/dd/yyyy hh:mm a", "04/05/2026 09:30 AM"),
            ("d MMM yy HH:mm", "5 Apr 26 09:30"),
            ("yyyyMMddHHmmss", "20260405093000"),
        ] {
            assert_eq!(
                read(pattern, text).as_deref(),
                Some("2026-04-05 Some(34200000) None"),
                "{text}"
            );
        }
        let zoned = Pattern::new("yyyy-MM-dd HH:mm:ss XXX").unwrap();
        let moment = zoned.parse("2026-04-15 10:00:00 +0800").unwrap();
        assert_eq!(moment.at_ms(0), moment.day.start_ms() + 10 * 3_600_000);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (pattern, text) in [
            ("yyyy-MM-dd", "2026-02-30"),
            ("yyyy-MM-dd", "2026-04-15 "),
            ("yyyyMMdd", "2026041"),
            ("yyyy-MM-dd HH:mm:ss", "2026-04-15 24:00:00"),
            ("dd/MM/yyyy", "04/15/2026"),
        ] {
            let trimmed = text.trim() != text;
            assert_eq!(read(pattern, text).is_some(), trimmed, "{text}");
        }
        assert_eq!(Pattern::new("yyyy-QQ-dd"), None);
        assert_eq!(Pattern::new("HH:mm"), None);
    }

    #[test]
    fn a_time_column_may_be_written_with_or_without_colons() {
        for text in ["09:30:00", "9:30", "093000", "0930"] {
            assert_eq!(time_of_day(text), Some(34_200_000), "{text}");
        }
        for text in ["", "25:00", "9", "9:61", "9:30:00:00", "1:x"] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }
}
