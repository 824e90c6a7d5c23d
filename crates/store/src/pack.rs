//! Day packs: the columns that matching needs, as fixed-size records in one blob a document and
//! day. Reading a year of them costs a few hundred rows instead of millions.
//!
//! Layout: little endian, records end to end, no header; the stream tells the record. A pack is
//! derived from its document's lines and can be made again from them.

use crate::bulk::Cell;
use domain::reconcile::{BalanceItem, OrderItem, RefundItem, SettlementItem};
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
    /// Bytes of one record.
    const SIZE: usize;
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

/// Reads little-endian values off a slice.
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
    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
    fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_le_bytes)
    }
    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }
    /// `i64::MIN` stands for absent.
    fn opt(&mut self) -> Option<Option<i64>> {
        self.i64().map(|value| (value != i64::MIN).then_some(value))
    }
    fn currency(&mut self) -> Option<Currency> {
        let code = self.take::<3>()?;
        Currency::from_code(std::str::from_utf8(&code).ok()?).ok()
    }
}

fn put_opt(out: &mut Vec<u8>, value: Option<i64>) {
    out.extend(value.unwrap_or(i64::MIN).to_le_bytes());
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

fn line_no(id: i64) -> [u8; 4] {
    split_line_id(id).1.to_le_bytes()
}

/// Reads every record of a pack; `None` when the blob is not whole records.
pub fn decode<T: Record>(bytes: &[u8], document: i64, day: i32) -> Option<Vec<Packed<T>>> {
    if !bytes.len().is_multiple_of(T::SIZE + 8) {
        return None;
    }
    let mut reader = Bytes(bytes);
    let mut records = Vec::with_capacity(bytes.len() / (T::SIZE + 8));
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
    out.extend(seen.line_no.to_le_bytes());
}

/// Reads what [`note_seen`] wrote; `None` when the bytes are not whole records.
pub fn read_seen(bytes: &[u8]) -> Option<Vec<Seen>> {
    let mut reader = Bytes(bytes);
    let mut seen = Vec::with_capacity(bytes.len() / 20);
    while !reader.0.is_empty() {
        let (identity, content) = (reader.u64()?, reader.u64()?);
        seen.push(Seen { identity, content, line_no: reader.u32()? });
    }
    Some(seen)
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
    const SIZE: usize = 4 + 8 + 1 + 1 + 3 + 4 * 8 + 4 * 8 + 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(line_no(self.id));
        out.extend(self.at_ms.to_le_bytes());
        out.push(settlement_kind_number(self.kind) as u8);
        out.push(settlement_status_number(self.status) as u8);
        out.extend(self.currency.code().as_bytes());
        for value in [self.key, self.payment, self.order, self.merchant_refund] {
            out.extend(value.to_le_bytes());
        }
        for value in [self.order_minor, self.settled_minor, self.subsidy_minor, self.fee_minor] {
            out.extend(value.to_le_bytes());
        }
        put_opt(out, self.rate_ppm);
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.u32()?),
            day,
            at_ms: bytes.i64()?,
            kind: settlement_kind(i64::from(bytes.u8()?))?,
            status: settlement_status(i64::from(bytes.u8()?))?,
            currency: bytes.currency()?,
            key: bytes.u64()?,
            payment: bytes.u64()?,
            order: bytes.u64()?,
            merchant_refund: bytes.u64()?,
            order_minor: bytes.i64()?,
            settled_minor: bytes.i64()?,
            subsidy_minor: bytes.i64()?,
            fee_minor: bytes.i64()?,
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
    const SIZE: usize = 4 + 4 + 8 + 1 + 1 + 2 * 8 + 3 * 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(line_no(self.id));
        out.extend(self.day.to_le_bytes());
        out.extend(self.at_ms.to_le_bytes());
        out.push(self.kind.number() as u8);
        out.push(u8::from(self.automatic));
        out.extend(self.key.to_le_bytes());
        out.extend(self.payment.to_le_bytes());
        out.extend(self.amount_minor.to_le_bytes());
        put_opt(out, self.balance_minor);
        out.extend(self.fee_minor.to_le_bytes());
    }

    /// The pack stands under the row's own day; its bill may be a later day's.
    fn read(bytes: &mut Bytes<'_>, document: i64, _own_day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.u32()?),
            day: bytes.i32()?,
            at_ms: bytes.i64()?,
            kind: BalanceKind::from_number(i64::from(bytes.u8()?))?,
            automatic: bytes.u8()? != 0,
            key: bytes.u64()?,
            payment: bytes.u64()?,
            amount_minor: bytes.i64()?,
            balance_minor: bytes.opt()?,
            fee_minor: bytes.i64()?,
        })
    }

    fn content(&self) -> u64 {
        digest(&[self.amount_minor, self.balance_minor.unwrap_or(i64::MIN), self.kind.number()])
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
    const SIZE: usize = 4 + 8 + 8 + 8 + 1 + 1 + 3 + 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(line_no(self.id));
        out.extend(self.order.to_le_bytes());
        put_opt(out, self.paid_at_ms);
        put_opt(out, self.closed_at_ms);
        out.push(order_status_number(self.status));
        out.push(channel_number(self.channel));
        out.extend(self.currency.code().as_bytes());
        out.extend(self.amount_minor.to_le_bytes());
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.u32()?),
            day,
            order: bytes.u64()?,
            paid_at_ms: bytes.opt()?,
            closed_at_ms: bytes.opt()?,
            status: *OrderStatus::ALL.get(usize::from(bytes.u8()?))?,
            channel: Channel::ALL.get(usize::from(bytes.u8()?)).copied(),
            currency: bytes.currency()?,
            amount_minor: bytes.i64()?,
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
    const SIZE: usize = 4 + 8 + 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(line_no(self.id));
        out.extend(self.merchant_refund.to_le_bytes());
        out.extend(self.amount_minor.to_le_bytes());
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, _day: i32) -> Option<Self> {
        Some(Self {
            id: line_id(document, bytes.u32()?),
            merchant_refund: bytes.u64()?,
            amount_minor: bytes.i64()?,
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

/// A bank line's identity is all a pack keeps of it; bank lines are few and read from their table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankMark {
    /// Line id.
    pub id: i64,
    /// Amount.
    pub amount_minor: i64,
}

impl Record for BankMark {
    const SIZE: usize = 4 + 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend(line_no(self.id));
        out.extend(self.amount_minor.to_le_bytes());
    }

    fn read(bytes: &mut Bytes<'_>, document: i64, _day: i32) -> Option<Self> {
        Some(Self { id: line_id(document, bytes.u32()?), amount_minor: bytes.i64()? })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_settlement_line_comes_back_as_it_was() {
        let item = SettlementItem {
            id: line_id(7, 42),
            day: 20_000,
            at_ms: 1_767_196_800_000,
            kind: SettlementKind::Refund,
            status: SettlementStatus::Pending,
            key: key(&["503"]),
            payment: key(&["42"]),
            order: key(&["SHOP1"]),
            merchant_refund: key(&["RF1"]),
            currency: Currency::CNY,
            order_minor: -300,
            settled_minor: -300,
            subsidy_minor: 0,
            fee_minor: 2,
            rate_ppm: Some(6000),
        };
        let mut bytes = Vec::new();
        encode(&mut bytes, 9, &item);
        assert_eq!(bytes.len(), SettlementItem::SIZE + 8);
        assert_eq!(decode(&bytes, 7, 20_000), Some(vec![Packed { identity: 9, item }]));
        bytes.pop();
        assert_eq!(decode::<SettlementItem>(&bytes, 7, 20_000), None);
    }

    #[test]
    fn only_the_empty_number_has_the_key_zero() {
        assert_eq!(key(&["", ""]), 0);
        assert_ne!(key(&["", "1"]), key(&["1", ""]));
    }
}
