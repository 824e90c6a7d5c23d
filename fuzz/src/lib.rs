//! What every fuzz target does, shared by libFuzzer and the runner on stable Rust.
//!
//! A target must never panic, and what it returns must hold together: rows handed on are rows
//! counted, a problem's texts keep to their limits, money stays inside its range.

use connectors::bill::{Closing, Fact, FileKind, FileProblem, Row};
use connectors::table::{self, Mapping, ReadOptions};
use connectors::{Options, alipay, bank, open_bytes, read_entry, shops, wechat_pay};
use domain::{Money, SettlementKind};
use std::ops::ControlFlow;

pub mod answers;
pub mod seeds;

/// Every target by name.
pub const TARGETS: [&str; 22] = [
    "open",
    "detect",
    "wechat_trade",
    "wechat_fund",
    "alipay_trade",
    "alipay_account",
    "alipay_summaries",
    "replay",
    "bank_ofx",
    "bank_mt940",
    "bank_camt053",
    "table_text",
    "table_workbook",
    "mapping",
    "answer_wechat",
    "answer_alipay",
    "answer_stripe",
    "answer_union_pay",
    "stripe_balance",
    "union_pay_clearing",
    "shop_orders",
    "answer_shops",
];

/// Runs one input through a target.
///
/// # Panics
/// When a promise of the readers is broken; that is the find.
pub fn run(target: &str, data: &[u8]) {
    let mut reader = data;
    match target {
        "open" => open(data),
        "detect" => {
            let _ = connectors::detect::detect(data);
        }
        "wechat_trade" => held(|sink| wechat_pay::trade_bill::read(&mut reader, sink)),
        "wechat_fund" => held(|sink| wechat_pay::fund_bill::read(&mut reader, sink)),
        "alipay_trade" => held(|sink| alipay::trade::read(&mut reader, sink)),
        "alipay_account" => held(|sink| alipay::account::read(&mut reader, sink)),
        "alipay_summaries" => {
            let _ = alipay::summaries::read_trade(&mut &data[..]);
            let _ = alipay::summaries::read_account(&mut &data[..]);
        }
        "replay" => replay(data),
        "bank_ofx" => held(|sink| bank::ofx::read(&mut reader, sink)),
        "bank_mt940" => held(|sink| bank::mt940::read(&mut reader, sink)),
        "bank_camt053" => held(|sink| bank::camt053::read(&mut reader, sink)),
        "table_text" | "table_workbook" => table(data),
        "mapping" => mapping(data),
        "answer_wechat" => answers::read_wechat(data),
        "answer_alipay" => answers::read_alipay(data),
        "answer_stripe" => answers::read_stripe(data),
        "answer_union_pay" => answers::read_union_pay(data),
        "stripe_balance" => of_kinds(data, |kind| {
            matches!(kind, FileKind::StripeTrade { .. } | FileKind::StripeBalance { .. })
        }),
        "union_pay_clearing" => of_kinds(data, |kind| {
            matches!(
                kind,
                FileKind::UnionPayTrade { .. }
                    | FileKind::UnionPayClearing { .. }
                    | FileKind::UnionPayAdjustment { .. }
            )
        }),
        "shop_orders" => held(|sink| shops::archive::read(&mut reader, sink)),
        "answer_shops" => answers::read_shops(data),
        other => panic!("no target {other}"),
    }
}

/// Reads a file in every way that it is of such a kind.
fn of_kinds(data: &[u8], wanted: fn(&FileKind) -> bool) {
    let Ok(entries) = open_bytes("INN26010188ZM_1", data) else { return };
    for entry in entries.iter().filter(|entry| entry.kind.as_ref().is_ok_and(wanted)) {
        held(|sink| read_entry(entry, &Options::default(), sink));
    }
}

type Reader<'a> = &'a mut dyn FnMut(Row) -> ControlFlow<()>;

/// Reads with a sink that looks at every row.
fn held(read: impl FnOnce(Reader<'_>) -> Result<Closing, FileProblem>) {
    let mut rows = 0u64;
    let read = read(&mut |row| {
        rows += 1;
        look_at(&row);
        ControlFlow::Continue(())
    });
    match read {
        Ok(closing) => assert_eq!(closing.rows_read, rows, "every row is counted once"),
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
}

fn look_at(row: &Row) {
    let in_range = |minor: i64| {
        // A column sum of one row: a few amounts, each within the range of money.
        assert!(minor.unsigned_abs() <= 4 * Money::MINOR_MAX as u64, "{minor}");
    };
    match &row.fact {
        Ok(Fact::Settlement(line)) => {
            in_range(line.settled_minor);
            in_range(line.fee_minor);
            let refund = line.kind != SettlementKind::Payment;
            assert!(refund || !line.channel_payment_id.is_empty());
            assert!(!line.goods.chars().any(char::is_control));
        }
        Ok(Fact::Balance(row)) => {
            in_range(row.amount_minor);
            assert!(!row.remark.chars().any(char::is_control));
        }
        Ok(Fact::Bank(line)) => in_range(line.amount_minor),
        Ok(Fact::Order(order)) => in_range(order.amount_minor),
        Ok(Fact::Refund(refund)) => in_range(refund.amount_minor),
        Err(problem) => {
            assert!(!problem.code.is_empty());
            assert!(problem.detail.chars().count() <= 200);
            assert!(problem.raw.chars().count() <= 4_000);
        }
    }
}

fn open(data: &[u8]) {
    let Ok(entries) = open_bytes("fuzz", data) else { return };
    let options = Options::default();
    for entry in &entries {
        if entry.kind.is_ok() {
            held(|sink| read_entry(entry, &options, sink));
        }
    }
}

/// The first line is a header, the rest one row under it.
fn replay(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (header, raw) = text.split_once('\n').unwrap_or((&text, ""));
    let _ = wechat_pay::trade_bill::replay(header, raw);
    let _ = wechat_pay::fund_bill::replay(&wechat_pay::kinds::table(), header, raw);
    let _ = alipay::trade::replay(header, "2088", alipay::FeeSigns::ByKind, raw);
    let _ = alipay::account::replay(&alipay::kinds::table(), header, raw);
}

fn table(data: &[u8]) {
    let Ok(preview) = table::preview(&mut &data[..], &ReadOptions::default()) else { return };
    preview.rows.iter().for_each(look_at);
    if let Some(suggestion) = preview.suggestion {
        held(|sink| table::read(&mut &data[..], &suggestion.mapping, sink));
    }
}

/// A mapping as JSON, a zero byte, a table.
fn mapping(data: &[u8]) {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let Ok(mapping) = serde_json::from_slice::<Mapping>(&data[..cut]) else { return };
    let rest = data.get(cut + 1..).unwrap_or(b"");
    held(|sink| table::read(&mut &rest[..], &mapping, sink));
}
