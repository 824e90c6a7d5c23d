//! What moved, by each clock.

use super::{Clock, Grain, Span};
use crate::decisions::corrections;
use crate::error::Error;
use crate::ledger::scopes;
use crate::packs::Packs;
use domain::ledger::paying_channel;
use domain::reconcile::{BalanceItem, OrderItem, SettlementItem};
use domain::{BalanceKind, Channel, Currency, SettlementKind, Stream};
use std::collections::HashMap;
use store::bulk::{Cell, Reader};

/// The channels' zone: UTC+8 all year.
const ZONE_MS: i64 = 8 * 3_600_000;
const HOUR_MS: i64 = 3_600_000;

/// Something that happened by a clock.
pub(super) struct Move {
    pub day: i32,
    pub hour: u32,
    /// Position in the parts of the clock.
    pub part: usize,
    pub amount_minor: i64,
    /// Rows it stands for.
    pub count: i64,
    /// The line it was read from; 0 where it is a total.
    pub id: i64,
}

/// The hour of the day in the channels' zone.
pub(super) fn hour_of(at_ms: i64) -> u32 {
    ((at_ms + ZONE_MS).div_euclid(HOUR_MS).rem_euclid(24)) as u32
}

/// The channel of each document.
pub(super) fn channels(reader: &mut Reader) -> Result<HashMap<i64, Channel>, Error> {
    Ok(scopes(reader)?.into_iter().map(|(id, scope)| (id, scope.channel)).collect())
}

/// Hands over everything that happened by `clock` inside `span`, by day.
///
/// # Errors
/// The database's; [`Error::DamagedPack`].
pub(super) fn moves(
    reader: &mut Reader,
    clock: Clock,
    grain: Grain,
    span: Span,
    visit: impl FnMut(Move),
) -> Result<(), Error> {
    match clock {
        Clock::Ordered if grain == Grain::Hour => ordered_by_hour(reader, span, visit),
        Clock::Ordered => ordered(reader, span, visit),
        Clock::Paid if grain == Grain::Hour => paid_by_hour(reader, span, visit),
        Clock::Paid => paid(reader, span, visit),
        Clock::Booked | Clock::Settled => moved(reader, clock, span, visit),
        Clock::InBank => arrived(reader, span, visit),
    }
}

fn ordered(reader: &mut Reader, span: Span, mut visit: impl FnMut(Move)) -> Result<(), Error> {
    let packs = Packs::open(reader)?;
    let days = span.from..span.until;
    packs.each(reader, Stream::Orders, days, |_, day, item: OrderItem| {
        let inside = span.channel.is_none() || item.channel == span.channel;
        if inside && item.currency == span.currency {
            let (amount_minor, id) = (item.amount_minor, item.id);
            visit(Move { day, hour: 0, part: 0, amount_minor, count: 1, id });
        }
    })
}

/// The packs know the day of an order only.
fn ordered_by_hour(
    reader: &mut Reader,
    span: Span,
    mut visit: impl FnMut(Move),
) -> Result<(), Error> {
    reader.query(
        "select l.day, l.ordered_at_ms, l.amount_minor, l.id from shop_order l \
         where l.day >= $1 and l.day < $2 and ($3 = '' or l.channel = $3) and l.currency = $4 \
         and not exists (select 1 from superseded s where s.line_id = l.id) order by l.day, l.id",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.channel.map_or("", Channel::code)),
            Cell::Text(span.currency.code()),
        ],
        |row| {
            let (day, hour) = (row.int(0)? as i32, hour_of(row.int(1)?));
            let (amount_minor, id) = (row.int(2)?, row.int(3)?);
            visit(Move { day, hour, part: 0, amount_minor, count: 1, id });
            Ok(())
        },
    )?;
    Ok(())
}

/// The ledger keeps these totals by the day: a year is read in a moment.
fn paid(reader: &mut Reader, span: Span, mut visit: impl FnMut(Move)) -> Result<(), Error> {
    let channel = span.channel.map_or("", Channel::code);
    reader.query(
        "select a.code, d.day, d.debit_minor, d.credit_minor, d.postings from ledger_day d \
         join ledger_account a on a.id = d.account_id \
         where d.day >= $1 and d.day < $2 and d.currency = $3 order by d.day, a.code",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.currency.code()),
        ],
        |row| {
            let Some((part, counts)) = paid_part(row.text(0)?, channel) else { return Ok(()) };
            let amount_minor = row.int(3)? - row.int(2)?;
            let count = if counts { row.int(4)? } else { 0 };
            let day = row.int(1)? as i32;
            visit(Move { day, hour: 0, part, amount_minor, count, id: 0 });
            Ok(())
        },
    )?;
    // What a decision corrects is in those totals, and nobody paid it.
    for entry in corrections::stored(reader)? {
        if !(span.from..span.until).contains(&entry.day) || entry.currency != span.currency.code() {
            continue;
        }
        let (debit, credit) = (entry.amount_minor, -entry.amount_minor);
        for (code, amount_minor) in [(&entry.debit, debit), (&entry.credit, credit)] {
            if let Some((part, counts)) = paid_part(code, channel) {
                let count = if counts { -1 } else { 0 };
                visit(Move { day: entry.day, hour: 0, part, amount_minor, count, id: 0 });
            }
        }
    }
    Ok(())
}

/// The part of the paid clock that an account is, and whether its postings are counted.
fn paid_part(code: &str, channel: &str) -> Option<(usize, bool)> {
    const ACCOUNTS: [(&str, usize, bool); 5] = [
        ("revenues:sales:", 0, true),
        ("revenues:sales_refunds:", 1, true),
        ("expenses:merchant_discount:", 2, false),
        ("expenses:channel_fees:", 3, false),
        ("expenses:fees_returned:", 4, false),
    ];
    let (scope, part, counts) = ACCOUNTS.iter().find_map(|(prefix, part, counts)| {
        code.strip_prefix(prefix).map(|scope| (scope, *part, *counts))
    })?;
    let inside = channel.is_empty() || scope.split(':').next() == Some(channel);
    inside.then_some((part, counts))
}

fn paid_by_hour(reader: &mut Reader, span: Span, mut visit: impl FnMut(Move)) -> Result<(), Error> {
    let channels = channels(reader)?;
    let packs = Packs::open(reader)?;
    let days = span.from..span.until;
    packs.each(reader, Stream::Trade, days, |document, day, item: SettlementItem| {
        let channel = channels.get(&document).copied();
        if item.currency != span.currency || (span.channel.is_some() && channel != span.channel) {
            return;
        }
        let (gross, fees) = match item.kind {
            SettlementKind::Payment => (0, 3),
            SettlementKind::Refund | SettlementKind::Revoked => (1, 4),
        };
        let hour = hour_of(item.at_ms);
        let mut part = |part, amount_minor, count| {
            visit(Move { day, hour, part, amount_minor, count, id: item.id });
        };
        part(gross, item.order_minor, 1);
        part(2, item.settled_minor - item.order_minor, 0);
        part(fees, item.fee_minor, 0);
    })
}

/// The part of the booked clock that a kind of balance row belongs to.
pub(super) fn booked_part(kind: BalanceKind) -> Option<usize> {
    Some(match kind {
        BalanceKind::Payment | BalanceKind::PaymentFee => 0,
        BalanceKind::Refund | BalanceKind::RefundFee | BalanceKind::RefundClosed => 1,
        BalanceKind::SplitPaid | BalanceKind::SplitReturned => 2,
        BalanceKind::Held | BalanceKind::Released => 3,
        BalanceKind::AccountCharge => 4,
        BalanceKind::PayoutFee => 5,
        BalanceKind::TopUp | BalanceKind::TransferOut => 6,
        BalanceKind::Adjustment => 7,
        BalanceKind::Unknown => 8,
        BalanceKind::StoredValue => 9,
        BalanceKind::Frozen | BalanceKind::Unfrozen => 10,
        BalanceKind::Payout | BalanceKind::PayoutReturned => return None,
    })
}

fn moved(
    reader: &mut Reader,
    clock: Clock,
    span: Span,
    mut visit: impl FnMut(Move),
) -> Result<(), Error> {
    // Fund bills name no currency: those accounts are kept in the yuan.
    if span.currency != Currency::CNY {
        return Ok(());
    }
    let channels = channels(reader)?;
    let packs = Packs::open(reader)?;
    let days = span.from..span.until;
    packs.each(reader, Stream::Fund, days, |document, day, item: BalanceItem| {
        if span.channel.is_some() && channels.get(&document).copied() != span.channel {
            return;
        }
        let (part, amount_minor) = match (clock, item.kind) {
            (Clock::Settled, BalanceKind::Payout) => (0, -item.amount_minor),
            (Clock::Settled, BalanceKind::PayoutReturned) => (1, -item.amount_minor),
            (Clock::Settled, _) => return,
            (_, kind) => match booked_part(kind) {
                Some(part) => (part, item.amount_minor),
                None => return,
            },
        };
        let (hour, id) = (hour_of(item.at_ms), item.id);
        visit(Move { day, hour, part, amount_minor, count: 1, id });
    })
}

fn arrived(reader: &mut Reader, span: Span, mut visit: impl FnMut(Move)) -> Result<(), Error> {
    reader.query(
        "select day, amount_minor, counterparty, memo from bank_line b \
         where day >= $1 and day < $2 and currency = $3 \
         and not exists (select 1 from superseded s where s.line_id = b.id) order by day, id",
        &[
            Cell::Int(i64::from(span.from)),
            Cell::Int(i64::from(span.until)),
            Cell::Text(span.currency.code()),
        ],
        |row| {
            let channel = paying_channel(row.text(2)?, row.text(3)?);
            if channel.is_some() && (span.channel.is_none() || channel == span.channel) {
                let amount_minor = row.int(1)?;
                let day = row.int(0)? as i32;
                visit(Move { day, hour: 0, part: 0, amount_minor, count: 1, id: 0 });
            }
            Ok(())
        },
    )?;
    Ok(())
}
