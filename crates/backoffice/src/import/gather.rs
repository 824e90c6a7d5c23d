//! What of each row can be searched for, gathered on one core while the next rows are booked on the
//! other.

use connectors::bill::Fact;
use domain::{
    BalanceKind, BalanceTransaction, BankLine, Order, SettlementKind, SettlementLine, ShopRefund,
};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use store::search::{Gathered, Searchable, Subject};

/// Rows handed over at once.
const BATCH: usize = 256;
/// Batches that may wait: memory does not grow with the file.
const WAITING: usize = 8;
/// Rows after which it is worth asking how much was gathered.
const DUE: usize = 50_000;

/// A row that was booked, with its line and the day of its event.
struct Booked {
    id: i64,
    day: i32,
    fact: Fact,
}

/// Takes booked rows and gathers what they can be searched for.
#[derive(Default)]
pub struct Gatherer {
    gathered: Gathered,
    batch: Vec<Booked>,
    beside: Option<Beside>,
    since_asked: usize,
}

/// The other thread, which has [`Gathered`] for as long as it runs.
struct Beside {
    batches: SyncSender<Vec<Booked>>,
    thread: JoinHandle<Gathered>,
}

impl Gatherer {
    /// Takes a row; may wait for those before it.
    pub fn take(&mut self, id: i64, day: i32, fact: Fact) {
        self.since_asked += 1;
        self.batch.push(Booked { id, day, fact });
        if self.batch.len() < BATCH {
            return;
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        let beside = self.beside.get_or_insert_with(|| Beside::start(&mut self.gathered));
        // A thread that is gone has panicked; joining it says so.
        if beside.batches.send(batch).is_err() {
            self.gathered();
        }
    }

    /// True when so many rows came that [`Self::gathered`] may be full.
    pub fn is_due(&self) -> bool {
        self.since_asked >= DUE
    }

    /// Everything of the rows taken so far; waits for it.
    pub fn gathered(&mut self) -> &mut Gathered {
        self.since_asked = 0;
        if let Some(Beside { batches, thread }) = self.beside.take() {
            drop(batches);
            match thread.join() {
                Ok(gathered) => self.gathered = gathered,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        for row in self.batch.drain(..) {
            add(&mut self.gathered, &row);
        }
        &mut self.gathered
    }
}

impl Beside {
    fn start(gathered: &mut Gathered) -> Self {
        let mut gathered = std::mem::take(gathered);
        let (batches, receiver) = sync_channel::<Vec<Booked>>(WAITING);
        let thread = std::thread::spawn(move || {
            for row in receiver.into_iter().flatten() {
                add(&mut gathered, &row);
            }
            gathered
        });
        Self { batches, thread }
    }
}

fn add(search: &mut Gathered, row: &Booked) {
    let Booked { id, day, fact } = row;
    match fact {
        Fact::Settlement(line) => settlement(search, *id, *day, line),
        Fact::Balance(line) => balance(search, *id, *day, line),
        Fact::Bank(line) => bank(search, *id, line),
        Fact::Order(line) => order(search, *id, *day, line),
        Fact::Refund(line) => refund(search, *id, *day, line),
    }
}

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
