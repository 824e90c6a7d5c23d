//! What was bought, line by line, and who bought it, with numbers masked.

use crate::error::Error;
use crate::evidence::stored;
use connectors::shops::Sale;
use serde::Serialize;
use store::bulk::Reader;

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GoodsLine {
    /// The shop's article number; empty where it has none.
    pub sku: String,
    /// Its name.
    pub name: String,
    /// How many were bought; `None` where the shop says no number.
    pub ordered: Option<i64>,
    /// How many are left after cancellations and changes.
    pub quantity: Option<i64>,
    /// What the line comes to; `None` where the shop says only what the order comes to.
    pub amount_minor: Option<i64>,
}

/// The goods of an order that stands in a document of the book: line by line where a shop's own
/// system said them, else the parts of its goods text.
///
/// # Errors
/// The database's.
pub(super) fn goods_of(
    reader: &mut Reader,
    (document, line_no): (i64, u32),
    text: &str,
) -> Result<Vec<GoodsLine>, Error> {
    if let Some(lines) = fetched(reader, document, line_no)?
        && !lines.is_empty()
    {
        return Ok(lines);
    }
    let parts = text.split(['、', ';', '；']).map(str::trim).filter(|part| !part.is_empty());
    Ok(parts.map(named).collect())
}

/// `Tea × 2`: a name, and how many.
fn named(part: &str) -> GoodsLine {
    let counted = part.rsplit_once(['×', '*']).and_then(|(name, count)| {
        count.trim().parse::<i64>().ok().map(|count| (name.trim(), count))
    });
    let (name, ordered) = match counted {
        Some((name, count)) => (name, Some(count)),
        None => (part, None),
    };
    let name = name.to_owned();
    GoodsLine { sku: String::new(), name, ordered, quantity: None, amount_minor: None }
}

/// The order as the shop's own system gave it; `None` for any other file.
pub(super) fn sale_of(
    reader: &mut Reader,
    document: i64,
    line_no: u32,
) -> Result<Option<Sale>, Error> {
    let Some((kind, entry)) = stored(reader, document)? else { return Ok(None) };
    if kind != "shop_orders" {
        return Ok(None);
    }
    let Ok(mut source) = entry.reader() else { return Ok(None) };
    Ok(connectors::shops::sale_at(&mut source, line_no))
}

/// The lines as the shop's own system gave them; `None` for any other file.
fn fetched(
    reader: &mut Reader,
    document: i64,
    line_no: u32,
) -> Result<Option<Vec<GoodsLine>>, Error> {
    let Some(sale) = sale_of(reader, document, line_no)? else { return Ok(None) };
    let lines = sale.lines.into_iter().map(|line| GoodsLine {
        sku: line.sku,
        name: line.name,
        ordered: Some(line.ordered),
        quantity: Some(line.quantity),
        amount_minor: Some(line.amount.minor),
    });
    Ok(Some(lines.collect()))
}

/// A buyer as lists show it: of a number of seven figures or more the middle is hidden.
pub fn masked(buyer: &str) -> String {
    let mut shown = String::with_capacity(buyer.len());
    let mut rest = buyer;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(from);
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = digits.split_at(length);
        shown.push_str(before);
        match length {
            0..7 => shown.push_str(number),
            _ => {
                shown.push_str(&number[..3]);
                shown.push_str("****");
                shown.push_str(&number[length - 4..]);
            }
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buyers_phone_number_is_not_shown_whole() {
        assert_eq!(masked("王芳 13800138000"), "王芳 138****8000");
        assert_eq!(masked("buyer 42, Lane 7"), "buyer 42, Lane 7");
        assert_eq!(masked("1234567"), "123****4567");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn goods_written_as_text_are_lines_with_their_count() {
        let found = named("茶 × 2");
        assert_eq!((found.name.as_str(), found.ordered), ("茶", Some(2)));
        let found = named("Paper 24 x 36");
        assert_eq!((found.name.as_str(), found.ordered), ("Paper 24 x 36", None));
    }
}
