//! One file's rows on their way into the book: identity, tables, packs and ledger day totals.

use super::day_sums::DaySums;
use super::gather::Gatherer;
use super::identity::{BankIdentities, fee_inside, settlement_key};
use super::known::{Days, Verdict, look_up};
use super::sums::Sums;
use super::twice::Twice;
use super::versions::Versions;
use crate::error::Error;
use connectors::bill::{Fact, FileKind, Row, RowProblem};
use domain::ledger::{Scope, post_balance, post_bank, post_settlement};
use domain::reconcile::{BalanceItem, MemberItem, OrderItem, RefundItem, SettlementItem};
use domain::{
    BalanceKind, BalanceTransaction, BankLine, BusinessDate, Channel, Currency, Order,
    SettlementKind, SettlementLine, ShopRefund, Stream, fee_beside_minor,
};
use std::collections::BTreeMap;
use store::bulk::{Cell, Loader};
use store::facts;
use store::pack::{self, BankMark, Packed, Record, Seen, key, line_id, split_line_id};
use store::search::Mark;

/// What a file's rows came to.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Booked for the first time.
    pub new: u64,
    /// Already in the book, to the fen.
    pub known: u64,
    /// In the book with other figures: a later word on the same event.
    pub changed: u64,
    /// Not readable; kept in quarantine.
    pub quarantined: u64,
}

/// Before Stripe's row numbers.
const STRIPE: &str = "s";

/// One pack in the making.
#[derive(Default)]
struct Pack {
    rows: i64,
    bytes: Vec<u8>,
}

pub struct EntryWriter<'a, 'c> {
    pub(super) loader: &'a mut Loader<'c>,
    search: &'a mut Gatherer,
    search_since: Mark,
    document: i64,
    alipay: bool,
    /// Before row numbers that are unique at the channel; none where they are not.
    numbered: Option<&'static str>,
    /// True for lists that say rows of others again.
    listed: bool,
    /// Of the account's balance.
    currency: Currency,
    settlements: Days<SettlementItem>,
    balances: Days<BalanceItem>,
    orders: Days<OrderItem>,
    refunds: Days<RefundItem>,
    banks: Days<BankMark>,
    members: Days<MemberItem>,
    packs: BTreeMap<(i64, i32), Pack>,
    day_sums: DaySums,
    /// Events that another document booked before, by stream and day.
    pub(super) seen: BTreeMap<(i64, i32), Vec<u8>>,
    /// Words on orders and refunds, where files with a time are about.
    pub(super) versions: Versions,
    sums: Sums,
    bank_identities: BankIdentities,
    bill_day: i32,
    /// Rows stand under their own day, in whatever order they come.
    by_own_day: bool,
    /// Fund rows by their own day.
    fund_rows: BTreeMap<i32, u64>,
    pub counts: Counts,
    pub twice: Twice,
    pub merchant_no: Option<String>,
    pub stream: Option<Stream>,
    pub days: Option<(i32, i32)>,
}

/// The number a stream is stored as in `day_pack`.
pub fn stream_number(stream: Stream) -> i64 {
    Stream::ALL.iter().position(|s| *s == stream).unwrap_or(0) as i64
}

impl<'a, 'c> EntryWriter<'a, 'c> {
    pub fn new(
        loader: &'a mut Loader<'c>,
        search: &'a mut Gatherer,
        document: i64,
        kind: &FileKind,
    ) -> Self {
        Self {
            loader,
            search_since: search.gathered().mark(),
            search,
            document,
            alipay: matches!(kind, FileKind::AlipayTrade | FileKind::AlipayAccount),
            numbered: match kind {
                FileKind::AlipayAccount => Some("a"),
                FileKind::StripeBalance { .. } => Some(STRIPE),
                FileKind::UnionPayClearing { .. } | FileKind::UnionPayAdjustment { .. } => {
                    Some("u")
                }
                _ => None,
            },
            listed: matches!(kind, FileKind::StripeTrade { .. } | FileKind::StripeBalance { .. }),
            currency: match kind {
                FileKind::StripeBalance { currency } => *currency,
                _ => Currency::CNY,
            },
            settlements: Days::default(),
            balances: Days::default(),
            orders: Days::default(),
            refunds: Days::default(),
            banks: Days::default(),
            members: Days::default(),
            packs: BTreeMap::new(),
            day_sums: DaySums::default(),
            seen: BTreeMap::new(),
            versions: Versions::default(),
            sums: Sums::default(),
            bank_identities: BankIdentities::default(),
            by_own_day: matches!(kind, FileKind::StripeBalance { .. }),
            bill_day: match kind {
                FileKind::UnionPayClearing { day } | FileKind::UnionPayAdjustment { day } => {
                    day.days()
                }
                _ => i32::MIN,
            },
            fund_rows: BTreeMap::new(),
            counts: Counts::default(),
            twice: Twice::default(),
            merchant_no: None,
            stream: None,
            days: None,
        }
    }

    /// Of a table of settlements: whose it is. Its numbers are that channel's own.
    pub fn settling(mut self, channel: Option<Channel>) -> Self {
        if let Some(channel) = channel {
            self.numbered = Some(channel.code());
            self.by_own_day = true;
        }
        self
    }

    /// Books one row, or sets it aside when it could not be read.
    ///
    /// # Errors
    /// Only what stops the whole file: the database, or an amount beyond every range.
    pub fn take(&mut self, row: Row) -> Result<(), Error> {
        let id = line_id(self.document, row.line_no);
        let fact = match row.fact {
            Ok(fact) => fact,
            Err(problem) => return self.quarantine(row.line_no, &problem),
        };
        let booked = match &fact {
            Fact::Settlement(line) => self.settlement(id, line),
            Fact::Balance(line) => self.balance(id, line),
            Fact::Bank(line) => self.bank(id, line),
            Fact::Order(order) if self.versions.marked => self.order_word(id, order),
            Fact::Refund(refund) if self.versions.marked => self.refund_word(id, refund),
            Fact::Order(order) => self.order(id, order),
            Fact::Refund(refund) => self.refund(id, refund),
        }?;
        if let Some(day) = booked {
            self.search.take(id, day, fact);
        }
        if self.search.is_due() {
            let gathered = self.search.gathered();
            if gathered.is_full(self.search_since) {
                // Only what this file brought: it may yet be rolled back, those before it not.
                gathered.write(self.loader, self.search_since)?;
            }
        }
        Ok(())
    }

    fn quarantine(&mut self, line_no: u32, problem: &RowProblem) -> Result<(), Error> {
        self.counts.quarantined += 1;
        self.loader.execute(
            "insert into quarantine (document_id, line_no, code, detail, raw) \
             values ($1, $2, $3, $4, $5) on conflict (document_id, line_no) do nothing",
            &[
                Cell::Int(self.document),
                Cell::Int(i64::from(line_no)),
                Cell::Text(problem.code),
                Cell::Text(&problem.detail),
                Cell::Text(&problem.raw),
            ],
        )?;
        Ok(())
    }

    fn settlement(&mut self, id: i64, line: &SettlementLine) -> Result<Option<i32>, Error> {
        let payment = line.kind == SettlementKind::Payment;
        let day = self.touch(Stream::Trade, BusinessDate::of_ms(line.at_ms).days());
        let identity = if payment {
            key(&["p", &line.channel_payment_id])
        } else {
            key(&["r", &line.channel_payment_id, &line.channel_refund_id, &line.merchant_refund_id])
        };
        let item = SettlementItem {
            id,
            day,
            at_ms: line.at_ms,
            kind: line.kind,
            status: line.status,
            key: settlement_key(line),
            payment: key(&[&line.channel_payment_id]),
            order: key(&[&line.merchant_order_id]),
            merchant_refund: key(&[&line.merchant_refund_id]),
            currency: line.currency,
            order_minor: line.order_amount_minor,
            settled_minor: line.settled_minor,
            subsidy_minor: line.subsidy_minor,
            fee_minor: line.fee_minor,
            fee_beside_minor: fee_beside_minor(&line.extra),
            rate_ppm: line.fee_rate_ppm,
        };
        if self.merchant_no.is_none() && !line.merchant_no.is_empty() {
            self.merchant_no = Some(line.merchant_no.clone());
        }
        let stream = stream_number(Stream::Trade);
        let verdict = look_up(self.loader, &mut self.settlements, stream, day, identity, item)?;
        let Some(old_counts) = self.keep(&verdict, id, |item| item.id)? else {
            if !self.listed {
                self.twice.note(self.document, &verdict, id, identity);
            }
            self.repeats((stream, day), identity, &item);
            return Ok(None);
        };
        facts::insert_settlement(self.loader, id, day, line)?;
        self.pack(stream, day, identity, &item);
        self.day_sums.trade(&item);
        match verdict {
            Verdict::ReplacedBy(_) => {}
            Verdict::Replaces(old) => {
                if old_counts {
                    self.sums.post(day, &post_settlement((&old).into()), -1);
                }
                self.sums.post(day, &post_settlement(line.into()), 1);
            }
            _ => self.sums.post(day, &post_settlement(line.into()), 1),
        }
        Ok(Some(day))
    }

    fn balance(&mut self, id: i64, row: &BalanceTransaction) -> Result<Option<i32>, Error> {
        // A late row stands in a later day's bill: the running balance follows the bill, so its
        // day does too. The event stays under its own day, where it is looked for again.
        let own_day = BusinessDate::of_ms(row.at_ms).days();
        let listed = self.numbered == Some(STRIPE);
        // Lists of rows are no bills of days.
        self.bill_day = if self.by_own_day { own_day } else { self.bill_day.max(own_day) };
        let day = self.touch(Stream::Fund, self.bill_day);
        *self.fund_rows.entry(own_day).or_default() += 1;
        let amount = row.amount_minor.to_string();
        let identity = match self.numbered {
            Some(by) if !row.ledger_ref.is_empty() => key(&[by, &row.ledger_ref]),
            _ => {
                let balance = row.balance_after_minor.map(|b| b.to_string()).unwrap_or_default();
                let at = row.at_ms.to_string();
                key(&["w", &at, &row.channel_ref, &row.kind_text, &amount, &balance])
            }
        };
        let fee_minor = fee_inside(row);
        let refund = row.kind == BalanceKind::Refund;
        let item = BalanceItem {
            id,
            day,
            at_ms: row.at_ms,
            kind: row.kind,
            key: match (self.alipay, refund) {
                (true, true) => key(&[&row.payment_ref, "r", &amount]),
                (true, false) => key(&[&row.payment_ref]),
                (false, _) => key(&[&row.channel_ref]),
            },
            payment: key(&[&row.payment_ref]),
            own: if listed { identity } else { 0 },
            amount_minor: row.amount_minor,
            balance_minor: row.balance_after_minor,
            fee_minor,
            automatic: row.submitter == "system" || row.kind_text.contains("自动"),
            arrives_day: row.arrives_on.map(BusinessDate::days),
        };
        let stream = stream_number(Stream::Fund);
        let verdict = look_up(self.loader, &mut self.balances, stream, own_day, identity, item)?;
        if !row.payout_ref.is_empty() {
            // A list is known when its payout is: rows of days long past stay as they were read.
            let day = row.payout_at_ms.map_or(own_day, |at| BusinessDate::of_ms(at).days());
            self.member((id, day), &row.payout_ref, identity, verdict.stands(id))?;
        }
        let Some(old_counts) = self.keep(&verdict, id, |item| item.id)? else {
            if !self.listed {
                self.twice.note(self.document, &verdict, id, identity);
            }
            self.repeats((stream, own_day), identity, &item);
            return Ok(None);
        };
        facts::insert_balance(self.loader, id, day, fee_minor, row)?;
        self.pack(stream, own_day, identity, &item);
        self.day_sums.fund(&item);
        let currency = self.currency;
        let entry = |item: &BalanceItem| {
            post_balance(item.kind, item.amount_minor, item.fee_minor, currency)
        };
        match verdict {
            Verdict::ReplacedBy(_) => {}
            Verdict::Replaces(old) => {
                if old_counts {
                    self.sums.post(own_day, &entry(&old), -1);
                }
                self.sums.post(own_day, &entry(&item), 1);
            }
            _ => self.sums.post(own_day, &entry(&item), 1),
        }
        Ok(Some(own_day))
    }

    /// Notes that a payout's list holds a row, which stands on line `row_id`.
    fn member(
        &mut self,
        (id, day): (i64, i32),
        payout: &str,
        row: u64,
        row_id: i64,
    ) -> Result<(), Error> {
        let item = MemberItem { id, payout: key(&[payout]), row };
        let identity = key(&["m", payout, &row.to_string()]);
        let stream = stream_number(Stream::Payouts);
        let verdict = look_up(self.loader, &mut self.members, stream, day, identity, item)?;
        if matches!(verdict, Verdict::New) {
            facts::insert_member(self.loader, id, payout, row_id)?;
            self.pack(stream, day, identity, &item);
        }
        Ok(())
    }

    fn bank(&mut self, id: i64, line: &BankLine) -> Result<Option<i32>, Error> {
        let day = self.touch(Stream::Bank, line.booked_on.days());
        let identity = self.bank_identities.next(line);
        if self.merchant_no.is_none() && !line.account_no.is_empty() {
            self.merchant_no = Some(line.account_no.clone());
        }
        let item = BankMark { id, amount_minor: line.amount_minor };
        let stream = stream_number(Stream::Bank);
        let verdict = look_up(self.loader, &mut self.banks, stream, day, identity, item)?;
        if self.keep(&verdict, id, |item| item.id)?.is_none() {
            return Ok(None);
        }
        facts::insert_bank(self.loader, id, line)?;
        self.pack(stream, day, identity, &item);
        self.sums.post(day, &post_bank(line), 1);
        Ok(Some(day))
    }

    /// Counts a line of the file that is booked already: an equal one is another.
    pub fn counts_already(&mut self, line: &BankLine) {
        self.bank_identities.next(line);
    }

    fn order(&mut self, id: i64, order: &Order) -> Result<Option<i32>, Error> {
        let day = BusinessDate::of_ms(order.ordered_at_ms).days();
        let day = self.touch(Stream::Orders, day);
        let order_key = key(&[&order.merchant_order_id]);
        let item = OrderItem {
            id,
            day,
            order: order_key,
            paid_at_ms: order.paid_at_ms,
            closed_at_ms: order.closed_at_ms,
            status: order.status,
            channel: order.channel,
            currency: order.currency,
            amount_minor: order.amount_minor,
        };
        let stream = stream_number(Stream::Orders);
        let verdict = look_up(self.loader, &mut self.orders, stream, day, order_key, item)?;
        if self.keep(&verdict, id, |item| item.id)?.is_none() {
            return Ok(None);
        }
        facts::insert_order(self.loader, id, order)?;
        self.pack(stream, day, order_key, &item);
        Ok(Some(day))
    }

    fn refund(&mut self, id: i64, refund: &ShopRefund) -> Result<Option<i32>, Error> {
        let day = BusinessDate::of_ms(refund.requested_at_ms).days();
        let day = self.touch(Stream::Refunds, day);
        let refund_key = key(&[&refund.merchant_refund_id]);
        let item =
            RefundItem { id, merchant_refund: refund_key, amount_minor: refund.amount_minor };
        let stream = stream_number(Stream::Refunds);
        let verdict = look_up(self.loader, &mut self.refunds, stream, day, refund_key, item)?;
        if self.keep(&verdict, id, |item| item.id)?.is_none() {
            return Ok(None);
        }
        facts::insert_refund(self.loader, id, refund)?;
        self.pack(stream, day, refund_key, &item);
        Ok(Some(day))
    }

    /// Counts the verdict and notes who replaces whom. `None` when the row is already in the book,
    /// else whether the line it replaces counted until now: a later bill may have left it out.
    fn keep<T>(
        &mut self,
        verdict: &Verdict<T>,
        id: i64,
        old_id: impl Fn(&T) -> i64,
    ) -> Result<Option<bool>, Error> {
        let (loser, winner) = match verdict {
            Verdict::New => {
                self.counts.new += 1;
                return Ok(Some(false));
            }
            Verdict::Known(_) => {
                self.counts.known += 1;
                return Ok(None);
            }
            Verdict::Replaces(old) => (old_id(old), id),
            Verdict::ReplacedBy(winner) => (id, *winner),
        };
        self.counts.changed += 1;
        let mut counted = true;
        let place = [Cell::Int(loser)];
        self.loader.query("select 1 from superseded where line_id = $1", &place, |_| {
            counted = false;
            Ok(())
        })?;
        self.loader.execute(
            "insert into superseded (line_id, by_line_id, by_document_id) values ($1, $2, $3) \
             on conflict (line_id) do update set by_line_id = excluded.by_line_id, \
             by_document_id = excluded.by_document_id",
            &[Cell::Int(loser), Cell::Int(winner), Cell::Int(split_line_id(winner).0)],
        )?;
        Ok(Some(counted))
    }

    /// Remembers that this document says it too: its revision may be told by what it leaves out.
    fn repeats<T: Record>(&mut self, place: (i64, i32), identity: u64, item: &T) {
        let (content, line_no) = (item.content(), split_line_id(item.id()).1);
        pack::note_seen(self.seen.entry(place).or_default(), Seen { identity, content, line_no });
    }

    pub(super) fn touch(&mut self, stream: Stream, day: i32) -> i32 {
        self.stream = Some(stream);
        self.days = Some(match self.days {
            None => (day, day),
            Some((from, to)) => (from.min(day), to.max(day)),
        });
        day
    }

    pub(super) fn pack<T: Record>(&mut self, stream: i64, day: i32, identity: u64, item: &T) {
        let pack = self.packs.entry((stream, day)).or_default();
        pack.rows += 1;
        pack::encode(&mut pack.bytes, identity, item);
    }

    /// A bill of one day may begin with late rows of the days before: half of its rows and more are
    /// of its last day. They belong to that day's bill.
    ///
    /// # Errors
    /// The database's; [`Error::DamagedPack`].
    pub fn settle_bill_day(&mut self) -> Result<(), Error> {
        if self.numbered == Some(STRIPE) {
            return Ok(());
        }
        let Some((&last, &rows)) = self.fund_rows.last_key_value() else { return Ok(()) };
        let all: u64 = self.fund_rows.values().sum();
        if self.fund_rows.len() == 1 || rows * 2 < all {
            return Ok(());
        }
        let stream = stream_number(Stream::Fund);
        for (&day, _) in self.fund_rows.range(..last) {
            let Some(pack) = self.packs.get_mut(&(stream, day)) else { continue };
            let damaged = Error::DamagedPack { document: self.document, day };
            let records = pack::decode::<BalanceItem>(&pack.bytes, self.document, day);
            pack.bytes.clear();
            for Packed { identity, item } in records.ok_or(damaged)? {
                pack::encode(&mut pack.bytes, identity, &BalanceItem { day: last, ..item });
            }
        }
        self.loader.execute(
            "update balance_transaction set day = $1 where day < $1 and id >= $2 and id < $3",
            &[
                Cell::Int(i64::from(last)),
                Cell::Int(line_id(self.document, 0)),
                Cell::Int(line_id(self.document + 1, 0)),
            ],
        )?;
        self.day_sums.move_fund_to(last);
        self.days = Some((last, last));
        Ok(())
    }

    /// The transaction this file is written in.
    pub fn loader(&mut self) -> &mut Loader<'c> {
        self.loader
    }

    /// Takes rows as those of one day's bill.
    pub fn bill_of(&mut self, day: i32) {
        self.bill_day = day;
    }

    /// As [`Self::finish`], for rows added to a document that earlier runs have read.
    ///
    /// # Errors
    /// The database's.
    pub fn append(mut self, scope: Option<&Scope>) -> Result<Counts, Error> {
        self.loader.execute("delete from run_state", &[])?;
        for ((stream, day), pack) in &mut self.packs {
            let cells = [Cell::Int(*stream), Cell::Int(i64::from(*day)), Cell::Int(self.document)];
            self.loader.query(
                "select rows, bytes from day_pack where stream = $1 and day = $2 \
                 and document_id = $3",
                &cells,
                |row| {
                    pack.rows += row.int(0)?;
                    let added = std::mem::replace(&mut pack.bytes, row.blob(1)?.to_vec());
                    pack.bytes.extend(added);
                    Ok(())
                },
            )?;
            self.loader.execute(
                "delete from day_pack where stream = $1 and day = $2 and document_id = $3",
                &cells,
            )?;
        }
        for ((stream, day), bytes) in &mut self.seen {
            let cells = [Cell::Int(*stream), Cell::Int(i64::from(*day)), Cell::Int(self.document)];
            self.loader.query(
                "select bytes from day_seen where stream = $1 and day = $2 and document_id = $3",
                &cells,
                |row| {
                    bytes.extend_from_slice(row.blob(0)?);
                    Ok(())
                },
            )?;
            self.loader.execute(
                "delete from day_seen where stream = $1 and day = $2 and document_id = $3",
                &cells,
            )?;
        }
        self.finish(scope)
    }

    /// Writes packs and ledger totals, once the file's account is known.
    ///
    /// # Errors
    /// The database's.
    pub fn finish(self, scope: Option<&Scope>) -> Result<Counts, Error> {
        for ((stream, day), pack) in &self.packs {
            self.loader.execute(
                "insert into day_pack (stream, day, document_id, rows, bytes) \
                 values ($1, $2, $3, $4, $5)",
                &[
                    Cell::Int(*stream),
                    Cell::Int(i64::from(*day)),
                    Cell::Int(self.document),
                    Cell::Int(pack.rows),
                    Cell::Blob(&pack.bytes),
                ],
            )?;
        }
        for ((stream, day), bytes) in &self.seen {
            self.loader.execute(
                "insert into day_seen (stream, day, document_id, bytes) values ($1, $2, $3, $4)",
                &[
                    Cell::Int(*stream),
                    Cell::Int(i64::from(*day)),
                    Cell::Int(self.document),
                    Cell::Blob(bytes),
                ],
            )?;
        }
        self.day_sums.write(self.loader, self.document)?;
        if let Some(scope) = scope {
            self.sums.write(self.loader, scope)?;
        }
        Ok(self.counts)
    }
}
