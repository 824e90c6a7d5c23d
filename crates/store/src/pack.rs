//! Day packs: the columns that matching needs, as records in one blob a document and day. Reading
//! a year of them costs a few hundred rows instead of millions.
//!
//! Layout: hashes as eight bytes, numbers as varints, records end to end, no header; the stream
//! tells the record. A pack is derived from its document's lines and can be made again from them.

mod bank;

pub use bank::BankMark;

use crate::bulk::Cell;
use domain::reconcile::{BalanceItem, MemberItem, OrderItem, RefundItem, SettlementItem};
use domain::{BalanceKind, Channel, Currency, OrderStatus, SettlementKind, SettlementStatus};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Position of the document in a line id: `document << 32 | line`.
pub const DOCUMENT_SHIFT: u32 = 32;

/// The id of a line.
pub fn line_id(document: i64, line_no: u32) -> i64 {
    (document << DOCUMENT_SHIFT) | i64::from(line_no)
}

/// Document and line number of a line id.
pub fn split_line_id(id: i64) -> (i64, u32) {
    (id >> DOCUMENT_SHIFT, (id & 0xffff_ffff) as u32)
}

/// A 64-bit key of a long number. The empty text has key 0, and no other text has.
///
/// SipHash with a fixed key: stable over runs and machines. Equal keys are always confirmed by
/// amounts before anything follows from them.
pub fn key(parts: &[&str]) -> u64 {
    if parts.iter().all(|part| part.is_empty()) {
        return 0;
    }
    let mut hasher = SipHasher13::new_with_keys(0x5375_616e_7061_6e01, 0x626f_6f6b_6b65_7901);
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish().max(1)
}

/// A record with its identity: what makes it the same event when it is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed<T> {
    /// Key of the natural key; with an occurrence number where there is none.
    pub identity: u64,
    /// The record.
    pub item: T,
}

/// A record type that packs.
pub trait Record: Sized + Copy {
    /// Bytes that most records take with their identity.
    const USUAL: usize;
    /// Appends the record.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads a record of document `document` on `day`; `None` when the bytes are not one.
    fn read(bytes: &mut Bytes<'_>, document: i64, day: i32) -> Option<Self>;
    /// A digest of what the record says, without where it stands.
    fn content(&self) -> u64;
    /// Which of two words on the same event counts; the higher does.
    fn rank(&self) -> (u8, u64);
    /// Its line id.
    fn id(&self) -> i64;
}

/// Reads values off a slice: hashes as eight bytes, all else as varints.
pub struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
    fn var(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    fn int(&mut self) -> Option<i64> {
        self.var().map(|value| ((value >> 1) as i64) ^ -((value & 1) as i64))
    }
    fn line_no(&mut self) -> Option<u32> {
        u32::try_from(self.var()?).ok()
    }
    fn day(&mut self) -> Option<i32> {
        i32::try_from(self.int()?).ok()
    }
    /// 0 stands for absent.
    fn opt(&mut self) -> Option<Option<i64>> {
        match self.u8()? {
            0 => Some(None),
            _ => self.int().map(Some),
        }
    }
    /// 0 stands for the yuan.
    fn currency(&mut self) -> Option<Currency> {
        let first = self.u8()?;
        if first == 0 {
            return Some(Currency::CNY);
        }
        let [second, third] = self.take()?;
        Currency::from_code(std::str::from_utf8(&[first, second, third]).ok()?).ok()
    }
}

fn put_var(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_int(out: &mut Vec<u8>, value: i64) {
    put_var(out, ((value << 1) ^ (value >> 63)) as u64);
}

fn put_opt(out: &mut Vec<u8>, value: Option<i64>) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put_int(out, value);
    }
}

fn put_currency(out: &mut Vec<u8>, currency: Currency) {
    match currency {
        Currency::CNY => out.push(0),
        other => out.extend(other.code().as_bytes()),
    }
}

fn put_line(out: &mut Vec<u8>, id: i64) {
    put_var(out, u64::from(split_line_id(id).1));
}

fn digest(values: &[i64]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(1, 2);
    for value in values {
        hasher.write_i64(*value);
    }
    hasher.finish()
}

/// A digest of a row, to tell whether a later one says the same.
pub fn digest_of(cells: &[Cell<'_>]) -> i64 {
    let mut hasher = SipHasher13::new_with_keys(3, 4);
    for cell in cells {
        match cell {
            Cell::Null => hasher.write_u8(0),
            Cell::Int(value) => {
                hasher.write_u8(1);
                hasher.write_i64(*value);
            }
            Cell::Text(text) => put_bytes(&mut hasher, text.as_bytes()),
            Cell::Blob(bytes) => put_bytes(&mut hasher, bytes),
        }
    }
    hasher.finish() as i64
}

fn put_bytes(hasher: &mut SipHasher13, bytes: &[u8]) {
    hasher.write_u8(2);
    hasher.write_usize(bytes.len());
    hasher.write(bytes);
}

/// Reads every record of a pack; `None` when the blob is not whole records.
pub fn decode<T: Record>(bytes: &[u8], document: i64, day: i32) -> Option<Vec<Packed<T>>> {
    let mut reader = Bytes(bytes);
    let mut records = Vec::with_capacity(bytes.len() / T::USUAL);
    while !reader.0.is_empty() {
        let identity = reader.u64()?;
        records.push(Packed { identity, item: T::read(&mut reader, document, day)? });
    }
    Some(records)
}

/// Appends one record.
pub fn encode<T: Record>(out: &mut Vec<u8>, identity: u64, item: &T) {
    out.extend(identity.to_le_bytes());
    item.write(out);
}

/// What a document says of an event that another document had booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The event.
    pub identity: u64,
    /// What is said of it, see [`Record::content`].
    pub content: u64,
    /// Where the document says it.
    pub line_no: u32,
}

/// Appends one.
pub fn note_seen(out: &mut Vec<u8>, seen: Seen) {
    out.extend(seen.identity.to_le_bytes());
    out.extend(seen.content.to_le_bytes());
    put_var(out, u64::from(seen.line_no));
}

/// Reads what [`note_seen`] wrote; `None` when the bytes are not whole records.
pub fn read_seen(bytes: &[u8]) -> Option<Vec<Seen>> {
    let mut reader = Bytes(bytes);
    let mut seen = Vec::with_capacity(bytes.len() / 18);
    while !reader.0.is_empty() {
        let (identity, content) = (reader.u64()?, reader.u64()?);
        seen.push(Seen { identity, content, line_no: reader.line_no()? });
    }
    Some(seen)
}

/// Packs pairs of line ids, each as its distance from the pair before.
#[derive(Default)]
pub struct Pairs {
    bytes: Vec<u8>,
    last: (i64, i64),
    count: i64,
}

impl Pairs {
    /// Appends one.
    pub fn push(&mut self, pair: (i64, i64)) {
        put_int(&mut self.bytes, pair.0.wrapping_sub(self.last.0));
        put_int(&mut self.bytes, pair.1.wrapping_sub(self.last.1));
        self.last = pair;
        self.count += 1;
    }

    /// How many, and the pack.
    pub fn finish(self) -> (i64, Vec<u8>) {
        (self.count, self.bytes)
    }

    /// Reads a pack; `None` when the bytes are not whole pairs.
    pub fn read(bytes: &[u8]) -> Option<Vec<(i64, i64)>> {
        let mut reader = Bytes(bytes);
        let (mut pairs, mut last) = (Vec::with_capacity(bytes.len() / 4), (0_i64, 0_i64));
        while !reader.0.is_empty() {
            last = (last.0.wrapping_add(reader.int()?), last.1.wrapping_add(reader.int()?));
            pairs.push(last);
        }
        Some(pairs)
    }
}

const SETTLEMENT_STATUSES: [SettlementStatus; 5] = [
    SettlementStatus::Unknown,
    SettlementStatus::Pending,
    SettlementStatus::Abnormal,
    SettlementStatus::Failed,
    SettlementStatus::Succeeded,
];
const SETTLEMENT_KINDS: [SettlementKind; 3] =
    [SettlementKind::Payment, SettlementKind::Refund, SettlementKind::Revoked];

/// The number a settlement kind is stored as.
pub fn settlement_kind_number(kind: SettlementKind) -> i64 {
    SETTLEMENT_KINDS.iter().position(|k| *k == kind).unwrap_or(0) as i64
}

/// The number a refund state is stored as; the later word of two is the higher.
pub fn settlement_status_number(status: SettlementStatus) -> i64 {
    SETTLEMENT_STATUSES.iter().position(|s| *s == status).unwrap_or(0) as i64
}

/// The settlement kind of a stored number.
pub fn settlement_kind(number: i64) -> Option<SettlementKind> {
    usize::try_from(number).ok().and_then(|n| SETTLEMENT_KINDS.get(n).copied())
}

/// The refund state of a stored number.
pub fn settlement_status(number: i64) -> Option<SettlementStatus> {
    usize::try_from(number).ok().and_then(|n| SETTLEMENT_STATUSES.get(n).copied())
}

impl Record for SettlementItem {
    const USUAL: usize = 48;

    fn write(&self, out: &mut Vec<u8>) {
        let one_key = self.key == self.payment;
        let one_amount = self.order_minor == self.settled_minor;
        put_line(out, self.id);
        out.push(settlement_kind_number(self.kind) as u8);
        out.push(settlement_status_number(self.status) as u8);
        out.push(
            u8::from(one_key)
                | u8::from(one_amount) << 1
                | u8::from(self.merchant_refund == 0) << 2
                | u8::from(self.subsidy_minor == 0) << 3
                | u8::from(self.fee_beside_minor != 0) << 4,
        );
        put_int(out, self.at_ms);
        put_currency(out, self.currency);
        out.extend(self.key.to_le_bytes());
        if !one_key {
            out.extend(self.payment.to_le_bytes());
        }
        out.extend(self.order.to_le_bytes());
        if self.merchant_refund != 0 {
            out.extend(self.merchant_refund.to_le_bytes());
        }
        put_int(out, self.settled_minor);
        if !one_amount {
            put_int(out, self.order_minor);
        }
        if self.subsidy_minor != 0 {
            put_int(out, self.subsidy_minor);
        }
        put_int(out, self.fee_minor);
        if self.fee_beside_minor != 0 {
            put_int(out, self.fee_beside_minor);
        }
        put_opt(out, self.rate_ppm);
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, day: i32) -> Option<Self> {
        let id = line_id(document, bytes.line_no()?);
        let kind = settlement_kind(i64::from(bytes.u8()?))?;
        let status = settlement_status(i64::from(bytes.u8()?))?;
        let marks = bytes.u8()?;
        let is = |bit: u8| marks & (1 << bit) != 0;
        let (at_ms, currency) = (bytes.int()?, bytes.currency()?);
        let key = bytes.u64()?;
        let payment = if is(0) { key } else { bytes.u64()? };
        let order = bytes.u64()?;
        let merchant_refund = if is(2) { 0 } else { bytes.u64()? };
        let settled_minor = bytes.int()?;
        let order_minor = if is(1) { settled_minor } else { bytes.int()? };
        let subsidy_minor = if is(3) { 0 } else { bytes.int()? };
        Some(Self {
            id,
            day,
            at_ms,
            kind,
            status,
            currency,
            key,
            payment,
            order,
            merchant_refund,
            order_minor,
            settled_minor,
            subsidy_minor,
            fee_minor: bytes.int()?,
            fee_beside_minor: if is(4) { bytes.int()? } else { 0 },
            rate_ppm: bytes.opt()?,
        })
    }

    fn content(&self) -> u64 {
        digest(&[
            settlement_status_number(self.status),
            self.order as i64,
            self.order_minor,
            self.settled_minor,
            self.subsidy_minor,
            self.fee_minor,
        ])
    }

    fn rank(&self) -> (u8, u64) {
        (settlement_status_number(self.status) as u8, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Record for BalanceItem {
    const USUAL: usize = 44;

    fn write(&self, out: &mut Vec<u8>) {
        put_line(out, self.id);
        put_int(out, i64::from(self.day));
        put_int(out, self.at_ms);
        out.push(self.kind.number() as u8);
        out.push(
            u8::from(self.automatic)
                | u8::from(self.own != 0) << 1
                | u8::from(self.arrives_day.is_some()) << 2,
        );
        if self.own != 0 {
            out.extend(self.own.to_le_bytes());
        }
        out.extend(self.key.to_le_bytes());
        out.extend(self.payment.to_le_bytes());
        put_int(out, self.amount_minor);
        put_opt(out, self.balance_minor);
        put_int(out, self.fee_minor);
        if let Some(day) = self.arrives_day {
            put_int(out, i64::from(day));
        }
    }

    /// The pack stands under the row's own day; its bill may be a later day's.
    fn read(bytes: &mut Bytes<'_>, document: i64, _own_day: i32) -> Option<Self> {
        let id = line_id(document, bytes.line_no()?);
        let (day, at_ms) = (bytes.day()?, bytes.int()?);
        let kind = BalanceKind::from_number(i64::from(bytes.u8()?))?;
        let marks = bytes.u8()?;
        Some(Self {
            id,
            day,
            at_ms,
            kind,
            automatic: marks & 1 != 0,
            own: if marks & 2 != 0 { bytes.u64()? } else { 0 },
            key: bytes.u64()?,
            payment: bytes.u64()?,
            amount_minor: bytes.int()?,
            balance_minor: bytes.opt()?,
            fee_minor: bytes.int()?,
            arrives_day: if marks & 4 != 0 { Some(bytes.day()?) } else { None },
        })
    }

    fn content(&self) -> u64 {
        let balance = self.balance_minor.unwrap_or(i64::MIN);
        let said = [self.amount_minor, balance, self.kind.number()];
        match self.arrives_day {
            // Another day is a later word on the same payout.
            Some(day) => digest(&[said[0], said[1], said[2], i64::from(day)]),
            None => digest(&said),
        }
    }

    fn rank(&self) -> (u8, u64) {
        (0, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}

fn order_status_number(status: OrderStatus) -> u8 {
    OrderStatus::ALL.iter().position(|s| *s == status).unwrap_or(0) as u8
}

fn channel_number(channel: Option<Channel>) -> u8 {
    channel.and_then(|c| Channel::ALL.iter().position(|a| *a == c)).map_or(0xff, |n| n as u8)
}

impl Record for OrderItem {
    const USUAL: usize = 32;

    fn write(&self, out: &mut Vec<u8>) {
        put_line(out, self.id);
        out.extend(self.order.to_le_bytes());
        put_opt(out, self.paid_at_ms);
        put_opt(out, self.closed_at_ms);
        out.push(order_status_number(self.status));
        out.push(channel_number(self.channel));
        put_currency(out, self.currency);
        put_int(out, self.amount_minor);
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.line_no()?),
            day,
            order: bytes.u64()?,
            paid_at_ms: bytes.opt()?,
            closed_at_ms: bytes.opt()?,
            status: *OrderStatus::ALL.get(usize::from(bytes.u8()?))?,
            channel: Channel::ALL.get(usize::from(bytes.u8()?)).copied(),
            currency: bytes.currency()?,
            amount_minor: bytes.int()?,
        })
    }

    fn content(&self) -> u64 {
        digest(&[
            i64::from(order_status_number(self.status)),
            self.paid_at_ms.unwrap_or(0),
            self.closed_at_ms.unwrap_or(0),
            self.amount_minor,
        ])
    }

    fn rank(&self) -> (u8, u64) {
        let step = match self.status {
            OrderStatus::Unknown => 0,
            OrderStatus::Unpaid => 1,
            OrderStatus::Paid => 2,
            OrderStatus::Closed => 3,
            OrderStatus::Canceled => 4,
            OrderStatus::Refunded => 5,
        };
        (step, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Record for RefundItem {
    const USUAL: usize = 21;

    fn write(&self, out: &mut Vec<u8>) {
        put_line(out, self.id);
        out.extend(self.merchant_refund.to_le_bytes());
        put_int(out, self.amount_minor);
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, _day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.line_no()?),
            merchant_refund: bytes.u64()?,
            amount_minor: bytes.int()?,
        })
    }

    fn content(&self) -> u64 {
        digest(&[self.amount_minor])
    }

    fn rank(&self) -> (u8, u64) {
        (0, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}

impl Record for MemberItem {
    const USUAL: usize = 26;

    fn write(&self, out: &mut Vec<u8>) {
        put_line(out, self.id);
        out.extend(self.payout.to_le_bytes());
        out.extend(self.row.to_le_bytes());
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, _day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.line_no()?),
            payout: bytes.u64()?,
            row: bytes.u64()?,
        })
    }

    fn content(&self) -> u64 {
        digest(&[self.payout as i64, self.row as i64])
    }

    fn rank(&self) -> (u8, u64) {
        (0, self.content())
    }

    fn id(&self) -> i64 {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUND: SettlementItem = SettlementItem {
        id: (7 << DOCUMENT_SHIFT) | 42,
        day: 20_000,
        at_ms: 1_767_196_800_000,
        kind: SettlementKind::Refund,
        status: SettlementStatus::Pending,
        key: 503,
        payment: 42,
        order: 1,
        merchant_refund: 2,
        currency: Currency::CNY,
        order_minor: -310,
        settled_minor: -300,
        subsidy_minor: i64::MIN,
        fee_minor: i64::MAX,
        fee_beside_minor: 0,
        rate_ppm: Some(6000),
    };

    fn comes_back<T: Record + PartialEq + std::fmt::Debug>(item: T) {
        let mut bytes = Vec::new();
        encode(&mut bytes, 9, &item);
        encode(&mut bytes, 10, &item);
        let records = decode::<T>(&bytes, 7, 20_000).expect("what was written");
        assert_eq!(records, [Packed { identity: 9, item }, Packed { identity: 10, item }]);
        bytes.pop();
        assert_eq!(decode::<T>(&bytes, 7, 20_000), None, "a pack cut short");
    }

    #[test]
    fn packed_records_come_back_as_they_were() {
        comes_back(REFUND);
        comes_back(SettlementItem {
            key: 42,
            order_minor: -300,
            merchant_refund: 0,
            subsidy_minor: 0,
            currency: Currency::from_code("JPY").expect("a currency"),
            fee_beside_minor: -7,
            rate_ppm: None,
            ..REFUND
        });
        comes_back(BalanceItem {
            id: line_id(7, 1),
            day: -3,
            at_ms: -1,
            kind: BalanceKind::Refund,
            key: u64::MAX,
            payment: 0,
            own: 3,
            amount_minor: i64::MIN,
            balance_minor: None,
            fee_minor: 2,
            automatic: true,
            arrives_day: Some(-4),
        });
        comes_back(BalanceItem {
            id: line_id(7, 2),
            day: 20_000,
            at_ms: 1,
            kind: BalanceKind::Payout,
            key: 5,
            payment: 0,
            own: 0,
            amount_minor: -1,
            balance_minor: Some(0),
            fee_minor: 0,
            automatic: false,
            arrives_day: None,
        });
        comes_back(MemberItem { id: line_id(7, 3), payout: 1, row: u64::MAX });
        comes_back(OrderItem {
            id: line_id(7, u32::MAX),
            day: 20_000,
            order: 5,
            paid_at_ms: None,
            closed_at_ms: Some(0),
            status: OrderStatus::Closed,
            channel: None,
            currency: Currency::CNY,
            amount_minor: 0,
        });
        comes_back(RefundItem { id: line_id(7, 2), merchant_refund: 8, amount_minor: -1 });
        comes_back(BankMark { id: line_id(7, 3), amount_minor: 1 });
    }

    #[test]
    fn pairs_come_back_and_take_a_few_bytes_each() {
        let pairs: Vec<(i64, i64)> = (0..1000)
            .map(|n| (line_id(7, (n * 37) % 3000), line_id(8, (n * 91) % 3000)))
            .chain([(i64::MIN, i64::MAX), (0, -1)])
            .collect();
        let mut packed = Pairs::default();
        pairs.iter().for_each(|pair| packed.push(*pair));
        let (count, bytes) = packed.finish();
        assert_eq!(count, 1002);
        assert!(bytes.len() < 5000, "{}", bytes.len());
        assert_eq!(Pairs::read(&bytes), Some(pairs));
        assert_eq!(Pairs::read(&bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn only_the_empty_number_has_the_key_zero() {
        assert_eq!(key(&["", ""]), 0);
        assert_ne!(key(&["", "1"]), key(&["1", ""]));
    }
}
