//! Rows of the file of a clearing day (`ZM`): fixed width in bytes, one line each.
//!
//! Source: official sample code and two independent readers, read 2026-11; no real file could be
//! opened. Columns past the net amount differ between copies and are optional here. What the
//! letters at the fee mean is not confirmed, so each row has to prove itself: cleared amount and
//! fee make the settled amount, with one sign of the fee or the other.

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
    })
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
