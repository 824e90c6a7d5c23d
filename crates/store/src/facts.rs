//! Lines of every stream into their tables. Column order here is the order of the cells.

use crate::StoreError;
use crate::bulk::{Cell, Loader, TableSpec};
use crate::pack::{settlement_kind_number, settlement_status_number};
use domain::{BalanceTransaction, BankLine, BusinessDate, Order, OrderStatus};
use domain::{SettlementLine, ShopRefund};
use std::collections::BTreeMap;

const SETTLEMENT_LINE: TableSpec = TableSpec::new(
    "settlement_line",
    &[
        "id",
        "day",
        "at_ms",
        "kind",
        "status",
        "payment_id",
        "order_id",
        "refund_id",
        "merchant_refund_id",
        "currency",
        "order_minor",
        "settled_minor",
        "subsidy_minor",
        "fee_minor",
        "fee_rate_ppm",
        "ordered_at_ms",
        "refunded_at_ms",
        "status_text",
        "scene",
        "paying_bank",
        "payer",
        "goods",
        "note",
        "extra",
    ],
);

const BALANCE_TRANSACTION: TableSpec = TableSpec::new(
    "balance_transaction",
    &[
        "id",
        "day",
        "at_ms",
        "kind",
        "kind_text",
        "channel_ref",
        "ledger_ref",
        "merchant_ref",
        "payment_ref",
        "amount_minor",
        "balance_after_minor",
        "fee_minor",
        "submitter",
        "counterparty",
        "remark",
        "extra",
    ],
);

const PAYOUT_MEMBER: TableSpec = TableSpec::new("payout_member", &["id", "payout_ref", "row_id"]);

const BANK_LINE: TableSpec = TableSpec::new(
    "bank_line",
    &[
        "id",
        "day",
        "at_ms",
        "currency",
        "amount_minor",
        "balance_after_minor",
        "bank_ref",
        "counterparty",
        "memo",
        "extra",
    ],
);

const SHOP_ORDER: TableSpec = TableSpec::new(
    "shop_order",
    &[
        "id",
        "day",
        "order_id",
        "ordered_at_ms",
        "paid_at_ms",
        "closed_at_ms",
        "status",
        "status_text",
        "currency",
        "amount_minor",
        "channel",
        "goods",
        "buyer",
        "extra",
    ],
);

const SHOP_REFUND: TableSpec = TableSpec::new(
    "shop_refund",
    &[
        "id",
        "day",
        "merchant_refund_id",
        "order_id",
        "at_ms",
        "currency",
        "amount_minor",
        "status_text",
        "extra",
    ],
);

fn opt(value: Option<i64>) -> Cell<'static> {
    value.map_or(Cell::Null, Cell::Int)
}

/// Unknown columns as one JSON object, by name; empty text when there are none.
/// Further columns as they are stored: a JSON object, or nothing.
///
/// # Panics
/// Never: names and texts are JSON.
pub fn extra_text(extra: &[(String, String)]) -> String {
    if extra.is_empty() {
        return String::new();
    }
    let columns: BTreeMap<&str, &str> =
        extra.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    serde_json::to_string(&columns).expect("names and texts are JSON")
}

/// # Errors
/// [`StoreError`] of the insert; the transaction is then rolled back by the caller.
pub fn insert_settlement(
    loader: &mut Loader<'_>,
    id: i64,
    day: i32,
    line: &SettlementLine,
) -> Result<(), StoreError> {
    loader.insert(
        &SETTLEMENT_LINE,
        &[
            Cell::Int(id),
            Cell::Int(i64::from(day)),
            Cell::Int(line.at_ms),
            Cell::Int(settlement_kind_number(line.kind)),
            Cell::Int(settlement_status_number(line.status)),
            Cell::Text(&line.channel_payment_id),
            Cell::Text(&line.merchant_order_id),
            Cell::Text(&line.channel_refund_id),
            Cell::Text(&line.merchant_refund_id),
            Cell::Text(line.currency.code()),
            Cell::Int(line.order_amount_minor),
            Cell::Int(line.settled_minor),
            Cell::Int(line.subsidy_minor),
            Cell::Int(line.fee_minor),
            opt(line.fee_rate_ppm),
            opt(line.ordered_at_ms),
            opt(line.refunded_at_ms),
            Cell::Text(&line.status_text),
            Cell::Text(&line.scene),
            Cell::Text(&line.paying_bank),
            Cell::Text(&line.payer),
            Cell::Text(&line.goods),
            Cell::Text(&line.note),
            Cell::Text(&extra_text(&line.extra)),
        ],
    )
}

/// `fee_minor` is the fee inside a net row, 0 on a gross row.
///
/// # Errors
/// [`StoreError`] of the insert.
pub fn insert_balance(
    loader: &mut Loader<'_>,
    id: i64,
    day: i32,
    fee_minor: i64,
    row: &BalanceTransaction,
) -> Result<(), StoreError> {
    loader.insert(
        &BALANCE_TRANSACTION,
        &[
            Cell::Int(id),
            Cell::Int(i64::from(day)),
            Cell::Int(row.at_ms),
            Cell::Int(row.kind.number()),
            Cell::Text(&row.kind_text),
            Cell::Text(&row.channel_ref),
            Cell::Text(&row.ledger_ref),
            Cell::Text(&row.merchant_ref),
            Cell::Text(&row.payment_ref),
            Cell::Int(row.amount_minor),
            opt(row.balance_after_minor),
            Cell::Int(fee_minor),
            Cell::Text(&row.submitter),
            Cell::Text(&row.counterparty),
            Cell::Text(&row.remark),
            Cell::Text(&extra_text(&row.extra)),
        ],
    )
}

/// Notes that a payout's list holds a row. `id` is the line that says so, `row_id` the line of the
/// row itself.
///
/// # Errors
/// [`StoreError`] of the insert.
pub fn insert_member(
    loader: &mut Loader<'_>,
    id: i64,
    payout_ref: &str,
    row_id: i64,
) -> Result<(), StoreError> {
    let cells = [Cell::Int(id), Cell::Text(payout_ref), Cell::Int(row_id)];
    loader.insert(&PAYOUT_MEMBER, &cells)
}

/// # Errors
/// [`StoreError`] of the insert.
pub fn insert_bank(loader: &mut Loader<'_>, id: i64, line: &BankLine) -> Result<(), StoreError> {
    loader.insert(
        &BANK_LINE,
        &[
            Cell::Int(id),
            Cell::Int(i64::from(line.booked_on.days())),
            opt(line.booked_at_ms),
            Cell::Text(line.currency.code()),
            Cell::Int(line.amount_minor),
            opt(line.balance_after_minor),
            Cell::Text(&line.bank_ref),
            Cell::Text(&line.counterparty),
            Cell::Text(&line.memo),
            Cell::Text(&extra_text(&line.extra)),
        ],
    )
}

/// # Errors
/// [`StoreError`] of the insert.
pub fn insert_order(loader: &mut Loader<'_>, id: i64, order: &Order) -> Result<(), StoreError> {
    let status = OrderStatus::ALL.iter().position(|s| *s == order.status).unwrap_or(0);
    loader.insert(
        &SHOP_ORDER,
        &[
            Cell::Int(id),
            Cell::Int(i64::from(BusinessDate::of_ms(order.ordered_at_ms).days())),
            Cell::Text(&order.merchant_order_id),
            Cell::Int(order.ordered_at_ms),
            opt(order.paid_at_ms),
            opt(order.closed_at_ms),
            Cell::Int(status as i64),
            Cell::Text(&order.status_text),
            Cell::Text(order.currency.code()),
            Cell::Int(order.amount_minor),
            Cell::Text(order.channel.map_or("", domain::Channel::code)),
            Cell::Text(&order.goods),
            Cell::Text(&order.buyer),
            Cell::Text(&extra_text(&order.extra)),
        ],
    )
}

/// # Errors
/// [`StoreError`] of the insert.
pub fn insert_refund(
    loader: &mut Loader<'_>,
    id: i64,
    refund: &ShopRefund,
) -> Result<(), StoreError> {
    loader.insert(
        &SHOP_REFUND,
        &[
            Cell::Int(id),
            Cell::Int(i64::from(BusinessDate::of_ms(refund.requested_at_ms).days())),
            Cell::Text(&refund.merchant_refund_id),
            Cell::Text(&refund.merchant_order_id),
            Cell::Int(refund.requested_at_ms),
            Cell::Text(refund.currency.code()),
            Cell::Int(refund.amount_minor),
            Cell::Text(&refund.status_text),
            Cell::Text(&extra_text(&refund.extra)),
        ],
    )
}
