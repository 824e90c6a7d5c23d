//! The statement's words and figures as text, the same in PDF, XLSX and CSV.

use crate::statement::{Note, Statement, StatementKind};
use domain::money::minor_to_major;
use domain::{Channel, Currency};
use messages::Lang;

/// Longest text any cell takes over, in characters; the rest is cut with an ellipsis.
const TEXT_MAX: usize = 300;

/// The message of `statement.<key>`.
pub(crate) fn word(lang: Lang, key: &str) -> String {
    messages::text(lang, &format!("statement.{key}"), &[])
}

/// The message of `statement.<key>` with its places filled.
pub(crate) fn filled(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    messages::text(lang, &format!("statement.{key}"), values)
}

/// Two texts on one line with the language's separator between them.
pub(crate) fn joined(lang: Lang, a: &str, b: &str) -> String {
    filled(lang, "joined", &[("a", a), ("b", b)])
}

/// Title and subject: `Payout statement – 1000…`.
pub(crate) fn heading(statement: &Statement) -> String {
    joined(statement.lang, &title(statement), &subject(statement))
}

/// The document's title.
pub(crate) fn title(statement: &Statement) -> String {
    match &statement.kind {
        StatementKind::Payout(_) => word(statement.lang, "title.payout"),
        StatementKind::Period { channel: Some(_), .. } => {
            word(statement.lang, "title.period_channel")
        }
        StatementKind::Period { channel: None, .. } => word(statement.lang, "title.period_company"),
    }
}

/// What the title is about: the payout's number or the first and last day inside.
pub(crate) fn subject(statement: &Statement) -> String {
    match &statement.kind {
        StatementKind::Payout(head) => clean(&head.number),
        StatementKind::Period { period, .. } => {
            let (from, to) = (period.from.to_string(), period.until.plus_days(-1).to_string());
            filled(statement.lang, "days", &[("from", &from), ("to", &to)])
        }
    }
}

/// What a channel is called: by the shop, else by the catalogue.
pub(crate) fn channel_name(statement: &Statement, channel: Channel) -> String {
    match statement.channel_names.iter().find(|(named, _)| *named == channel) {
        Some((_, name)) => clean(name),
        None => word(statement.lang, &format!("channel.{}", channel.code())),
    }
}

/// The channel's name, or "all channels".
pub(crate) fn channel(statement: &Statement) -> String {
    let channel = match &statement.kind {
        StatementKind::Payout(head) => Some(head.channel),
        StatementKind::Period { channel, .. } => *channel,
    };
    match channel {
        Some(channel) => channel_name(statement, channel),
        None => word(statement.lang, "channel.all"),
    }
}

/// The name of a note's kind; a code without a message stays as it is.
pub(crate) fn note_kind(lang: Lang, note: &Note) -> String {
    let key = format!("statement.note.{}", note.code);
    match messages::lookup(lang, &key) {
        Some(text) => text.to_owned(),
        None => clean(&note.code),
    }
}

/// Signed figure with grouped thousands and a true minus: `−1,234.05`.
pub fn grouped(minor: i64, decimals: u32) -> String {
    let plain = minor_to_major(minor, decimals);
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", plain.as_str()),
    };
    let (whole, part) = match digits.find('.') {
        Some(point) => digits.split_at(point),
        None => (digits, ""),
    };
    let mut text = String::with_capacity(digits.len() * 2);
    text.push_str(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(part);
    text
}

/// An amount in words beside the figures, as Chinese documents want it: of the yuan, in Chinese.
/// Every other amount and language keeps to figures.
pub fn in_words(minor: i64, currency: Currency, lang: Lang) -> Option<String> {
    let wanted = lang == Lang::Zh && currency == Currency::CNY;
    wanted.then(|| messages::yuan_in_words(minor))
}

/// As [`grouped`], with a plus in front of what is positive.
pub fn grouped_signed(minor: i64, decimals: u32) -> String {
    let text = grouped(minor, decimals);
    if minor > 0 { format!("+{text}") } else { text }
}

/// Text from outside made fit for one line: control and invisible characters go, line breaks
/// and tabs become blanks, direction overrides cannot turn the line round, and what is longer
/// than any real name is cut with an ellipsis.
pub(crate) fn clean(text: &str) -> String {
    // Nearly every number and file name is plain already.
    if text.len() <= TEXT_MAX && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for (index, ch) in text.chars().filter(|ch| !is_invisible(*ch)).enumerate() {
        if index == TEXT_MAX {
            shown.push('…');
            break;
        }
        shown.push(if ch.is_whitespace() || ch.is_control() { ' ' } else { ch });
    }
    shown
}

/// Characters that draw nothing but can hide or turn other text.
fn is_invisible(ch: char) -> bool {
    // Ideographs are the most frequent of what is not ASCII.
    if ('\u{3000}'..'\u{d7ff}').contains(&ch) {
        return false;
    }
    matches!(ch,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped_by_thousands_and_keep_their_sign() {
        for (minor, decimals, text) in [
            (0, 2, "0.00"),
            (34_414, 2, "344.14"),
            (-100_000, 2, "\u{2212}1,000.00"),
            (123_456_789, 2, "1,234,567.89"),
            (-5, 2, "\u{2212}0.05"),
            (1_234, 0, "1,234"),
        ] {
            assert_eq!(grouped(minor, decimals), text);
        }
        assert_eq!(grouped_signed(100, 2), "+1.00");
    }

    #[test]
    fn only_yuan_in_a_chinese_document_are_written_in_words() {
        let yuan = in_words(34_414, Currency::CNY, Lang::Zh);
        assert_eq!(yuan.as_deref(), Some("叁佰肆拾肆圆壹角肆分"));
        assert_eq!(in_words(34_414, Currency::CNY, Lang::En), None);
        let dollars = Currency::from_code("USD").expect("the dollar is known");
        assert_eq!(in_words(34_414, dollars, Lang::Zh), None);
    }

    #[test]
    fn a_name_cannot_turn_or_hide_the_rest_of_the_line() {
        assert_eq!(clean("a\u{202e}b\0c\r\nd\te"), "abc  d e");
        assert_eq!(clean(&"长".repeat(400)).chars().count(), TEXT_MAX + 1);
    }
}
