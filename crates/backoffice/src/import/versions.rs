//! Orders and refunds of which several words are in the book: the latest counts.
//!
//! A shop's system is asked again and again, and every answer is a whole word on an order. Which
//! is later is read from the files (the time they were fetched), never taken from the order they
//! came in: equal files in any order give equal books. A word is kept once, whoever says it how
//! often; it is as late as the latest file that says it. Files without a time are earlier than all
//! that have one.

use super::entry::{EntryWriter, stream_number};
use crate::error::Error;
use connectors::Entry;
use connectors::bill::FileKind;
use connectors::shops::REFUND_IDENTITY;
use connectors::shops::archive::fetched_at_ms;
use domain::reconcile::{OrderItem, RefundItem};
use domain::{BusinessDate, Order, OrderStatus, ShopRefund, Stream};
use std::collections::hash_map;
use std::collections::{BTreeMap, HashMap};
use store::bulk::{Cell, Loader};
use store::facts;
use store::pack::{self, Seen, key, split_line_id};

/// How late a word is, then which of two equally late ones counts.
type Rank = (i64, (u8, u64), u64);

/// A word on an order or a refund.
#[derive(Clone, Copy)]
struct Word {
    line_id: i64,
    content: u64,
    /// When the latest file that says it was made.
    as_of_ms: i64,
    /// Among words of one time.
    rank: (u8, u64),
    counts: bool,
}

impl Word {
    fn rank(&self) -> Rank {
        (self.as_of_ms, self.rank, self.content)
    }
}

type Day = HashMap<u64, Vec<Word>>;

/// The words of the days a file has touched.
#[derive(Default)]
pub(super) struct Versions {
    /// True once a file with a time is, or comes, into the book.
    pub(super) marked: bool,
    /// When the file being read was made.
    as_of_ms: i64,
    issued: BTreeMap<i64, i64>,
    orders: HashMap<i32, Day>,
    refunds: HashMap<i32, Day>,
}

/// What became of a word.
enum Said {
    /// It is in the book already.
    Known,
    /// A row for it is to be written.
    New { changed: bool },
}

/// The identity of a refund: the shop's own, where the file has it.
fn refund_identity(extra: &str, merchant_refund_id: &str) -> u64 {
    let columns: BTreeMap<String, String> = serde_json::from_str(extra).unwrap_or_default();
    match columns.get(REFUND_IDENTITY) {
        Some(id) => key(&[REFUND_IDENTITY, id]),
        None => key(&[merchant_refund_id]),
    }
}

impl Versions {
    /// Makes ready for a file made at `as_of_ms`, where it says so.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn begin(loader: &mut Loader<'_>, as_of_ms: Option<i64>) -> Result<Self, Error> {
        let mut versions = Self { as_of_ms: as_of_ms.unwrap_or(i64::MIN), ..Self::default() };
        loader.query(
            "select id, issued_at_ms from document where stream in ('orders', 'refunds') \
             and issued_at_ms is not null",
            &[],
            |row| {
                versions.issued.insert(row.int(0)?, row.int(1)?);
                Ok(())
            },
        )?;
        versions.marked = as_of_ms.is_some() || !versions.issued.is_empty();
        Ok(versions)
    }

    /// Takes a word, and makes the latest one of its event the one that counts.
    fn say(
        &mut self,
        loader: &mut Loader<'_>,
        stream: Stream,
        day: i32,
        identity: u64,
        word: Word,
    ) -> Result<Said, Error> {
        let days = match stream {
            Stream::Orders => &mut self.orders,
            _ => &mut self.refunds,
        };
        let words = match days.entry(day) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unread) => {
                unread.insert(read_day(loader, stream, day, &self.issued)?)
            }
        };
        let words = words.entry(identity).or_default();
        let said = match words.iter_mut().find(|known| known.content == word.content) {
            Some(known) => {
                known.as_of_ms = known.as_of_ms.max(word.as_of_ms);
                Said::Known
            }
            None => {
                words.push(word);
                Said::New { changed: words.len() > 1 }
            }
        };
        let Some(winner) = words.iter().max_by_key(|word| word.rank()).map(|word| word.line_id)
        else {
            return Ok(said);
        };
        let unsettled = |word: &Word| word.counts != (word.line_id == winner);
        if !words.iter().any(unsettled) {
            return Ok(said);
        }
        for word in words {
            word.counts = word.line_id == winner;
            let line = [Cell::Int(word.line_id)];
            loader.execute("delete from superseded where line_id = $1", &line)?;
            if !word.counts {
                let document = split_line_id(winner).0;
                loader.execute(
                    "insert into superseded (line_id, by_line_id, by_document_id) \
                     values ($1, $2, $3)",
                    &[Cell::Int(word.line_id), Cell::Int(winner), Cell::Int(document)],
                )?;
            }
        }
        Ok(said)
    }
}

fn read_day(
    loader: &mut Loader<'_>,
    stream: Stream,
    day: i32,
    issued: &BTreeMap<i64, i64>,
) -> Result<Day, Error> {
    let mut words = Day::new();
    let day_cell = Cell::Int(i64::from(day));
    let as_of = |document: i64| issued.get(&document).copied().unwrap_or(i64::MIN);
    let mut take = |identity: u64, (line_id, content, rank, counts)| {
        let as_of_ms = as_of(split_line_id(line_id).0);
        let words: &mut Vec<Word> = words.entry(identity).or_default();
        words.push(Word { line_id, content, as_of_ms, rank, counts });
    };
    if stream == Stream::Orders {
        loader.query(
            "select o.id, s.line_id, o.order_id, o.paid_at_ms, o.closed_at_ms, o.status, \
             o.status_text, o.currency, o.amount_minor, o.channel, o.goods, o.buyer, o.extra \
             from shop_order o left join superseded s on s.line_id = o.id where o.day = $1",
            &[day_cell],
            |row| {
                let order = OrderRow {
                    paid_at_ms: row.opt_int(3)?,
                    closed_at_ms: row.opt_int(4)?,
                    status: row.int(5)?,
                    amount_minor: row.int(8)?,
                    texts: [
                        row.text(6)?,
                        row.text(7)?,
                        row.text(9)?,
                        row.text(10)?,
                        row.text(11)?,
                        row.text(12)?,
                    ],
                };
                let identity = key(&[row.text(2)?]);
                let counts = row.opt_int(1)?.is_none();
                take(identity, (row.int(0)?, order.content(), order.rank(), counts));
                Ok(())
            },
        )?;
    } else {
        loader.query(
            "select r.id, s.line_id, r.merchant_refund_id, r.order_id, r.currency, \
             r.amount_minor, r.status_text, r.extra \
             from shop_refund r left join superseded s on s.line_id = r.id where r.day = $1",
            &[day_cell],
            |row| {
                let texts = [row.text(2)?, row.text(3)?, row.text(4)?, row.text(6)?, row.text(7)?];
                let refund = RefundRow { amount_minor: row.int(5)?, texts };
                let identity = refund_identity(texts[4], texts[0]);
                let counts = row.opt_int(1)?.is_none();
                take(identity, (row.int(0)?, refund.content(), refund.rank(), counts));
                Ok(())
            },
        )?;
    }
    read_repeats(loader, stream, day, issued, &mut words)?;
    Ok(words)
}

/// A word is as late as the latest file that says it.
fn read_repeats(
    loader: &mut Loader<'_>,
    stream: Stream,
    day: i32,
    issued: &BTreeMap<i64, i64>,
    words: &mut Day,
) -> Result<(), Error> {
    let mut broken = None;
    loader.query(
        "select document_id, bytes from day_seen where stream = $1 and day = $2",
        &[Cell::Int(stream_number(stream)), Cell::Int(i64::from(day))],
        |row| {
            let document = row.int(0)?;
            let as_of_ms = issued.get(&document).copied().unwrap_or(i64::MIN);
            let Some(seen) = pack::read_seen(row.blob(1)?) else {
                broken = Some(document);
                return Ok(());
            };
            for Seen { identity, content, .. } in seen {
                let said = words.get_mut(&identity).into_iter().flatten();
                if let Some(word) = said.into_iter().find(|word| word.content == content) {
                    word.as_of_ms = word.as_of_ms.max(as_of_ms);
                }
            }
            Ok(())
        },
    )?;
    match broken {
        Some(document) => Err(Error::DamagedPack { document, day }),
        None => Ok(()),
    }
}

/// What an order says, as the book holds it.
struct OrderRow<'a> {
    paid_at_ms: Option<i64>,
    closed_at_ms: Option<i64>,
    status: i64,
    amount_minor: i64,
    /// State in words, currency, channel, goods, buyer, further columns.
    texts: [&'a str; 6],
}

impl OrderRow<'_> {
    fn content(&self) -> u64 {
        let opt = |value: Option<i64>| value.map_or(Cell::Null, Cell::Int);
        let mut cells = vec![
            opt(self.paid_at_ms),
            opt(self.closed_at_ms),
            Cell::Int(self.status),
            Cell::Int(self.amount_minor),
        ];
        cells.extend(self.texts.map(Cell::Text));
        pack::digest_of(&cells) as u64
    }

    /// Among words of one time the one further along counts.
    fn rank(&self) -> (u8, u64) {
        let step = match usize::try_from(self.status).ok().and_then(|n| OrderStatus::ALL.get(n)) {
            None | Some(OrderStatus::Unknown) => 0,
            Some(OrderStatus::Unpaid) => 1,
            Some(OrderStatus::Paid) => 2,
            Some(OrderStatus::Closed) => 3,
            Some(OrderStatus::Canceled) => 4,
            Some(OrderStatus::Refunded) => 5,
        };
        (step, self.amount_minor.unsigned_abs())
    }
}

/// What a refund says, as the book holds it.
struct RefundRow<'a> {
    amount_minor: i64,
    /// Its number, its order's, currency, state in words, further columns.
    texts: [&'a str; 5],
}

impl RefundRow<'_> {
    fn content(&self) -> u64 {
        let mut cells = vec![Cell::Int(self.amount_minor)];
        cells.extend(self.texts.map(Cell::Text));
        pack::digest_of(&cells) as u64
    }

    fn rank(&self) -> (u8, u64) {
        (0, self.amount_minor.unsigned_abs())
    }
}

impl EntryWriter<'_, '_> {
    /// Made ready for a file that may hold orders or refunds.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn of_entry(mut self, entry: &Entry, kind: &FileKind) -> Result<Self, Error> {
        // Only fetched orders say when they were made before they are read.
        let made_at_ms = match kind {
            FileKind::ShopOrders => {
                entry.reader().ok().and_then(|mut reader| fetched_at_ms(&mut *reader))
            }
            FileKind::Table { .. } => None,
            _ => return Ok(self),
        };
        self.versions = Versions::begin(self.loader, made_at_ms)?;
        Ok(self)
    }

    /// Books an order where files with a time are about.
    pub(super) fn order_word(&mut self, id: i64, order: &Order) -> Result<Option<i32>, Error> {
        let day = BusinessDate::of_ms(order.ordered_at_ms).days();
        let day = self.touch(Stream::Orders, day);
        let identity = key(&[&order.merchant_order_id]);
        let status = OrderStatus::ALL.iter().position(|s| *s == order.status).unwrap_or(0);
        let extra = facts::extra_text(&order.extra);
        let row = OrderRow {
            paid_at_ms: order.paid_at_ms,
            closed_at_ms: order.closed_at_ms,
            status: status as i64,
            amount_minor: order.amount_minor,
            texts: [
                &order.status_text,
                order.currency.code(),
                order.channel.map_or("", domain::Channel::code),
                &order.goods,
                &order.buyer,
                &extra,
            ],
        };
        let word = self.word(id, row.content(), row.rank());
        if !self.say(Stream::Orders, day, identity, word)? {
            return Ok(None);
        }
        facts::insert_order(self.loader, id, order)?;
        let item = OrderItem {
            id,
            day,
            order: identity,
            paid_at_ms: order.paid_at_ms,
            closed_at_ms: order.closed_at_ms,
            status: order.status,
            channel: order.channel,
            currency: order.currency,
            amount_minor: order.amount_minor,
        };
        self.pack(stream_number(Stream::Orders), day, identity, &item);
        Ok(Some(day))
    }

    /// Books a refund where files with a time are about.
    pub(super) fn refund_word(
        &mut self,
        id: i64,
        refund: &ShopRefund,
    ) -> Result<Option<i32>, Error> {
        let day = BusinessDate::of_ms(refund.requested_at_ms).days();
        // Refunds stand in a file of fetched orders too, and it is no list of all of them.
        let fetched = self.versions.as_of_ms != i64::MIN;
        let day = self.touch(if fetched { Stream::Orders } else { Stream::Refunds }, day);
        let extra = facts::extra_text(&refund.extra);
        let identity = refund_identity(&extra, &refund.merchant_refund_id);
        let texts = [
            refund.merchant_refund_id.as_str(),
            &refund.merchant_order_id,
            refund.currency.code(),
            &refund.status_text,
            &extra,
        ];
        let row = RefundRow { amount_minor: refund.amount_minor, texts };
        let word = self.word(id, row.content(), row.rank());
        if !self.say(Stream::Refunds, day, identity, word)? {
            return Ok(None);
        }
        facts::insert_refund(self.loader, id, refund)?;
        let merchant_refund = key(&[&refund.merchant_refund_id]);
        let item = RefundItem { id, merchant_refund, amount_minor: refund.amount_minor };
        self.pack(stream_number(Stream::Refunds), day, identity, &item);
        Ok(Some(day))
    }

    fn word(&self, line_id: i64, content: u64, rank: (u8, u64)) -> Word {
        let as_of_ms = self.versions.as_of_ms;
        Word { line_id, content, as_of_ms, rank, counts: true }
    }

    /// Counts a word; true when a row for it is to be written.
    fn say(&mut self, stream: Stream, day: i32, identity: u64, word: Word) -> Result<bool, Error> {
        match self.versions.say(self.loader, stream, day, identity, word)? {
            Said::Known => {
                self.counts.known += 1;
                let line_no = split_line_id(word.line_id).1;
                let seen = Seen { identity, content: word.content, line_no };
                let place = (stream_number(stream), day);
                pack::note_seen(self.seen.entry(place).or_default(), seen);
                Ok(false)
            }
            Said::New { changed: true } => {
                self.counts.changed += 1;
                Ok(true)
            }
            Said::New { changed: false } => {
                self.counts.new += 1;
                Ok(true)
            }
        }
    }
}
