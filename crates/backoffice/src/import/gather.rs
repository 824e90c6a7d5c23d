//! What of each row can be searched for.

use domain::{
    BalanceKind, BalanceTransaction, BankLine, Order, SettlementKind, SettlementLine, ShopRefund,
};
use store::search::{Gathered, Searchable, Subject};

pub fn settlement(search: &mut Gathered, id: i64, day: i32, line: &SettlementLine) {
    let payment = line.kind == SettlementKind::Payment;
    search.add(&Searchable {
        id,
        day,
        subject: if payment { Subject::Payment } else { Subject::Refund },
        amounts: &[line.order_amount_minor, line.settled_minor],
        numbers: &[
            &line.channel_payment_id,
            &line.merchant_order_id,
            &line.channel_refund_id,
            &line.merchant_refund_id,
        ],
        texts: &[&line.goods, &line.note, &line.payer],
    });
}

pub fn balance(search: &mut Gathered, id: i64, day: i32, row: &BalanceTransaction) {
    let payout = row.kind == BalanceKind::Payout;
    // The channel's word for a kind is worth finding where it is rare.
    let usual = [BalanceKind::Payment, BalanceKind::PaymentFee].contains(&row.kind);
    let kind = if usual { "" } else { &row.kind_text };
    search.add(&Searchable {
        id,
        day,
        subject: if payout { Subject::Payout } else { Subject::Movement },
        amounts: &[row.amount_minor],
        numbers: &[&row.channel_ref, &row.ledger_ref, &row.merchant_ref, &row.payment_ref],
        texts: &[&row.counterparty, &row.remark, kind],
    });
}

pub fn bank(search: &mut Gathered, id: i64, line: &BankLine) {
    search.add(&Searchable {
        id,
        day: line.booked_on.days(),
        subject: Subject::Bank,
        amounts: &[line.amount_minor],
        numbers: &[&line.bank_ref],
        texts: &[&line.counterparty, &line.memo],
    });
}

pub fn order(search: &mut Gathered, id: i64, day: i32, order: &Order) {
    search.add(&Searchable {
        id,
        day,
        subject: Subject::Order,
        amounts: &[order.amount_minor],
        numbers: &[&order.merchant_order_id],
        texts: &[&order.goods, &order.buyer],
    });
}

pub fn refund(search: &mut Gathered, id: i64, day: i32, refund: &ShopRefund) {
    search.add(&Searchable {
        id,
        day,
        subject: Subject::ShopRefund,
        amounts: &[refund.amount_minor],
        numbers: &[&refund.merchant_refund_id, &refund.merchant_order_id],
        texts: &[],
    });
}

/// A file by its name and the name inside its archive; `id` is that of its line 0.
pub fn file(search: &mut Gathered, id: i64, day: i32, names: [&str; 2]) {
    let [name, inside] = names;
    let texts: &[&str] = if name == inside { &[name] } else { &[name, inside] };
    search.add(&Searchable { id, day, subject: Subject::File, amounts: &[], numbers: &[], texts });
}
