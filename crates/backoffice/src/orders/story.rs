//! One order from its making to the bank: every step with its time, its number, its amount and the
//! line that says so.

use super::goods::{goods_of, sale_of};
use super::{GoodsLine, OrderFilter, OrderRow, OrderSource, list_orders};
use crate::error::Error;
use crate::numbers;
use crate::order::Sort;
use crate::transactions::{BalanceRow, Transaction, fund_where, payout_of, trade_where};
use connectors::shops::{Payment, Sale};
use domain::BusinessDate;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use store::bulk::{Cell, Reader, RowView};
use store::pack::split_line_id;

/// A step of an order's money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `ordered`, `shop_paid`, `captured`, `shipped`, `shop_closed`, `shop_gone`, `refund_asked`,
    /// `paid`, `refunded`, `revoked`, `booked`, `paid_out`, `in_bank`.
    pub what: &'static str,
    /// The clock its time is by: `ordered`, `paid`, `booked`, `settled`, `in_bank`.
    pub clock: &'static str,
    /// Who says so: a channel's code, `shop`, `bank`.
    pub by: String,
    /// When, UTC ms; `None` where only the day is known.
    pub at_ms: Option<i64>,
    /// The day of it.
    pub day: i32,
    /// The number it has there.
    pub number: String,
    /// The other side's own words: a state, a kind of move, a memo.
    pub words: String,
    /// Code of the kind of move, of one on the balance.
    pub kind: Option<&'static str>,
    /// How much, signed as it moved; `None` for a step without money.
    pub amount_minor: Option<i64>,
    /// Its currency.
    pub currency: String,
    /// Payout it sits in, or is.
    pub payout: Option<String>,
    /// Document that says so.
    pub document: i64,
    /// Line number there.
    pub line_no: u32,
}

/// A break about an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BreakRef {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// Its effect on money.
    pub effect_minor: i64,
    /// Currency of that.
    pub currency: String,
    /// Document and line that show it, where one does.
    pub line: Option<(i64, u32)>,
}

/// An order, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderStory {
    /// Its latest words: usually one; several where shops share a number.
    pub orders: Vec<OrderRow>,
    /// What was bought.
    pub goods: Vec<GoodsLine>,
    /// Every step, in order of time.
    pub steps: Vec<Step>,
    /// Breaks about it.
    pub breaks: Vec<BreakRef>,
}

/// An order by its number, from its making to the bank.
///
/// # Errors
/// [`Error::NotFound`] when neither the shop nor a bill has the number.
pub fn story(reader: &mut Reader, number: &str) -> Result<OrderStory, Error> {
    let filter = OrderFilter {
        number: Some(number.to_owned()),
        sort: Sort::Oldest,
        ..OrderFilter::default()
    };
    let orders = list_orders(reader, &filter, None, 50)?.rows;
    let Some(first) = orders.last() else {
        return Err(Error::NotFound { what: "order", id: number.to_owned() });
    };
    let goods = match first.source {
        OrderSource::Shop => goods_of(reader, (first.document, first.line_no), &first.goods)?,
        OrderSource::Bill => goods_of(reader, (-1, 0), &first.goods)?,
    };
    let mut steps = shop_steps(reader, &orders)?;
    steps.extend(refunds_asked(reader, number)?);
    let (trade, fund) = moves(reader, number)?;
    steps.extend(trade.iter().map(trade_step));
    let mut payouts = BTreeSet::new();
    for row in &fund {
        let payout = payout_of(reader, row.id, row.day)?;
        payouts.extend(payout.clone());
        steps.push(fund_step(row, payout));
    }
    for payout in &payouts {
        steps.extend(payout_steps(reader, payout)?);
    }
    // Where two have one time, the earlier clock comes first.
    steps.sort_by_key(|step| (step.day, step.at_ms.unwrap_or(i64::MAX), rank(step.what)));
    Ok(OrderStory { breaks: breaks_of(reader, number)?, orders, goods, steps })
}

fn rank(what: &str) -> usize {
    const ORDER: [&str; 13] = [
        "ordered",
        "paid",
        "shop_paid",
        "captured",
        "shipped",
        "booked",
        "shop_closed",
        "refund_asked",
        "refunded",
        "revoked",
        "paid_out",
        "in_bank",
        "shop_gone",
    ];
    ORDER.iter().position(|each| *each == what).unwrap_or(ORDER.len())
}

fn shop_steps(reader: &mut Reader, orders: &[OrderRow]) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    for order in orders.iter().filter(|order| order.source == OrderSource::Shop) {
        let step = Step {
            by: "shop".to_owned(),
            clock: "ordered",
            number: order.order_id.clone(),
            currency: order.currency.clone(),
            document: order.document,
            line_no: order.line_no,
            ..Step::default()
        };
        steps.push(Step {
            what: "ordered",
            at_ms: Some(order.at_ms),
            day: order.day,
            amount_minor: Some(order.amount_minor),
            ..step.clone()
        });
        if let Some(at_ms) = order.gone_at_ms {
            let day = BusinessDate::of_ms(at_ms).days();
            steps.push(Step { what: "shop_gone", at_ms: Some(at_ms), day, ..step.clone() });
        }
        reader.query(
            "select paid_at_ms, closed_at_ms, status_text from shop_order where id = $1",
            &[Cell::Int(order.id)],
            |row| {
                for (what, at_ms) in
                    [("shop_paid", row.opt_int(0)?), ("shop_closed", row.opt_int(1)?)]
                {
                    let Some(at_ms) = at_ms else { continue };
                    let words = if what == "shop_closed" { row.text(2)? } else { "" };
                    steps.push(Step {
                        what,
                        at_ms: Some(at_ms),
                        day: BusinessDate::of_ms(at_ms).days(),
                        words: words.to_owned(),
                        ..step.clone()
                    });
                }
                Ok(())
            },
        )?;
        if let Some(sale) = sale_of(reader, order.document, order.line_no)? {
            steps.extend(sale_steps(&sale, &step));
        }
    }
    Ok(steps)
}

/// What was taken bit by bit, and the parcels, of an order that a shop's own system gave. What was
/// taken at once and whole is the step before; what has no time is in no line of time.
fn sale_steps(sale: &Sale, step: &Step) -> Vec<Step> {
    let at = |what, at_ms: i64| Step {
        what,
        at_ms: Some(at_ms),
        day: BusinessDate::of_ms(at_ms).days(),
        currency: sale.currency.code().to_owned(),
        ..step.clone()
    };
    let promised = |payment: &Payment| payment.amount.minor;
    let taken = |payment: &Payment| {
        payment.captures.len() == 1 && payment.captured_minor() == promised(payment)
    };
    let whole = sale.payments.len() == 1 && sale.payments.iter().all(taken);
    let mut steps = Vec::new();
    for payment in sale.payments.iter().filter(|_| !whole) {
        steps.extend(payment.captures.iter().filter_map(|capture| {
            Some(Step {
                number: payment.reference.clone(),
                words: payment.method.clone(),
                amount_minor: Some(capture.amount.minor),
                ..at("captured", capture.at_ms?)
            })
        }));
    }
    for parcel in &sale.fulfilments {
        steps.extend(parcel.moves.iter().map(|(word, at_ms)| Step {
            number: parcel.way.clone(),
            words: word.clone(),
            ..at("shipped", *at_ms)
        }));
    }
    steps
}

/// Refunds the shop asked for: they have no key of their own by order, but their lines are few.
fn refunds_asked(reader: &mut Reader, number: &str) -> Result<Vec<Step>, Error> {
    let among = numbers::among(reader, "l.id", number, numbers::SHOP_REFUNDS)?;
    let mut steps = Vec::new();
    reader.query(
        &format!(
            "select l.id, l.day, l.at_ms, l.merchant_refund_id, l.status_text, l.amount_minor, \
             l.currency from shop_refund l where {among} and l.order_id = $1 \
             and not exists (select 1 from superseded s where s.line_id = l.id) order by l.id"
        ),
        &[Cell::Text(number)],
        |row| {
            let (document, line_no) = split_line_id(row.int(0)?);
            steps.push(Step {
                what: "refund_asked",
                clock: "ordered",
                by: "shop".to_owned(),
                day: row.int(1)? as i32,
                at_ms: Some(row.int(2)?),
                number: row.text(3)?.to_owned(),
                words: row.text(4)?.to_owned(),
                amount_minor: Some(-row.int(5)?),
                currency: row.text(6)?.to_owned(),
                document,
                line_no,
                ..Step::default()
            });
            Ok(())
        },
    )?;
    Ok(steps)
}

/// Rows of the trade bills with the order's number, and of the balance on their payments.
fn moves(reader: &mut Reader, number: &str) -> Result<(Vec<Transaction>, Vec<BalanceRow>), Error> {
    let among = numbers::among(reader, "l.id", number, numbers::TRADE)?;
    let condition = format!("{among} and l.order_id = $1");
    let mut trade = trade_where(reader, &condition, &[Cell::Text(number)])?;
    // Rows of acquirers that name no order: their slips do.
    let slips = crate::till::rows_by_order(reader, &HashSet::from([number]))?;
    let mut slips: Vec<i64> = slips.into_keys().collect();
    slips.sort_unstable();
    for line in slips {
        let rows = trade_where(reader, "l.id = $1 and l.order_id = ''", &[Cell::Int(line)])?;
        trade.extend(rows);
    }
    let payments: BTreeSet<&str> =
        trade.iter().map(|row| row.payment_id.as_str()).filter(|id| !id.is_empty()).collect();
    let mut fund = Vec::new();
    for payment in payments {
        let among = numbers::among(reader, "l.id", payment, numbers::FUND)?;
        let condition = format!("{among} and l.payment_ref = $1");
        fund.extend(fund_where(reader, &condition, &[Cell::Text(payment)])?);
    }
    Ok((trade, fund))
}

fn trade_step(row: &Transaction) -> Step {
    let (what, number) = match row.kind {
        "payment" => ("paid", &row.payment_id),
        "refund" => ("refunded", &row.merchant_refund_id),
        _ => ("revoked", &row.payment_id),
    };
    Step {
        what,
        clock: "paid",
        by: row.channel.clone(),
        at_ms: Some(row.at_ms),
        day: row.day,
        number: number.clone(),
        // A state that is not the usual one is said.
        words: if row.status == "succeeded" { String::new() } else { row.status.to_owned() },
        amount_minor: Some(row.order_minor),
        currency: row.currency.clone(),
        document: row.document,
        line_no: row.line_no,
        ..Step::default()
    }
}

fn fund_step(row: &BalanceRow, payout: Option<String>) -> Step {
    Step {
        what: "booked",
        clock: "booked",
        by: row.channel.clone(),
        at_ms: Some(row.at_ms),
        day: row.day,
        number: row.channel_ref.clone(),
        words: row.kind_text.clone(),
        kind: Some(row.kind),
        amount_minor: Some(row.amount_minor),
        currency: row.currency.clone(),
        payout,
        document: row.document,
        line_no: row.line_no,
    }
}

/// A payout that holds money of the order, and the bank lines that carry it.
fn payout_steps(reader: &mut Reader, id: &str) -> Result<Vec<Step>, Error> {
    let mut steps = Vec::new();
    let mut banks = Vec::new();
    reader.query(
        "select p.number, p.at_ms, p.day, p.currency, p.amount_minor, p.line_id, \
         p.bank_line_ids, a.channel from payout p join channel_account a on a.id = p.account_id \
         where p.id = $1",
        &[Cell::Text(id)],
        |row| {
            let (document, line_no) = split_line_id(row.int(5)?);
            steps.push(Step {
                what: "paid_out",
                clock: "settled",
                by: row.text(7)?.to_owned(),
                at_ms: Some(row.int(1)?),
                day: row.int(2)? as i32,
                number: row.text(0)?.to_owned(),
                amount_minor: Some(row.int(4)?),
                currency: row.text(3)?.to_owned(),
                payout: Some(id.to_owned()),
                document,
                line_no,
                ..Step::default()
            });
            banks.extend(row.text(6)?.split(',').filter_map(|id| id.parse::<i64>().ok()));
            Ok(())
        },
    )?;
    for bank in banks {
        reader.query(
            "select id, day, at_ms, bank_ref, memo, amount_minor, currency from bank_line \
             where id = $1",
            &[Cell::Int(bank)],
            |row| {
                steps.push(bank_step(row, id)?);
                Ok(())
            },
        )?;
    }
    Ok(steps)
}

fn bank_step(row: &RowView<'_>, payout: &str) -> Result<Step, store::StoreError> {
    let (document, line_no) = split_line_id(row.int(0)?);
    Ok(Step {
        what: "in_bank",
        clock: "in_bank",
        by: "bank".to_owned(),
        day: row.int(1)? as i32,
        at_ms: row.opt_int(2)?,
        number: row.text(3)?.to_owned(),
        words: row.text(4)?.to_owned(),
        amount_minor: Some(row.int(5)?),
        currency: row.text(6)?.to_owned(),
        payout: Some(payout.to_owned()),
        document,
        line_no,
        ..Step::default()
    })
}

fn breaks_of(reader: &mut Reader, number: &str) -> Result<Vec<BreakRef>, Error> {
    let record = format!("order:{number}");
    let mut found = Vec::new();
    reader.query(
        // Lets through a few too many where the number holds a sign of its own.
        "select id, kind, state, effect_minor, currency, records, line_id from break \
         where records like $1 order by day, id",
        &[Cell::Text(&format!("%{record}%"))],
        |row| {
            let records: Vec<String> = serde_json::from_str(row.text(5)?).unwrap_or_default();
            if records.contains(&record) {
                found.push(BreakRef {
                    id: row.text(0)?.to_owned(),
                    kind: row.text(1)?.to_owned(),
                    state: row.text(2)?.to_owned(),
                    effect_minor: row.int(3)?,
                    currency: row.text(4)?.to_owned(),
                    line: row.opt_int(6)?.map(split_line_id),
                });
            }
            Ok(())
        },
    )?;
    Ok(found)
}
