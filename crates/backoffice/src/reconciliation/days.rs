//! The packs of a day, decoded: where they are needed, or ahead on another core.

use super::facts::{Facts, PackRef};
use crate::decisions::Asks;
use crate::error::Error;
use crate::import::stream_number;
use domain::Stream;
use domain::reconcile::{BalanceItem, MemberItem, OrderItem, RefundItem, SettlementItem};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;
use store::bulk::{Cell, Reader};
use store::pack::{self, Record};

/// Days decoded ahead at most: memory does not grow with the book.
const AHEAD: usize = 4;

/// The rows of one pack that count.
pub(super) enum Pack {
    Trade(usize, Vec<SettlementItem>),
    Fund(usize, Vec<BalanceItem>),
    Orders(Vec<OrderItem>),
    Refunds(Vec<RefundItem>),
    Members(usize, Vec<MemberItem>),
}

/// Reads the packs of a day, in their order.
pub(super) fn read(
    from: &mut impl Asks,
    facts: &Facts,
    day: i32,
    packs: &[PackRef],
) -> Result<Vec<Pack>, Error> {
    let mut read = Vec::with_capacity(packs.len());
    for pack in packs {
        read.push(match (pack.stream, pack.account) {
            (Stream::Trade, Some(account)) => Pack::Trade(account, rows(from, facts, day, pack)?),
            (Stream::Fund, Some(account)) => Pack::Fund(account, rows(from, facts, day, pack)?),
            (Stream::Orders, _) => Pack::Orders(rows(from, facts, day, pack)?),
            (Stream::Payouts, Some(account)) => {
                Pack::Members(account, rows(from, facts, day, pack)?)
            }
            (Stream::Refunds, _) => Pack::Refunds(rows(from, facts, day, pack)?),
            _ => continue,
        });
    }
    Ok(read)
}

fn rows<T: Record>(
    from: &mut impl Asks,
    facts: &Facts,
    day: i32,
    pack: &PackRef,
) -> Result<Vec<T>, Error> {
    let mut items = None;
    let place = [
        Cell::Int(stream_number(pack.stream)),
        Cell::Int(i64::from(day)),
        Cell::Int(pack.document),
    ];
    from.ask(
        "select bytes from day_pack where stream = $1 and day = $2 and document_id = $3",
        &place,
        &mut |row| {
            items = pack::decode::<T>(row.blob(0)?, pack.document, day);
            Ok(())
        },
    )?;
    let records = items.ok_or(Error::DamagedPack { document: pack.document, day })?;
    let items = records.into_iter().map(|record| record.item);
    // That a payout holds a row stays true when another word on the row counts. Both stand on one
    // line of the payout's list.
    let stays = pack.stream == Stream::Payouts;
    Ok(items.filter(|item| stays || facts.counts(item)).collect())
}

/// Reads the packs of every day from `from` on, a few days ahead of whoever takes them; ends with
/// the first error, and when nobody takes them any more. `reader` sees the packs that `facts` name.
pub(super) fn ahead<'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut reader: Reader,
    facts: &'scope Facts,
    from: i32,
) -> Receiver<Result<Vec<Pack>, Error>> {
    let (sender, receiver) = sync_channel(AHEAD);
    scope.spawn(move || {
        for (day, packs) in facts.days.range(from..) {
            let read = read(&mut reader, facts, *day, packs);
            let failed = read.is_err();
            if sender.send(read).is_err() || failed {
                break;
            }
        }
    });
    receiver
}
