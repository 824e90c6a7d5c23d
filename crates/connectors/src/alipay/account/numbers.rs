//! Which payment and which refund a row is about.

use domain::BalanceKind;

/// The payment a row names: 业务基础订单号, else the number in the remark's brackets, else
/// 业务流水号 when it has the form of a payment number.
pub(super) fn payment_of<'a>(
    base_no: &'a str,
    event_no: &'a str,
    remark: &'a str,
) -> Option<&'a str> {
    if is_number(base_no) {
        return Some(base_no);
    }
    bracketed(remark).or_else(|| {
        // A charge outside trades has a number of its own, and its remark says what it is for.
        let outside = remark.contains("技术服务费") || remark.contains("软件服务费");
        (is_payment_number(event_no) && !outside).then_some(event_no)
    })
}

/// Rows of other kinds may name a number too, but never a payment's.
pub(super) fn belongs_to_a_payment(kind: BalanceKind) -> bool {
    use BalanceKind::*;
    matches!(
        kind,
        Payment
            | PaymentFee
            | Refund
            | RefundFee
            | RefundClosed
            | SplitPaid
            | SplitReturned
            | Held
            | Released
            | Frozen
            | Unfrozen
            | Unknown
    )
}

/// The shop's refund number: `O{…}` among the order numbers, or inside
/// `<payment>-r-<refund>-`, which stands in 商户订单号 of a fee given back.
pub(super) fn refund_no<'a>(order_nos: &'a str, order_no: &'a str) -> Option<&'a str> {
    let of_order_nos =
        order_nos.split('|').find_map(|part| part.trim().strip_prefix("O{")?.strip_suffix('}'));
    let of_fee = || {
        let (payment, rest) = order_no.split_once("-r-")?;
        is_number(payment).then(|| rest.strip_suffix('-').unwrap_or(rest))
    };
    of_order_nos.or_else(of_fee).filter(|no| !no.is_empty())
}

/// `服务费[2026…]`, `服务费退回(2026…)`.
fn bracketed(remark: &str) -> Option<&str> {
    let inside = |open: char, close: char| {
        let (_, rest) = remark.split_once(open)?;
        let (number, _) = rest.split_once(close)?;
        is_number(number.trim()).then_some(number.trim())
    };
    inside('[', ']').or_else(|| inside('(', ')')).or_else(|| inside('（', '）'))
}

fn is_number(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Payment numbers have 28 digits and begin with their day.
fn is_payment_number(text: &str) -> bool {
    text.len() == 28 && text.starts_with("20") && is_number(text)
}
