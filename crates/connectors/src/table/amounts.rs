//! Amounts as tables print them, read exactly.

use super::mapping::NumberStyle;
use domain::{Currency, Money, MoneyError, money};

/// Reads a printed amount as minor units.
///
/// Beside what [`money::parse_minor`] reads: the mapping's decimal point and grouping sign,
/// currency signs and words around the number, `(1.00)` and `1.00-` for negative, a Unicode
/// minus. Nothing is rounded.
///
/// # Errors
/// As [`money::parse_minor`].
pub(crate) fn parse(
    text: &str,
    style: &NumberStyle,
    currency: Currency,
) -> Result<i64, MoneyError> {
    let decimals = if style.minor_units { 0 } else { currency.decimals() };
    let plain = style.point == '.' && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain {
        return money::parse_minor(text, decimals);
    }
    let (negative, digits) = strip(text, style, currency)?;
    // A grouping sign where the mapping has none is no amount: `1,5` may be one and a half.
    if digits.contains(',') && style.group != Some(',') {
        return Err(MoneyError::NotANumber(text.chars().take(40).collect()));
    }
    let minor = money::parse_minor(&digits, decimals)?;
    debug_assert!(minor.abs() <= Money::MINOR_MAX, "parse_minor keeps the range");
    Ok(if negative { -minor } else { minor })
}

/// The digits in the domain's spelling (`,` groups, `.` point) and the sign.
fn strip(
    text: &str,
    style: &NumberStyle,
    currency: Currency,
) -> Result<(bool, String), MoneyError> {
    let bad = || MoneyError::NotANumber(text.chars().take(40).collect());
    let mut rest = text.trim();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        (negative, rest) = (true, inner.trim());
    } else if let Some(before) = rest.strip_suffix(['-', '\u{2212}']) {
        (negative, rest) = (true, before.trim());
    }
    let before = rest;
    let rest = without_currency(rest, currency);
    let named = rest.len() != before.len();
    let (signed, rest) = match rest.chars().next() {
        Some(sign @ ('-' | '\u{2212}' | '\u{FF0D}')) => (true, &rest[sign.len_utf8()..]),
        Some('+') => (false, &rest[1..]),
        _ => (false, rest),
    };
    // The currency stands before the sign or after it, not both.
    let rest = if named { rest.trim() } else { without_currency(rest.trim(), currency) };
    if negative && signed {
        return Err(bad());
    }
    let space = |c: char| c == ' ' || c == '\u{A0}' || c == '\u{202F}';
    let mut digits = String::with_capacity(rest.len());
    for c in rest.chars() {
        match c {
            c if c == style.point => digits.push('.'),
            c if Some(c) == style.group || (style.group == Some(' ') && space(c)) => {
                digits.push(',');
            }
            '0'..='9' => digits.push(c),
            _ => return Err(bad()),
        }
    }
    // The domain reads groups as commas whatever sign the table uses.
    if digits.contains(',') && style.group.is_some() && style.group != Some(',') {
        let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or("");
        if !(1..=3).contains(&first.len()) || groups.any(|g| g.len() != 3) || part.contains(',') {
            return Err(bad());
        }
        digits.retain(|c| c != ',');
    }
    Ok((negative || signed, digits))
}

/// Drops one currency sign, code or word on either side.
fn without_currency(text: &str, currency: Currency) -> &str {
    let signs: &[&str] = match currency.code() {
        "CNY" => &["¥", "￥", "元", "RMB", "人民币"],
        "USD" => &["US$", "$"],
        "HKD" => &["HK$", "$"],
        "EUR" => &["€"],
        "GBP" => &["£"],
        "JPY" => &["¥", "￥", "円"],
        _ => &["$"],
    };
    for sign in signs.iter().copied().chain([currency.code()]) {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return rest.trim();
        }
    }
    text
}

/// The currency a cell names by code, sign or word; `None` when it is none of these.
pub(crate) fn currency(text: &str) -> Option<Currency> {
    let text = text.trim();
    let code = match text {
        "人民币" | "人民币元" | "RMB" | "rmb" | "¥" | "￥" | "元" | "CNH" => "CNY",
        "美元" | "$" | "US$" => "USD",
        "港币" | "港元" | "HK$" => "HKD",
        "欧元" | "€" => "EUR",
        "英镑" | "£" => "GBP",
        "日元" | "円" => "JPY",
        other => other,
    };
    Currency::from_code(code).ok()
}

/// The shortest decimal text of a workbook number, at most 15 significant digits.
///
/// A workbook stores numbers as binary doubles and shows 15 significant digits; `0.1+0.2` is
/// stored as `0.30000000000000004` and meant as `0.3`. Text conversion rounds to those 15 digits
/// exactly (no arithmetic on the double), so every amount of up to 15 digits comes out as typed.
/// The flag is true when digits beyond the fifteenth were dropped from a whole number: such a
/// number (an order number, say) has lost digits in the workbook already.
pub(crate) fn workbook_number(value: f64) -> (String, bool) {
    if !value.is_finite() {
        return (value.to_string(), true);
    }
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let negative = mantissa.starts_with('-');
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return ("0".to_string(), false);
    }
    if !(-30..=30).contains(&exponent) {
        return (scientific, true);
    }
    let point = exponent + 1;
    let mut text = String::new();
    if negative {
        text.push('-');
    }
    if point <= 0 {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        text.push_str(digits);
    } else {
        let point = point as usize;
        let whole = digits.len().min(point);
        text.push_str(&digits[..whole]);
        text.extend(std::iter::repeat_n('0', point - whole));
        if digits.len() > point {
            text.push('.');
            text.push_str(&digits[point..]);
        }
    }
    (text, point > 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_amount_is_read_whatever_dress_it_wears() {
        let style = NumberStyle::default();
        for (text, minor) in [
            ("1234.05", 123_405),
            ("1,234.05", 123_405),
            ("¥1,234.05", 123_405),
            ("-￥3.00", -300),
            ("(3.00)", -300),
            ("3.00-", -300),
            ("3.5元", 350),
            ("CNY 12", 1200),
            ("+12.30", 1230),
            ("\u{2212}12.30", -1230),
        ] {
            assert_eq!(parse(text, &style, Currency::CNY), Ok(minor), "{text}");
        }
        for text in ["", "--1", "(-1)", "1.234", "12,34", "1e5", "abc", "¥-¥1", "1 2"] {
            assert!(parse(text, &style, Currency::CNY).is_err(), "{text}");
        }
    }

    #[test]
    fn a_decimal_comma_is_a_point_only_where_the_mapping_says_so() {
        let comma = NumberStyle { point: ',', group: Some('.'), minor_units: false };
        let eur = Currency::from_code("EUR").unwrap();
        assert_eq!(parse("1.234,56", &comma, eur), Ok(123_456));
        assert_eq!(parse("1234,5", &comma, eur), Ok(123_450));
        assert!(parse("1,234.56", &comma, eur).is_err());
        let bare = NumberStyle { group: None, ..NumberStyle::default() };
        assert!(parse("1,234.56", &bare, eur).is_err());
        let fen = NumberStyle { minor_units: true, ..NumberStyle::default() };
        assert_eq!(parse("1234", &fen, Currency::CNY), Ok(1234));
    }

    #[test]
    fn a_workbook_number_comes_out_as_it_was_typed() {
        for (value, text, lost) in [
            (19.99, "19.99", false),
            (0.1 + 0.2, "0.3", false),
            (-1234.5, "-1234.5", false),
            (100.0, "100", false),
            (0.01, "0.01", false),
            (0.0, "0", false),
            (123_456_789_012_345.0, "123456789012345", false),
            (4_200_000_000_202_601_010.0, "4200000000202600000", true),
        ] {
            let (found, dropped) = workbook_number(value);
            assert_eq!(dropped, lost, "{value}");
            if !lost {
                assert_eq!(found, text);
            }
        }
    }

    proptest! {
        #[test]
        fn every_amount_survives_a_workbook(minor in -99_999_999_999_999i64..99_999_999_999_999) {
            let text = money::minor_to_major(minor, 2);
            let (back, lost) = workbook_number(text.parse::<f64>().unwrap());
            prop_assert!(!lost);
            prop_assert_eq!(parse(&back, &NumberStyle::default(), Currency::CNY), Ok(minor));
        }

        #[test]
        fn any_text_is_an_amount_or_an_error(text in ".{0,40}") {
            let _ = parse(&text, &NumberStyle::default(), Currency::CNY);
            let _ = currency(&text);
        }
    }
}
