//! Rows of the file of a clearing day (`ZM`): fixed width in bytes, one line each.
//!
//! Source: official sample code and two independent readers, read 2026-11; no real file could be
//! opened. Columns past the net amount differ between copies and are optional here. What the
//! letters at the fee mean is not confirmed, so each row has to prove itself: cleared amount and
//! fee make the settled amount, with one sign of the fee or the other.

use domain::paid::UNION_PAY_KIND;
use domain::{BusinessDate, Currency, Money, parse_channel_time};

/// A row needs this many bytes: through the net amount.
const LEAST: usize = 387;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZmRow {
    /// UnionPay's number of this row; unique.
    pub query_id: String,
    /// Our number of this transaction; a refund's own for a refund.
    pub order_id: String,
    /// `01` purchase, `04` refund, `31` cancel: an open list.
    pub txn_type: String,
    /// When it was made, UTC milliseconds.
    pub made_at_ms: i64,
    /// The transaction's amount, without sign.
    pub amount: Money,
    /// What was cleared: in is positive. Where the file has no such column, the amount with the
    /// sign of its type.
    pub cleared: Money,
    /// What the fee does to us: charged is negative, given back positive.
    pub fee: Money,
    /// What we receive.
    pub net: Money,
    /// UnionPay's number of the purchase, for what gives back.
    pub orig_query_id: Option<String>,
    /// True when the fee's letter stands the other way round.
    pub fee_letter_inverted: bool,
    /// The merchant's number.
    pub merchant_no: String,
    /// Our number of the purchase, where what gives back names it.
    pub orig_order_id: String,
    /// The card, as it is masked.
    pub card: String,
    /// UnionPay's code of the way of paying.
    pub pay_type: String,
    /// What we sent along.
    pub note: String,
    /// Columns without a field of their own, kept where they say something: `(header, value)`.
    pub kept: Vec<(String, String)>,
}

/// A row of adjustments (`ZME`). What its columns mean is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Adjustment {
    pub code: String,
    pub trace_no: String,
    pub made_at_ms: i64,
    pub card: String,
    pub settled_minor: i64,
    pub merchant_no: String,
    /// What tells it from others: everything in it.
    pub identity: String,
}

/// A line without its line end.
pub(crate) fn bare(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// True for a line with the columns of a trade where they stand.
pub(crate) fn is_trade(line: &[u8]) -> bool {
    line.len() >= LEAST
        && stands_apart(line, &[3, 15, 27, 34, 45, 65, 78, 83, 86, 108, 144, 165, 214, 217])
        && digits_at(line, 35, 10)
        && digits_at(line, 66, 12)
        && is_lettered(line, 374)
}

/// True for a line with the columns of an adjustment where they stand.
pub(crate) fn is_adjustment(line: &[u8]) -> bool {
    line.len() >= ADJUSTMENT_LEAST
        && !is_trade(line)
        && stands_apart(line, &[3, 15, 27, 34, 45, 65, 78, 83, 86, 89, 96, 107, 112, 125, 139, 153])
        && digits_at(line, 35, 10)
        && digits_at(line, 113, 12)
        && is_lettered(line, 140)
}

/// An adjustment needs this many bytes: through the merchant's number.
const ADJUSTMENT_LEAST: usize = 169;

fn stands_apart(line: &[u8], blanks: &[usize]) -> bool {
    blanks.iter().all(|at| line.get(*at) == Some(&b' '))
}

fn digits_at(line: &[u8], at: usize, length: usize) -> bool {
    line.get(at..at + length).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
}

fn is_lettered(line: &[u8], at: usize) -> bool {
    matches!(line.get(at), Some(b'C' | b'D')) && digits_at(line, at + 1, 12)
}

/// When a row was made, by UnionPay's number, which begins with it. Only that tells a year.
pub(crate) fn made_at(line: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(line.get(87..101)?).ok()?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (date, clock) = (BusinessDate::parse(&text[..8])?, &text[8..]);
    let clock = [&clock[..2], &clock[2..4], &clock[4..]].join(":");
    parse_channel_time(&format!("{date} {clock}"))
}

/// Reads a line of adjustments.
///
/// # Errors
/// [`ZmProblem`].
pub(crate) fn read_adjustment(line: &[u8], day: BusinessDate) -> Result<Adjustment, ZmProblem> {
    if line.len() < ADJUSTMENT_LEAST {
        return Err(ZmProblem::Short);
    }
    let text = |name, at, length| {
        line.get(at..at + length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::trim)
            .ok_or(ZmProblem::Column(name))
    };
    let settled_minor = lettered("settled", text("settled", 140, 13)?)?;
    let whole = crate::decode_gb18030(line);
    Ok(Adjustment {
        code: text("code", 0, 3)?.to_owned(),
        trace_no: text("trace_no", 28, 6)?.to_owned(),
        made_at_ms: with_year(text("time", 35, 10)?, day).ok_or(ZmProblem::Column("time"))?,
        card: text("card", 46, 19)?.to_owned(),
        settled_minor,
        merchant_no: text("merchant", 154, 15)?.to_owned(),
        identity: whole.split_whitespace().collect::<Vec<_>>().join(" "),
    })
}

/// Why a row could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZmProblem {
    /// Too short for the columns every file has.
    Short,
    /// Not what this column holds.
    Column(&'static str),
    /// Cleared amount, fee and settled amount do not fit together.
    Sum,
}

/// Reads one line, without its line end. `day` is the clearing day of the file.
///
/// # Errors
/// [`ZmProblem`]; the row has to be shown, never dropped.
pub fn read_row(line: &[u8], day: BusinessDate) -> Result<ZmRow, ZmProblem> {
    if line.len() < LEAST {
        return Err(ZmProblem::Short);
    }
    let text = |name, at, length| {
        line.get(at..at + length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .map(str::trim)
            .ok_or(ZmProblem::Column(name))
    };
    let (query_id, order_id) = (text("query_id", 87, 21)?, text("order_id", 112, 32)?);
    if query_id.is_empty() {
        return Err(ZmProblem::Column("query_id"));
    }
    let txn_type = text("txn_type", 215, 2)?;
    let amount = text("amount", 66, 12).and_then(|digits| count("amount", digits))?;
    let fee = lettered("fee", text("fee", 166, 13)?)?;
    let settled = lettered("settled", text("settled", 180, 13)?)?;
    let net = lettered("net", text("net", 374, 13)?)?;
    let cleared = match text("cleared", 509, 13) {
        Ok(written) if !written.is_empty() => lettered("cleared", written)?,
        // Purchases come in, everything that names a purchase goes out.
        _ if txn_type == "01" => amount,
        _ => -amount,
    };
    let fee_letter_inverted = match settled {
        sum if sum == cleared + fee => false,
        sum if sum == cleared - fee => true,
        _ => return Err(ZmProblem::Sum),
    };
    let money =
        |name, minor| Money::from_minor(minor, Currency::CNY).map_err(|_| ZmProblem::Column(name));
    let orig = text("orig_query_id", 271, 21)?;
    // Columns that are for people, or that files may lack: empty where they cannot be read.
    let shown = |at: usize, length: usize| {
        let bytes = line.get(at..line.len().min(at + length)).unwrap_or_default();
        crate::cells::text(&crate::decode_gb18030(bytes))
    };
    Ok(ZmRow {
        made_at_ms: with_year(text("time", 35, 10)?, day).ok_or(ZmProblem::Column("time"))?,
        amount: money("amount", amount)?,
        cleared: money("cleared", cleared)?,
        fee: money("fee", if fee_letter_inverted { -fee } else { fee })?,
        net: money("net", net)?,
        query_id: query_id.to_owned(),
        order_id: order_id.to_owned(),
        txn_type: txn_type.to_owned(),
        orig_query_id: (!orig.is_empty()).then(|| orig.to_owned()),
        fee_letter_inverted,
        merchant_no: shown(293, 15),
        orig_order_id: shown(476, 32),
        card: shown(46, 19),
        pay_type: shown(194, 4),
        note: shown(397, 32),
        kept: kept(&shown),
    })
}

/// The kind of a purchase, its terms and what they cost: zeros say nothing.
fn kept(shown: &dyn Fn(usize, usize) -> String) -> Vec<(String, String)> {
    const KEPT: [(&str, usize, usize); 3] =
        [(UNION_PAY_KIND, 218, 2), ("分期付款附加手续费", 458, 12), ("分期付款期数", 471, 2)];
    let column = |(name, at, length): (&str, usize, usize)| (name.to_owned(), shown(at, length));
    let says = |(_, value): &(String, String)| value.bytes().any(|b| b != b'0');
    KEPT.map(column).into_iter().filter(says).collect()
}

fn count(name: &'static str, digits: &str) -> Result<i64, ZmProblem> {
    let plain = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or(ZmProblem::Column(name))
}

/// `C` is in, `D` is out, seen from the merchant; an empty column is nothing.
fn lettered(name: &'static str, text: &str) -> Result<i64, ZmProblem> {
    if text.is_empty() {
        return Ok(0);
    }
    match (text.strip_prefix('C'), text.strip_prefix('D')) {
        (Some(digits), _) => count(name, digits),
        (_, Some(digits)) => Ok(-count(name, digits)?),
        _ => Err(ZmProblem::Column(name)),
    }
}

/// `MMDDhhmmss` in the year of the clearing day, or the year before: the clearing day of the
/// first of January begins in December.
fn with_year(text: &str, day: BusinessDate) -> Option<i64> {
    if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let date = day.to_string();
    let (year, rest) = date.split_once('-')?;
    let year: i32 = year.parse().ok()?;
    let later = text[..4] > *rest.replace('-', "").as_str();
    let year = if later { year - 1 } else { year };
    let clock = [&text[..2], &text[2..4], &text[4..6], &text[6..8], &text[8..]];
    let [month, of_month, hour, minute, second] = clock;
    parse_channel_time(&format!("{year}-{month}-{of_month} {hour}:{minute}:{second}"))
}
