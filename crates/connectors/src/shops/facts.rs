//! What an order of a shop becomes in the book.

use super::order::{MoneyState, Payment, Refund, Sale, channel_of};
use super::setup::{Numbers, Terms};
use crate::bill::Fact;
use domain::money::minor_to_major;
use domain::{Order, OrderStatus, ShopRefund};

/// The `extra` column that says which refund of which shop a row is: a refund may get the payment
/// service's number later, and stays the same refund.
pub const REFUND_IDENTITY: &str = "shop_refund";

/// Characters of the goods text.
const GOODS_CHARS: usize = 200;

/// Which part of an order a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The order itself.
    Order,
    /// A further payment of it.
    Payment(String),
    /// A refund.
    Refund(String),
}

/// The rows of an order, the order's own first. `shop` is the shop's host.
///
/// - The amount is what was captured; what was authorised, then the order's total, only where
///   nothing was captured.
/// - The order number is the shop's own with the prefix of `terms`, or each payment's reference
///   ([`Numbers::Payment`]), by which the bill of the payment channel is matched.
/// - A refund's number is its reference, else the order's number with the refund's id.
pub fn facts_of(shop: &str, terms: &Terms, sale: &Sale) -> Vec<Fact> {
    parts_of(shop, terms, sale).into_iter().map(|(_, fact)| fact).collect()
}

pub(super) fn parts_of(shop: &str, terms: &Terms, sale: &Sale) -> Vec<(Part, Fact)> {
    let number = format!("{}{}", terms.prefix, sale.number);
    let alive = |payment: &&Payment| payment.state != MoneyState::Failed;
    let named: Vec<&Payment> = match terms.numbers {
        Numbers::Order => Vec::new(),
        Numbers::Payment => {
            sale.payments.iter().filter(alive).filter(|p| !p.reference.is_empty()).collect()
        }
    };
    let mut parts = Vec::new();
    match named.split_first() {
        None => {
            let payments: Vec<&Payment> = sale.payments.iter().collect();
            parts.push((Part::Order, Fact::Order(order(shop, sale, number.clone(), &payments))));
        }
        Some((first, others)) => {
            let row = |payment: &Payment| {
                Fact::Order(order(shop, sale, payment.reference.clone(), &[payment]))
            };
            parts.push((Part::Order, row(first)));
            let others = others.iter().map(|p| (Part::Payment(p.id.clone()), row(p)));
            parts.extend(others);
        }
    }
    for payment in &sale.payments {
        let of = match terms.numbers {
            Numbers::Payment if !payment.reference.is_empty() => &payment.reference,
            _ => &number,
        };
        let rows = payment.refunds.iter().map(|refund| {
            (Part::Refund(refund.id.clone()), Fact::Refund(refund_row(shop, sale, of, refund)))
        });
        parts.extend(rows);
    }
    parts
}

fn order(shop: &str, sale: &Sale, number: String, payments: &[&Payment]) -> Order {
    let sum = |of: &dyn Fn(&Payment) -> i64| {
        payments.iter().fold(0_i64, |sum, payment| sum.saturating_add(of(payment)))
    };
    let captured = sum(&Payment::captured_minor);
    let refunded = sum(&Payment::refunded_minor);
    let promised = sum(&|payment| match payment.state {
        MoneyState::Pending => payment.amount.minor,
        _ => 0,
    });
    let status = match () {
        () if captured > 0 && refunded >= captured => OrderStatus::Refunded,
        () if sale.canceled => OrderStatus::Canceled,
        () if captured > 0 => OrderStatus::Paid,
        () if sale.closed => OrderStatus::Closed,
        () if payments.iter().any(|p| p.state == MoneyState::Unknown) => OrderStatus::Unknown,
        () => OrderStatus::Unpaid,
    };
    let amount_minor = match (captured, promised) {
        (0, 0) => sale.total.minor.max(0),
        (0, promised) => promised,
        (captured, _) => captured,
    };
    let ended = matches!(status, OrderStatus::Canceled | OrderStatus::Closed);
    Order {
        merchant_order_id: number,
        ordered_at_ms: sale.placed_at_ms,
        paid_at_ms: payments.iter().filter_map(|p| p.captured_at_ms()).min(),
        closed_at_ms: sale.canceled_at_ms.filter(|_| ended),
        status,
        status_text: sale.word.clone(),
        currency: sale.currency,
        amount_minor,
        channel: payments.iter().rev().find_map(|payment| channel_of(&payment.method)),
        goods: goods(sale),
        buyer: sale.buyer.clone(),
        extra: order_extra(shop, sale, payments, (captured, refunded)),
    }
}

fn order_extra(
    shop: &str,
    sale: &Sale,
    payments: &[&Payment],
    (captured, refunded): (i64, i64),
) -> Vec<(String, String)> {
    let major = |minor: i64| minor_to_major(minor, sale.currency.decimals());
    let mut extra = vec![
        ("shop".to_owned(), shop.to_owned()),
        ("shop_order".to_owned(), sale.id.clone()),
        ("order".to_owned(), sale.number.clone()),
        ("total".to_owned(), major(sale.total.minor)),
        ("captured".to_owned(), major(captured)),
        ("refunded".to_owned(), major(refunded)),
    ];
    let mut add = |name: &str, texts: Vec<String>| {
        // A column has one value: the second of a kind gets a number.
        let named = (1..).zip(texts).map(|(at, text)| match at {
            1 => (name.to_owned(), text),
            at => (format!("{name} {at}"), text),
        });
        extra.extend(named);
    };
    let words = |payment: &&Payment| {
        let amount = major(payment.amount.minor);
        let Payment { method, word, reference, .. } = payment;
        format!("{method} {word} {amount} {reference}").trim_end().to_owned()
    };
    add("payment", payments.iter().map(words).collect());
    let captures = payments.iter().flat_map(|payment| &payment.captures);
    add("captured_exact", captures.filter_map(|capture| capture.amount.exact.clone()).collect());
    let parcels = sale.fulfilments.iter();
    let parcels = parcels.map(|it| format!("{} {}", it.word, it.way).trim_end().to_owned());
    add("fulfillment", parcels.collect());
    extra
}

/// `Tea × 2、Mug`: what is left of each line, else what was bought.
fn goods(sale: &Sale) -> String {
    let names = sale.lines.iter().map(|line| match line.ordered {
        1 => line.name.clone(),
        count => format!("{} × {count}", line.name),
    });
    let text = names.collect::<Vec<_>>().join("、");
    text.chars().filter(|c| !c.is_control()).take(GOODS_CHARS).collect()
}

fn refund_row(shop: &str, sale: &Sale, number: &str, refund: &Refund) -> ShopRefund {
    // `gid://shopify/OrderTransaction/7` is 7.
    let short = refund.id.rsplit('/').next().unwrap_or(&refund.id);
    let mut extra = vec![
        (REFUND_IDENTITY.to_owned(), format!("{shop} {}", refund.id)),
        ("order".to_owned(), sale.number.clone()),
    ];
    if !refund.reason.is_empty() {
        extra.push(("reason".to_owned(), refund.reason.clone()));
    }
    extra.extend(refund.amount.exact.clone().map(|text| ("exact".to_owned(), text)));
    ShopRefund {
        merchant_refund_id: match refund.reference.as_str() {
            "" => format!("{number}-R{short}"),
            reference => reference.to_owned(),
        },
        merchant_order_id: number.to_owned(),
        requested_at_ms: refund.at_ms,
        currency: sale.currency,
        amount_minor: refund.amount.minor,
        status_text: refund.word.clone(),
        extra,
    }
}
