//! What was typed, word by word, and whether a row answers it.

use super::rows::Row;
use domain::{BusinessDate, Currency};
use store::search::{fold, is_number, mask, pinyin_matches, tails_of};

/// Words that count; a person types two or three.
const WORDS: usize = 6;
/// Characters of a word that count.
const CHARS: usize = 64;
/// The shortest tail that is looked for: with fewer, half the book would answer.
const TAIL: usize = 3;

/// One word and everything it could mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The word, folded.
    pub text: String,
    /// The same with its figures masked; empty when it is figures alone.
    pub masked: String,
    /// A number's tail.
    pub tail: Option<String>,
    /// The last long number inside a word that is more than a number.
    pub run: Option<String>,
    /// An amount: the digits before the point and those after it.
    pub amount: Option<(String, String)>,
    /// Letters that could be pinyin.
    pub letters: Option<String>,
    /// A day.
    pub day: Option<Day>,
}

/// A day as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// With its year.
    Whole(i32),
    /// Month and day; the year is the book's latest that has it.
    Yearless(u32, u32),
}

/// What of a row answered a word. The order is that of their weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// A number, from its first character to its last.
    WholeNumber,
    /// The tail of a number.
    Number,
    /// An amount.
    Amount,
    /// A text.
    Text,
    /// The pinyin of a text.
    Pinyin,
    /// The day.
    Day,
}

impl Matched {
    /// The stable code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::WholeNumber | Self::Number => "number",
            Self::Amount => "amount",
            Self::Text => "text",
            Self::Pinyin => "pinyin",
            Self::Day => "date",
        }
    }
}

/// Reads what was typed.
pub fn parse(typed: &str) -> Vec<Word> {
    let words = typed.split_whitespace().take(WORDS);
    words.map(|word| Word::new(&word.chars().take(CHARS).collect::<String>())).collect()
}

impl Word {
    fn new(typed: &str) -> Self {
        let text = fold(typed);
        let amount = amount(&text);
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*@#/".contains(&b));
        let digits = text.bytes().any(|b| b.is_ascii_digit());
        let letters = text.bytes().all(|b| b.is_ascii_lowercase());
        let masked = mask(text.trim_end_matches(['.', ',']));
        let figures = masked.chars().all(|c| !c.is_alphabetic());
        let run = tails_of(&text).last().filter(|_| !plain).map(str::to_owned);
        Self {
            run,
            tail: (plain && digits && text.len() >= TAIL).then(|| text.clone()),
            letters: letters.then(|| text.clone()),
            masked: if figures { String::new() } else { masked },
            day: day(&text),
            amount,
            text,
        }
    }

    /// The amount in minor units of a currency with so many decimals; `None` when it has more.
    pub fn minor(&self, decimals: u32) -> Option<i64> {
        let (whole, part) = self.amount.as_ref()?;
        let decimals = decimals as usize;
        let part = part.trim_end_matches('0');
        if part.len() > decimals {
            return None;
        }
        format!("{whole}{part:0<decimals$}").parse().ok()
    }

    /// What of the row answers this word; `None` when nothing does.
    pub fn matched(&self, row: &Row, day: Option<i32>) -> Option<Matched> {
        if day.is_some() && day == Some(row.day) {
            return Some(Matched::Day);
        }
        if let Some(tail) = &self.tail
            && let Some(matched) = tail_matched(row, tail)
        {
            return Some(matched);
        }
        let currency = Currency::from_code(&row.currency).unwrap_or(Currency::CNY);
        if let Some(minor) = self.minor(currency.decimals())
            && row.amounts.iter().any(|amount| amount.abs() == minor)
        {
            return Some(Matched::Amount);
        }
        if row.texts.iter().any(|text| fold(text).contains(&self.text)) {
            return Some(Matched::Text);
        }
        let letters = self.letters.as_ref()?;
        row.texts.iter().any(|t| pinyin_matches(t, letters)).then_some(Matched::Pinyin)
    }
}

fn tail_matched(row: &Row, tail: &str) -> Option<Matched> {
    let ends = |number: &str| {
        let at = number.len().checked_sub(tail.len())?;
        let same = number.as_bytes()[at..].eq_ignore_ascii_case(tail.as_bytes());
        same.then_some(if at == 0 { Matched::WholeNumber } else { Matched::Number })
    };
    let own = row.numbers.iter().filter_map(|number| ends(number));
    let in_texts = row.texts.iter().flat_map(|text| match is_number(text) {
        true => ends(text),
        false => tails_of(text).filter_map(ends).min(),
    });
    own.chain(in_texts).min()
}

/// `140`, `140.00`, `¥1,400`, `-3.5元`: the digits before the point and those after it.
fn amount(text: &str) -> Option<(String, String)> {
    let text = text.trim_start_matches(['-', '+', '−']);
    let text = text.trim_start_matches(['¥', '￥', '$', '€']).trim_end_matches('元');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole: String = whole.chars().filter(|c| *c != ',').collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty() && whole.len() <= 13 && part.len() <= 3;
    (fits && digits(&whole) && digits(part)).then(|| (whole, part.to_owned()))
}

/// `2026-04-14`, `2026/4/14`, `20260414`, `2026年4月14日`, `4-14`, `4/14`, `4月14日`.
fn day(text: &str) -> Option<Day> {
    let whole = |year: i32, month, day| {
        let date = BusinessDate::from_ymd(year, month, day)?;
        (1970..=2200).contains(&year).then_some(Day::Whole(date.days()))
    };
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return whole(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    }
    let parts: Vec<&str> = text.trim_end_matches('日').split(['-', '/', '年', '月']).collect();
    let numbers: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    match numbers?[..] {
        [year, month, day] if parts[0].len() == 4 => whole(i32::try_from(year).ok()?, month, day),
        [month @ 1..=12, day @ 1..=31] => Some(Day::Yearless(month, day)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(typed: &str) -> Word {
        parse(typed).remove(0)
    }

    #[test]
    fn an_amount_is_read_however_it_is_written() {
        for typed in ["140", "140.0", "140.00", "¥140", "￥140.00", "-140", "140元", "１４０"]
        {
            assert_eq!(word(typed).minor(2), Some(14_000), "{typed}");
        }
        assert_eq!(word("1,400.5").minor(2), Some(140_050));
        assert_eq!(word("140").minor(0), Some(140));
        assert_eq!(word("140.5").minor(0), None);
        for typed in ["QZ140", "14-0", "1.2345", "99999999999999"] {
            assert_eq!(word(typed).amount, None, "{typed}");
        }
    }

    #[test]
    fn a_day_is_read_with_and_without_its_year() {
        let day = BusinessDate::from_ymd(2026, 4, 14).map(|date| Day::Whole(date.days()));
        for typed in ["2026-04-14", "2026-4-14", "20260414", "2026/4/14", "2026年4月14日"] {
            assert_eq!(word(typed).day, day, "{typed}");
        }
        for typed in ["4-14", "04-14", "4/14", "4月14日"] {
            assert_eq!(word(typed).day, Some(Day::Yearless(4, 14)), "{typed}");
        }
        for typed in ["2026-13-01", "20269914", "414", "4-40", "4.14"] {
            assert_eq!(word(typed).day, None, "{typed}");
        }
    }

    #[test]
    fn digits_may_be_an_amount_or_a_tail_and_letters_may_be_pinyin() {
        let digits = word("4021");
        assert_eq!((digits.tail.as_deref(), digits.masked.as_str()), (Some("4021"), ""));
        assert!(digits.amount.is_some() && digits.letters.is_none());
        let letters = word("GangBi");
        assert_eq!((letters.letters.as_deref(), letters.tail), (Some("gangbi"), None));
        assert_eq!(word("14").tail, None);
        assert_eq!(parse("  钢笔   140 ").len(), 2);
    }
}
