//! The index made again from the lines, and told whether it agrees with them.

use crate::error::Error;
use domain::{BalanceKind, BusinessDate};
use store::Book;
use store::bulk::{Reader, RowView, Writer};
use store::pack::line_id;
use store::search::{Gathered, Mark, Searchable, Subject, Tally, clear};
use store::{StoreError, pack};

/// Throws the index away and makes it again from every line; the number of lines.
///
/// Blocking. One transaction: a rebuild that fails leaves the index as it was.
///
/// # Errors
/// The database's.
pub fn rebuild(book: &Book) -> Result<u64, Error> {
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    // Opened while nobody else can write: it sees just the lines that the loader sees.
    let mut reader = Reader::open(book)?;
    clear(&mut loader)?;
    let mut search = Gathered::default();
    let mut lines = 0;
    every_line(&mut reader, &mut |line| {
        lines += 1;
        search.add(line);
        match search.is_full(Mark::default()) {
            true => search.write(&mut loader, Mark::default()),
            false => Ok(()),
        }
    })?;
    search.write(&mut loader, Mark::default())?;
    loader.commit()?;
    Ok(lines)
}

/// What the lines ask the index to hold, and what it holds; names of files left out.
///
/// # Errors
/// The database's.
pub(crate) fn tallies(reader: &mut Reader) -> Result<(Tally, Tally), Error> {
    let held = Tally::stored(reader)?;
    let mut wanted = Tally::default();
    let mut search = Gathered::default();
    every_line(reader, &mut |line| {
        if line.subject != Subject::File {
            search.add(line);
        }
        if search.is_full(Mark::default()) {
            wanted.take(&mut search);
        }
        Ok(())
    })?;
    wanted.take(&mut search);
    Ok((wanted, held))
}

type Each<'a> = &'a mut dyn FnMut(&Searchable<'_>) -> Result<(), StoreError>;

fn every_line(reader: &mut Reader, each: Each<'_>) -> Result<(), Error> {
    trade(reader, each)?;
    fund(reader, each)?;
    others(reader, each)?;
    reader.query(
        "select d.id, coalesce(d.to_day, 0), r.name, d.entry_name from document d \
         join raw_document r on r.id = d.raw_document_id order by d.id",
        &[],
        |row| {
            let (name, inside) = (row.text(2)?, row.text(3)?);
            let both = [name, inside];
            each(&Searchable {
                id: line_id(row.int(0)?, 0),
                day: row.int(1)? as i32,
                subject: Subject::File,
                amounts: &[],
                numbers: &[],
                texts: if name == inside { &both[..1] } else { &both },
            })
        },
    )?;
    Ok(())
}

fn trade(reader: &mut Reader, each: Each<'_>) -> Result<(), Error> {
    reader.query(
        "select id, day, kind, order_minor, settled_minor, payment_id, order_id, refund_id, \
         merchant_refund_id, goods, note, payer from settlement_line order by id",
        &[],
        |row| {
            let payment =
                pack::settlement_kind(row.int(2)?) == Some(domain::SettlementKind::Payment);
            each(&Searchable {
                id: row.int(0)?,
                day: row.int(1)? as i32,
                subject: if payment { Subject::Payment } else { Subject::Refund },
                amounts: &[row.int(3)?, row.int(4)?],
                numbers: &[row.text(5)?, row.text(6)?, row.text(7)?, row.text(8)?],
                texts: &[row.text(9)?, row.text(10)?, row.text(11)?],
            })
        },
    )?;
    Ok(())
}

fn fund(reader: &mut Reader, each: Each<'_>) -> Result<(), Error> {
    reader.query(
        "select id, at_ms, kind, amount_minor, channel_ref, ledger_ref, merchant_ref, \
         payment_ref, counterparty, remark, kind_text from balance_transaction order by id",
        &[],
        |row| {
            let kind = BalanceKind::from_number(row.int(2)?).unwrap_or(BalanceKind::Unknown);
            let usual = [BalanceKind::Payment, BalanceKind::PaymentFee].contains(&kind);
            let word = if usual { "" } else { row.text(10)? };
            let payout = kind == BalanceKind::Payout;
            each(&Searchable {
                id: row.int(0)?,
                day: BusinessDate::of_ms(row.int(1)?).days(),
                subject: if payout { Subject::Payout } else { Subject::Movement },
                amounts: &[row.int(3)?],
                numbers: &[row.text(4)?, row.text(5)?, row.text(6)?, row.text(7)?],
                texts: &[row.text(8)?, row.text(9)?, word],
            })
        },
    )?;
    Ok(())
}

/// Bank lines, orders and the shop's refunds: id, day, amount, two numbers, two texts.
fn others(reader: &mut Reader, each: Each<'_>) -> Result<(), Error> {
    let questions = [
        (
            Subject::Bank,
            "select id, day, amount_minor, bank_ref, '', counterparty, memo from bank_line \
             order by id",
        ),
        (
            Subject::Order,
            "select id, day, amount_minor, order_id, '', goods, buyer from shop_order order by id",
        ),
        (
            Subject::ShopRefund,
            "select id, day, amount_minor, merchant_refund_id, order_id, '', '' \
             from shop_refund order by id",
        ),
    ];
    for (subject, sql) in questions {
        let line = |row: &RowView<'_>| {
            each(&Searchable {
                id: row.int(0)?,
                day: row.int(1)? as i32,
                subject,
                amounts: &[row.int(2)?],
                numbers: &[row.text(3)?, row.text(4)?],
                texts: &[row.text(5)?, row.text(6)?],
            })
        };
        reader.query(sql, &[], line)?;
    }
    Ok(())
}
