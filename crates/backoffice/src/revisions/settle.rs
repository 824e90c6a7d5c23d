//! Settles what a day's bills say together: of several the latest word counts, and a line that the
//! later bill leaves out no longer does.
//!
//! Which bill is later is read from the files (the channel's own export time) or said by a person,
//! never taken from the order they came in: equal files in any order give equal books. Bills
//! without such a mark stay side by side, and their day is contradictory while they differ.

mod difference;

use super::scope;
use crate::decisions::chosen_bills;
use crate::error::Error;
use crate::import::{Sums, stream_number};
use crate::reconciliation::StoredCheck;
use difference::compare;
use domain::ledger::{LedgerEntry, post_balance, post_settlement};
use domain::reconcile::{BalanceItem, SettlementItem};
use domain::{BusinessDate, Currency, Stream};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::bulk::{Cell, Loader};
use store::pack::{self, Packed, Record, Seen, line_id, split_line_id};

/// How late a bill's word is: said by a person, else by the bill's own mark; of equal ones, by when
/// the channel gave it to this program. What came from elsewhere is no later than that.
type Rank = (i64, i64, i64);

/// A bill without any mark.
const UNMARKED: Rank = (0, i64::MIN, i64::MIN);

/// A line that is booked.
trait Booked: Record {
    fn at_ms(&self) -> i64;
    /// Day of the bill it stands in.
    fn day(&self) -> i32;
    /// Its entry; `currency` is that of the account's balance.
    fn entry(&self, currency: Currency) -> LedgerEntry;
}

impl Booked for SettlementItem {
    fn at_ms(&self) -> i64 {
        self.at_ms
    }
    fn day(&self) -> i32 {
        self.day
    }
    fn entry(&self, _: Currency) -> LedgerEntry {
        post_settlement(self.into())
    }
}

impl Booked for BalanceItem {
    fn at_ms(&self) -> i64 {
        self.at_ms
    }
    fn day(&self) -> i32 {
        self.day
    }
    fn entry(&self, currency: Currency) -> LedgerEntry {
        post_balance(self.kind, self.amount_minor, self.fee_minor, currency)
    }
}

struct Bill {
    rank: Rank,
    whole: bool,
    /// A row of it is set aside, and nobody mended it.
    aside: bool,
    /// True for the file of a clearing day, which says that it holds all of it: a shorter one is
    /// another one.
    of_its_day: bool,
}

/// Where a line stands in the bill that counts: the id it would have there. Only lines that are
/// kept elsewhere and stand in a later bill too are named.
pub(crate) type Places = HashMap<i64, i64>;

/// What the bills come to together.
#[derive(Default)]
pub(crate) struct Settled {
    pub places: Places,
    /// Accounts and days with a fund row of which bills say different things, where none of them is
    /// known to be later; the line of it that does not stand for now.
    pub contested: BTreeMap<(i64, i32), i64>,
}

/// Bills by stream, account and day.
type Days = BTreeMap<(Stream, i64, i32), Vec<i64>>;

struct Settling<'a, 'c> {
    loader: &'a mut Loader<'c>,
    bills: BTreeMap<i64, Bill>,
    superseded: HashMap<i64, Option<i64>>,
    sums: BTreeMap<i64, Sums>,
    /// Of accounts' balances.
    currencies: HashMap<i64, Currency>,
    settled: Settled,
}

/// Settles every day that several bills speak of, and notes where they differ.
///
/// # Errors
/// The database's; [`Error::DamagedPack`].
pub(crate) fn settle(loader: &mut Loader<'_>) -> Result<Settled, Error> {
    loader.execute("delete from revision", &[])?;
    let (bills, days) = bills(loader)?;
    let replaced = replaced_fund_rows(loader)?;
    if days.is_empty() && replaced.is_empty() {
        return Ok(Settled::default());
    }
    let superseded = superseded(loader)?;
    let mut settling = Settling {
        loader,
        bills,
        superseded,
        sums: BTreeMap::new(),
        currencies: HashMap::new(),
        settled: Settled::default(),
    };
    for ((stream, account, day), documents) in &days {
        let place = (*stream, *account, *day);
        match stream {
            Stream::Trade => settling.day::<SettlementItem>(place, documents)?,
            _ => settling.day::<BalanceItem>(place, documents)?,
        }
    }
    for (account, day) in replaced {
        if !days.contains_key(&(Stream::Fund, account, day)) {
            let events = settling.events::<BalanceItem>(Stream::Fund, account, day)?;
            settling.contest(account, &events, false);
        }
    }
    for (account, sums) in std::mem::take(&mut settling.sums) {
        if let Some(scope) = scope(settling.loader, account)? {
            sums.write(settling.loader, &scope)?;
        }
    }
    Ok(settling.settled)
}

/// Accounts and own days of fund rows that another word on the same event replaces.
fn replaced_fund_rows(loader: &mut Loader<'_>) -> Result<BTreeSet<(i64, i32)>, Error> {
    let mut found = BTreeSet::new();
    loader.query(
        "select d.account_id, b.at_ms from superseded s \
         join balance_transaction b on b.id = s.line_id \
         join document d on d.id = b.id / 4294967296 where s.by_line_id is not null",
        &[],
        |row| {
            let day = BusinessDate::of_ms(row.int(1)?).days();
            found.extend(row.opt_int(0)?.map(|account| (account, day)));
            Ok(())
        },
    )?;
    Ok(found)
}

/// Trade and fund bills, and the days with several of them.
fn bills(loader: &mut Loader<'_>) -> Result<(BTreeMap<i64, Bill>, Days), Error> {
    let chosen = chosen_bills(loader)?;
    let mut found = Vec::new();
    loader.query(
        "select d.id, d.stream, d.account_id, d.from_day, d.to_day, d.issued_at_ms, d.whole, \
         d.raw_document_id, d.kind, r.received_at_ms, r.source, \
         d.rows_quarantined - (select count(*) from quarantine q \
         where q.document_id = d.id and q.mended_by is not null) \
         from document d join raw_document r on r.id = d.raw_document_id \
         where d.stream in ('trade', 'fund') \
         and d.kind not in ('alipay_trade_summary', 'alipay_account_summary') \
         and d.account_id is not null and d.from_day is not null and d.to_day is not null",
        &[],
        |row| {
            let Some(stream) = Stream::from_code(row.text(1)?) else { return Ok(()) };
            let account = row.opt_int(2)?.unwrap_or_default();
            let days = (row.opt_int(3)?.unwrap_or(0), row.opt_int(4)?.unwrap_or(0));
            let id = row.int(0)?;
            let issued = row.opt_int(5)?.unwrap_or(i64::MIN);
            let fetched = !matches!(row.text(10)?, "file" | "mend");
            let fetched_at_ms = if fetched { row.int(9)? } else { i64::MIN };
            let rank = (chosen.get(&id).copied().unwrap_or(0), issued, fetched_at_ms);
            let archive = (row.int(7)?, row.text(8)?.to_owned());
            let state = (row.int(6)? != 0, row.int(11)? > 0);
            found.push((id, stream, account, days, rank, state, archive));
            Ok(())
        },
    )?;
    // The parts of one archive are one bill: the latest mark is that of all.
    let mut archives: HashMap<(i64, String), Rank> = HashMap::new();
    for (.., rank, _, archive) in &found {
        let known = archives.entry(archive.clone()).or_insert(*rank);
        *known = (*known).max(*rank);
    }
    let mut bills = BTreeMap::new();
    let mut days = Days::new();
    for (id, stream, account, (from, to), _, (whole, aside), archive) in found {
        let of_its_day = archive.1.starts_with("union_pay");
        bills.insert(id, Bill { rank: archives[&archive], whole, aside, of_its_day });
        for day in from..=to {
            days.entry((stream, account, day as i32)).or_default().push(id);
        }
    }
    days.retain(|_, documents| {
        documents.len() > 1 && documents.iter().any(|id| bills.get(id).is_some_and(|b| b.whole))
    });
    Ok((bills, days))
}

fn superseded(loader: &mut Loader<'_>) -> Result<HashMap<i64, Option<i64>>, Error> {
    let mut superseded = HashMap::new();
    loader.query("select line_id, by_line_id from superseded", &[], |row| {
        superseded.insert(row.int(0)?, row.opt_int(1)?);
        Ok(())
    })?;
    Ok(superseded)
}

/// One document's word on an event.
#[derive(Clone, Copy)]
struct Said {
    content: u64,
    line_no: u32,
}

/// Everything said of one event.
struct Event<T> {
    /// What each document says, and on which line.
    said: BTreeMap<i64, Said>,
    /// Lines that hold it.
    lines: Vec<T>,
}

type Events<T> = BTreeMap<u64, Event<T>>;

impl<T: Booked> Event<T> {
    fn line_of(&self, content: u64) -> Option<&T> {
        self.lines.iter().filter(|line| line.content() == content).min_by_key(|line| line.id())
    }
}

impl Settling<'_, '_> {
    /// Of an account's balance.
    fn currency(&mut self, account: i64) -> Result<Currency, Error> {
        if let Some(known) = self.currencies.get(&account) {
            return Ok(*known);
        }
        let found = scope(self.loader, account)?.map_or(Currency::CNY, |scope| scope.currency());
        self.currencies.insert(account, found);
        Ok(found)
    }

    fn day<T: Booked>(
        &mut self,
        (stream, account, day): (Stream, i64, i32),
        documents: &[i64],
    ) -> Result<(), Error> {
        let events = self.events::<T>(stream, account, day)?;
        let whole: Vec<i64> = documents
            .iter()
            .copied()
            .filter(|id| self.bills.get(id).is_some_and(|bill| bill.whole))
            .collect();
        let aside: Vec<i64> = documents
            .iter()
            .copied()
            .filter(|id| self.bills.get(id).is_some_and(|bill| bill.aside && !bill.whole))
            .collect();
        let latest = self.latest(&whole, &aside, &events);
        // Only a whole bill takes lines back, and from any bill before it: also from one of which
        // not every row could be read.
        let early = |id: &&i64| latest.first().is_some_and(|by| self.rank(**id) < self.rank(*by));
        let over: Vec<i64> = whole.iter().chain(aside.iter().filter(early)).copied().collect();
        for event in events.values() {
            let winner = self.winner(event, &over, &latest);
            self.apply(account, day, event, winner, latest.first().copied())?;
            let there = event.said.iter().find(|(id, _)| latest.contains(id));
            if let (Some(line), Some((document, said))) = (winner, there) {
                let there = line_id(*document, said.line_no);
                self.settled.places.insert(line.id(), there);
            }
        }
        if stream == Stream::Fund {
            self.contest(account, &events, true);
        }
        let place = (stream, account, day);
        if latest.is_empty() {
            // One clearing day has one file: where a row of one cannot be read, a person can say
            // that another is the later.
            let of_its_day = |id: &&i64| self.bills.get(id).is_some_and(|bill| bill.of_its_day);
            let aside: Vec<i64> = aside.iter().filter(of_its_day).copied().collect();
            for (at, one) in whole.iter().enumerate() {
                for other in whole[at + 1..].iter().chain(&aside) {
                    self.note(place, &[*one], *other, None, &events)?;
                }
            }
        }
        for other in over.iter().filter(|id| !latest.contains(id)) {
            if let Some(later) = latest.first() {
                self.note(place, &latest, *other, Some(*later), &events)?;
            }
        }
        Ok(())
    }

    /// Notes fund rows of which the bills that count say different things. `by_mark`: of several
    /// words on an event, those of the bills with the latest mark count.
    ///
    /// Asked of what the bills say, and not of which of them came second: that differs with the
    /// order of the files.
    fn contest<T: Booked>(&mut self, account: i64, events: &Events<T>, by_mark: bool) {
        let rank = |document: i64| match by_mark {
            true => self.bills.get(&document).map_or(UNMARKED, |bill| bill.rank),
            false => UNMARKED,
        };
        for event in events.values() {
            let stands = event.lines.iter().find(|line| !self.superseded.contains_key(&line.id()));
            let Some(stands) = stands else { continue };
            let top = event.said.keys().map(|document| rank(*document)).max();
            let words = event.said.iter().filter(|(id, _)| Some(rank(**id)) == top);
            let mut contents: HashSet<u64> = words.map(|(_, said)| said.content).collect();
            let own = |line: &&T| Some(rank(split_line_id(line.id()).0)) == top;
            contents.extend(event.lines.iter().filter(own).map(Record::content));
            if contents.len() < 2 {
                continue;
            }
            for line in event.lines.iter().filter(|line| line.id() != stands.id()) {
                for day in [line.day(), stands.day()] {
                    self.settled.contested.entry((account, day)).or_insert(line.id());
                }
            }
        }
    }

    fn events<T: Booked>(
        &mut self,
        stream: Stream,
        account: i64,
        day: i32,
    ) -> Result<Events<T>, Error> {
        let mut events: Events<T> = BTreeMap::new();
        let mut broken = None;
        let cells =
            [Cell::Int(stream_number(stream)), Cell::Int(i64::from(day)), Cell::Int(account)];
        self.loader.query(
            "select p.document_id, p.bytes from day_pack p join document d on d.id = p.document_id \
             where p.stream = $1 and p.day = $2 and d.account_id = $3 order by p.document_id",
            &cells,
            |row| {
                let document = row.int(0)?;
                let Some(records) = pack::decode::<T>(row.blob(1)?, document, day) else {
                    broken = Some(document);
                    return Ok(());
                };
                for Packed { identity, item } in records {
                    let event = events
                        .entry(identity)
                        .or_insert_with(|| Event { said: BTreeMap::new(), lines: Vec::new() });
                    event.lines.push(item);
                    let word = |line: &T| Said {
                        content: line.content(),
                        line_no: split_line_id(line.id()).1,
                    };
                    let said = event.said.entry(document).or_insert(word(&item));
                    // Of two words in one document the better counts, as within a day.
                    let better =
                        event.lines.iter().filter(|line| split_line_id(line.id()).0 == document);
                    if let Some(best) = better.max_by_key(|line| line.rank()) {
                        *said = word(best);
                    }
                }
                Ok(())
            },
        )?;
        self.loader.query(
            "select p.document_id, p.bytes from day_seen p join document d on d.id = p.document_id \
             where p.stream = $1 and p.day = $2 and d.account_id = $3",
            &cells,
            |row| {
                let document = row.int(0)?;
                let Some(seen) = pack::read_seen(row.blob(1)?) else {
                    broken = Some(document);
                    return Ok(());
                };
                for Seen { identity, content, line_no } in seen {
                    if let Some(event) = events.get_mut(&identity) {
                        event.said.entry(document).or_insert(Said { content, line_no });
                    }
                }
                Ok(())
            },
        )?;
        match broken {
            Some(document) => Err(Error::DamagedPack { document, day }),
            None => Ok(events),
        }
    }

    fn rank(&self, document: i64) -> Rank {
        self.bills.get(&document).map_or(UNMARKED, |bill| bill.rank)
    }

    /// The whole bill that is later than the others, those with a row set aside among them; several
    /// when they are parts of one. Empty when nobody can tell, or when they share no line and so
    /// are no revisions of each other.
    fn latest<T>(&self, whole: &[i64], aside: &[i64], events: &Events<T>) -> Vec<i64> {
        let top = whole.iter().map(|id| self.rank(*id)).max().unwrap_or(UNMARKED);
        if top == UNMARKED {
            return Vec::new();
        }
        let latest: Vec<i64> = whole.iter().copied().filter(|id| self.rank(*id) == top).collect();
        let shared = events.values().any(|event| {
            let (late, early): (Vec<&i64>, Vec<&i64>) = event
                .said
                .keys()
                .filter(|id| whole.contains(id) || aside.contains(id) && self.rank(**id) < top)
                .partition(|id| latest.contains(id));
            !late.is_empty() && !early.is_empty()
        });
        let silent = |id: &i64| !events.values().any(|event| event.said.contains_key(id));
        // A later bill without any line takes every line back: the channel says the day is empty.
        if shared || latest.iter().all(silent) { latest } else { Vec::new() }
    }

    /// The line that counts; `None` when the later bill leaves the event out. That tells only the
    /// day's `whole` bills apart, and those with a row set aside that are earlier: a late row
    /// stands in the next day's bill.
    fn winner<'e, T: Booked>(
        &self,
        event: &'e Event<T>,
        whole: &[i64],
        latest: &[i64],
    ) -> Option<&'e T> {
        let bill = |id: &i64| self.bills.get(id);
        let spoken = event.said.keys().any(|id| latest.contains(id));
        let outside = event.said.keys().any(|id| !whole.contains(id));
        if !latest.is_empty() && !spoken && !outside {
            return None;
        }
        event
            .said
            .iter()
            .filter_map(|(id, said)| {
                let line = event.line_of(said.content)?;
                Some(((bill(id).map_or(UNMARKED, |bill| bill.rank), line.rank()), line))
            })
            .max_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, line)| line)
    }

    /// Makes the winner the line that counts, and moves the ledger's totals along.
    fn apply<T: Booked>(
        &mut self,
        account: i64,
        day: i32,
        event: &Event<T>,
        winner: Option<&T>,
        later: Option<i64>,
    ) -> Result<(), Error> {
        let counts = winner.map(Record::id);
        for line in &event.lines {
            let id = line.id();
            let now = self.superseded.get(&id).copied();
            let wanted = (Some(id) != counts).then_some(counts);
            if now == wanted {
                continue;
            }
            match wanted {
                Some(by) => self.superseded.insert(id, by),
                None => self.superseded.remove(&id),
            };
            let currency = self.currency(account)?;
            let sums = self.sums.entry(account).or_default();
            match (now, wanted) {
                (None, Some(_)) => sums.post(day, &line.entry(currency), -1),
                (Some(_), None) => sums.post(day, &line.entry(currency), 1),
                _ => {}
            }
            self.loader.execute("delete from superseded where line_id = $1", &[Cell::Int(id)])?;
            if let Some(by) = wanted {
                let document = by.map(|line| split_line_id(line).0).or(later).unwrap_or_default();
                self.loader.execute(
                    "insert into superseded (line_id, by_line_id, by_document_id) \
                     values ($1, $2, $3)",
                    &[Cell::Int(id), by.map_or(Cell::Null, Cell::Int), Cell::Int(document)],
                )?;
            }
        }
        Ok(())
    }

    /// Notes how `other` differs from the bill that `one` is (in parts). While nobody can tell
    /// which is later, only lines within the time both cover count: a shorter file is no revision.
    fn note<T: Booked>(
        &mut self,
        (stream, account, day): (Stream, i64, i32),
        one: &[i64],
        other: i64,
        later: Option<i64>,
        events: &Events<T>,
    ) -> Result<(), Error> {
        let Some(first) = one.first().copied() else { return Ok(()) };
        let of_its_day = self.bills.get(&other).is_some_and(|bill| bill.of_its_day);
        let found = compare(one, other, later.is_some() || of_its_day, events);
        let differs = found.added + found.removed + found.changed > 0;
        // Equal rows, of which the earlier bill has some twice or in another order, or one more
        // that nobody could read.
        let aside = self.bills.get(&other).is_some_and(|bill| bill.aside);
        let mended = !differs && later.is_some() && (aside || self.contradicts_itself(other)?);
        if !differs && !mended || (later.is_none() && !found.shared) {
            return Ok(());
        }
        let int = |count: usize| Cell::Int(count as i64);
        self.loader.execute(
            "insert into revision (stream, account_id, day, document_id, later_id, other_id, \
             lines, other_lines, added, removed, changed, line_id) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &[
                Cell::Text(stream.code()),
                Cell::Int(account),
                Cell::Int(i64::from(day)),
                Cell::Int(first),
                later.map_or(Cell::Null, Cell::Int),
                Cell::Int(other),
                int(found.lines),
                int(found.other_lines),
                int(found.added),
                int(found.removed),
                int(found.changed),
                Cell::Int(found.line.unwrap_or_default()),
            ],
        )?;
        Ok(())
    }
}

impl Settling<'_, '_> {
    /// True for a file that does not agree with its own closing lines.
    fn contradicts_itself(&mut self, document: i64) -> Result<bool, Error> {
        let mut broken = false;
        self.loader.query(
            "select checks from document where id = $1",
            &[Cell::Int(document)],
            |row| {
                let checks: Vec<StoredCheck> =
                    serde_json::from_str(row.text(0)?).unwrap_or_default();
                broken = checks.iter().any(|check| check.expected != check.found);
                Ok(())
            },
        )?;
        Ok(broken)
    }
}
