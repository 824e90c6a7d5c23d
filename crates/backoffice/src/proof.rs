//! What proves a book: its state hash, and a check of everything that is derived.

use crate::decisions::{self, Body, DecisionKind};
use crate::error::Error;
use crate::import::{hex, stream_number};
use crate::ledger::scopes;
use crate::watch::Steps;
use domain::ledger::{LedgerEntry, Scope, post_balance, post_bank, post_settlement};
use domain::reconcile::{BalanceItem, MemberItem, OrderItem, RefundItem, SettlementItem};
use domain::{BankLine, BusinessDate, Currency, Stream};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::bulk::{Cell, Reader};
use store::chunk;
use store::pack::{self, BankMark, Packed, Record, split_line_id};

/// The state hash: equal for any order and repetition of the same files.
///
/// SHA-256 over a canonical listing: the raw documents' hashes, sorted; then per stream, day and
/// account every event with what it says and whether that counts, sorted; then the decisions, in
/// the order they were made and word for word, since they are facts that no file brings again. What
/// it leaves out: line ids, file names, times received. A decision names its subject by the
/// channel's numbers, so it is the same in any order of files; one about an account whose number
/// no file had told yet names it by an empty one.
///
/// # Errors
/// The database's; [`Error::DamagedPack`].
pub fn state_hash(reader: &mut Reader) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    hasher.update(b"suanpan state 1\n");
    reader.query("select sha256 from raw_document order by sha256", &[], |row| {
        hasher.update(row.text(0)?.as_bytes());
        hasher.update(b"\n");
        Ok(())
    })?;
    let known = Known { scopes: scopes(reader)?, superseded: superseded(reader)? };
    for (stream, day) in days(reader)? {
        let mut facts = match stream {
            Stream::Trade => facts::<SettlementItem>(reader, &known, stream, day)?,
            Stream::Fund => facts::<BalanceItem>(reader, &known, stream, day)?,
            Stream::Bank => facts::<BankMark>(reader, &known, stream, day)?,
            Stream::Orders => facts::<OrderItem>(reader, &known, stream, day)?,
            Stream::Refunds => facts::<RefundItem>(reader, &known, stream, day)?,
            Stream::Payouts => facts::<MemberItem>(reader, &known, stream, day)?,
        };
        facts.sort_unstable();
        // Several files may say the same of an event; it counts when one of them does.
        facts.dedup_by_key(|(scope, identity, content, _)| (*scope, *identity, *content));
        hasher.update(format!("{} {day}\n", stream.code()).as_bytes());
        for (scope, identity, content, superseded) in facts {
            hasher.update(scope.to_le_bytes());
            hasher.update(identity.to_le_bytes());
            hasher.update(content.to_le_bytes());
            hasher.update([u8::from(superseded)]);
        }
    }
    for decision in decisions::Log::as_written(reader)?.all {
        let said = serde_json::to_string(&decision)
            .expect("a struct of texts and numbers always becomes JSON");
        hasher.update(format!("decision {said}\n").as_bytes());
    }
    Ok(hex(&hasher.finalize()))
}

/// A hash of what the latest run derived and what decisions make of it: payouts with their
/// components, breaks with their states, certificates, and the balance of every ledger account.
///
/// Equal for any order of files, and equal again after a decision was taken back.
///
/// # Errors
/// The database's.
pub fn derived_hash(reader: &mut Reader) -> Result<String, Error> {
    const TABLES: [&str; 5] = [
        "select id || '|' || day || '|' || amount_minor || '|' || unexplained_minor || '|' || \
         coalesce(bank_day, 0) || '|' || coalesce(bank_minor, 0) || '|' || state || '|' || \
         verdict || '|' || reviewed_by || '|' || notes from payout order by id",
        "select payout_id || '|' || name || '|' || amount_minor || '|' || rows \
         from payout_component order by payout_id, position",
        "select id || '|' || kind || '|' || records || '|' || expected || '|' || found || '|' || \
         effect_minor || '|' || day || '|' || state || '|' || act || '|' || why || '|' || notes \
         from break order by id",
        "select a.channel || '|' || a.account_no || '|' || c.stream || '|' || c.day || '|' || \
         c.verdict from certificate c join channel_account a on a.id = c.account_id \
         order by a.channel, a.account_no, a.fund_account, c.stream, c.day",
        "select a.code || '|' || d.currency || '|' || (sum(d.debit_minor) - sum(d.credit_minor)) \
         from ledger_day d join ledger_account a on a.id = d.account_id \
         group by a.code, d.currency \
         having sum(d.debit_minor) <> sum(d.credit_minor) order by a.code, d.currency",
    ];
    let mut hasher = Sha256::new();
    hasher.update(b"suanpan derived 1\n");
    for sql in TABLES {
        // Databases sort text by their own rules, so the listing is sorted here.
        let mut lines = Vec::new();
        reader.query(sql, &[], |row| {
            lines.push(row.text(0)?.to_owned());
            Ok(())
        })?;
        lines.sort_unstable();
        hasher.update(lines.join("\n").as_bytes());
        hasher.update(b"\n\n");
    }
    Ok(hex(&hasher.finalize()))
}

fn days(reader: &mut Reader) -> Result<Vec<(Stream, i32)>, Error> {
    let mut days = Vec::new();
    reader.query("select distinct stream, day from day_pack order by stream, day", &[], |row| {
        if let Some(stream) = Stream::ALL.get(row.int(0)? as usize) {
            days.push((*stream, row.int(1)? as i32));
        }
        Ok(())
    })?;
    Ok(days)
}

/// What the hash needs to know of every event.
struct Known {
    scopes: HashMap<i64, Scope>,
    superseded: HashSet<i64>,
}

fn superseded(reader: &mut Reader) -> Result<HashSet<i64>, Error> {
    let mut superseded = HashSet::new();
    reader.query("select line_id from superseded", &[], |row| {
        superseded.insert(row.int(0)?);
        Ok(())
    })?;
    Ok(superseded)
}

/// Account, identity and content of every event of a day, and whether it counts no longer.
fn facts<T: Record>(
    reader: &mut Reader,
    known: &Known,
    stream: Stream,
    day: i32,
) -> Result<Vec<(u64, u64, u64, bool)>, Error> {
    let mut facts = Vec::new();
    for (document, records) in packs::<T>(reader, stream, day)? {
        let scope = known.scopes.get(&document).map(|scope| pack::key(&[&scope.to_string()]));
        for Packed { identity, item } in records {
            // What a payout holds is never taken back by a later word on the row.
            let superseded = stream != Stream::Payouts && known.superseded.contains(&item.id());
            facts.push((scope.unwrap_or(0), identity, item.content(), superseded));
        }
    }
    Ok(facts)
}

/// A document's records of a day.
type DocumentPack<T> = (i64, Vec<Packed<T>>);

fn packs<T: Record>(
    reader: &mut Reader,
    stream: Stream,
    day: i32,
) -> Result<Vec<DocumentPack<T>>, Error> {
    let mut packs = Vec::new();
    let mut broken = None;
    reader.query(
        "select document_id, bytes from day_pack where stream = $1 and day = $2 \
         order by document_id",
        &[Cell::Int(stream_number(stream)), Cell::Int(i64::from(day))],
        |row| {
            let document = row.int(0)?;
            match pack::decode::<T>(row.blob(1)?, document, day) {
                Some(records) => packs.push((document, records)),
                None => broken = Some(document),
            }
            Ok(())
        },
    )?;
    match broken {
        Some(document) => Err(Error::DamagedPack { document, day }),
        None => Ok(packs),
    }
}

/// One thing that was checked.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Finding {
    /// Stable code.
    pub check: &'static str,
    /// How many items were looked at.
    pub looked_at: u64,
    /// What does not hold, at most twenty of them.
    pub wrong: Vec<String>,
}

/// Checks everything derived against what it was derived from.
///
/// Raw documents hash to their names; every line's postings and every correcting entry add up to
/// the ledger's days; debits equal credits on every day; every payout's components sum to it;
/// every decision reads as it was written, and correcting entries are those that they cause; every
/// write-off stands on a break that there is.
///
/// # Errors
/// The database's. A check that fails is a finding, not an error.
pub fn verify(reader: &mut Reader) -> Result<Vec<Finding>, Error> {
    verify_watched(reader, &mut Steps::unwatched())
}

/// The same, watched file by file and day by day.
///
/// # Errors
/// As [`verify`], and [`Error::Stopped`].
pub fn verify_watched(reader: &mut Reader, steps: &mut Steps<'_>) -> Result<Vec<Finding>, Error> {
    steps.expect(5);
    let mut findings = vec![raw_documents(reader, steps)?, ledger_days(reader, steps)?];
    for check in [balanced, payouts, search_index, decision_log] {
        steps.step()?;
        findings.push(check(reader)?);
    }
    steps.step()?;
    if all_hold(&findings[5..]) {
        findings.extend([corrections(reader)?, write_offs(reader)?]);
    }
    Ok(findings)
}

/// True when nothing was found wrong.
pub fn all_hold(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.wrong.is_empty())
}

struct Notes(Finding);

impl Notes {
    fn new(check: &'static str) -> Self {
        Self(Finding { check, looked_at: 0, wrong: Vec::new() })
    }

    fn look(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.0.looked_at += 1;
        if !holds && self.0.wrong.len() < 20 {
            self.0.wrong.push(what());
        }
    }
}

fn raw_documents(reader: &mut Reader, steps: &mut Steps<'_>) -> Result<Finding, Error> {
    let mut documents = Vec::new();
    reader.query("select id, sha256, name from raw_document order by id", &[], |row| {
        documents.push((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned()));
        Ok(())
    })?;
    let mut notes = Notes::new("raw_documents");
    steps.expect(documents.len());
    for (id, sha256, name) in documents {
        steps.step()?;
        let mut hasher = Sha256::new();
        chunk::read(reader, id, |bytes| {
            hasher.update(bytes);
            Ok(())
        })?;
        let found = hex(&hasher.finalize());
        notes.look(found == sha256, || format!("{name}: {found} instead of {sha256}"));
    }
    Ok(notes.0)
}

/// Debits, credits and postings of an account on a day in a currency.
type Totals = BTreeMap<(String, i32, String), (i64, i64, i64)>;

/// Writes every line's entry again and compares the totals with the stored days.
fn ledger_days(reader: &mut Reader, steps: &mut Steps<'_>) -> Result<Finding, Error> {
    let scopes = scopes(reader)?;
    let superseded = superseded(reader)?;
    let mut totals = Totals::new();
    let mut lines = 0;
    let days = days(reader)?;
    steps.expect(days.len());
    for (stream, day) in days {
        steps.step()?;
        let currency =
            |id: i64| scopes.get(&split_line_id(id).0).map_or(Currency::CNY, Scope::currency);
        let mut book = |id: i64, entry: &LedgerEntry| {
            lines += 1;
            if !superseded.contains(&id)
                && let Some(scope) = scopes.get(&split_line_id(id).0)
            {
                add(&mut totals, scope, day, entry);
            }
        };
        match stream {
            Stream::Trade => {
                for (_, records) in packs::<SettlementItem>(reader, stream, day)? {
                    for Packed { item, .. } in records {
                        book(item.id, &post_settlement((&item).into()));
                    }
                }
            }
            Stream::Fund => {
                for (_, records) in packs::<BalanceItem>(reader, stream, day)? {
                    for Packed { item, .. } in records {
                        let currency = currency(item.id);
                        let (amount, fee) = (item.amount_minor, item.fee_minor);
                        let entry = post_balance(item.kind, amount, fee, currency);
                        book(item.id, &entry);
                    }
                }
            }
            _ => {}
        }
    }
    reader.query(
        "select id, day, currency, amount_minor, counterparty, memo from bank_line",
        &[],
        |row| {
            let line = BankLine {
                account_no: String::new(),
                booked_on: BusinessDate::from_days(row.int(1)? as i32),
                booked_at_ms: None,
                currency: Currency::from_code(row.text(2)?).unwrap_or(Currency::CNY),
                amount_minor: row.int(3)?,
                balance_after_minor: None,
                bank_ref: String::new(),
                counterparty: row.text(4)?.to_owned(),
                memo: row.text(5)?.to_owned(),
                extra: Vec::new(),
            };
            if let Some(scope) = scopes.get(&split_line_id(row.int(0)?).0) {
                add(&mut totals, scope, line.booked_on.days(), &post_bank(&line));
            }
            Ok(())
        },
    )?;
    for entry in decisions::corrections::stored(reader)? {
        lines += 1;
        let key = |account: String| (account, entry.day, entry.currency.clone());
        let debit = totals.entry(key(entry.debit.clone())).or_default();
        (debit.0, debit.2) = (debit.0 + entry.amount_minor, debit.2 + 1);
        let credit = totals.entry(key(entry.credit.clone())).or_default();
        (credit.1, credit.2) = (credit.1 + entry.amount_minor, credit.2 + 1);
    }
    let mut notes = Notes::new("ledger_days");
    reader.query(
        "select a.code, d.day, d.currency, d.debit_minor, d.credit_minor, \
         d.postings from ledger_day d \
         join ledger_account a on a.id = d.account_id",
        &[],
        |row| {
            let key = (row.text(0)?.to_owned(), row.int(1)? as i32, row.text(2)?.to_owned());
            let stored = (row.int(3)?, row.int(4)?, row.int(5)?);
            let derived = totals.remove(&key).unwrap_or_default();
            notes.look(stored == derived, || format!("{key:?}: {stored:?}, lines {derived:?}"));
            Ok(())
        },
    )?;
    for (key, derived) in totals.into_iter().filter(|(_, sums)| *sums != (0, 0, 0)) {
        notes.look(false, || format!("{key:?}: not stored, lines {derived:?}"));
    }
    notes.0.looked_at += lines;
    Ok(notes.0)
}

fn add(totals: &mut Totals, scope: &Scope, day: i32, entry: &LedgerEntry) {
    for leg in entry.legs() {
        let key = (leg.account(scope), day, entry.currency.code().to_owned());
        let sums = totals.entry(key).or_default();
        sums.2 += 1;
        if leg.amount_minor > 0 {
            sums.0 += leg.amount_minor;
        } else {
            sums.1 -= leg.amount_minor;
        }
    }
}

/// Every decision as it is stored: of a kind that is known, and saying what that kind says.
fn decision_log(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("decisions");
    reader.query("select id, kind, body from decision order by id", &[], |row| {
        let (id, kind) = (row.int(0)?, DecisionKind::from_code(row.text(1)?));
        let body = row.text(2)?;
        let holds = kind.is_some_and(|kind| Body::read(kind, body).is_some());
        notes.look(holds, || format!("decision {id} is damaged"));
        Ok(())
    })?;
    Ok(notes.0)
}

/// A write-off whose break is gone leaves its amount given up for nothing.
fn write_offs(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("write_offs");
    let log = decisions::Log::load(reader)?;
    for (id, (decision, sum)) in decisions::standing_write_offs(&log) {
        let found = decisions::is_found(reader, id)?;
        notes.look(found, || format!("decision {}: {sum}, and no difference {id}", decision.id));
    }
    Ok(notes.0)
}

/// What is booked against what the decisions cause.
fn corrections(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("corrections");
    let (booked, caused) =
        (decisions::corrections::stored(reader)?, decisions::corrections::derive(reader)?);
    for entry in &booked {
        notes.look(caused.contains(entry), || format!("{entry:?} is caused by no decision"));
    }
    for entry in caused.iter().filter(|entry| !booked.contains(entry)) {
        notes.look(false, || format!("{entry:?} is not booked"));
    }
    Ok(notes.0)
}

/// What the search index holds against what the lines ask for.
fn search_index(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("search_index");
    let (wanted, held) = crate::search::tallies(reader)?;
    notes.look(wanted == held, || {
        format!("{} entries instead of {}, or others", held.postings, wanted.postings)
    });
    notes.0.looked_at = wanted.postings;
    Ok(notes.0)
}

fn balanced(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("debits_equal_credits");
    reader.query(
        "select day, currency, cast(sum(debit_minor) as bigint), \
         cast(sum(credit_minor) as bigint) from ledger_day group by day, currency",
        &[],
        |row| {
            let (day, debit, credit) = (row.int(0)?, row.int(2)?, row.int(3)?);
            notes.look(debit == credit, || {
                let date = BusinessDate::from_days(day as i32);
                format!("{date}: debits {debit}, credits {credit}")
            });
            Ok(())
        },
    )?;
    Ok(notes.0)
}

fn payouts(reader: &mut Reader) -> Result<Finding, Error> {
    let mut notes = Notes::new("payout_components");
    reader.query(
        "select p.id, p.amount_minor, cast(coalesce(sum(c.amount_minor), 0) as bigint) \
         from payout p left join payout_component c on c.payout_id = p.id \
         group by p.id, p.amount_minor",
        &[],
        |row| {
            let (amount, sum) = (row.int(1)?, row.int(2)?);
            let id = row.text(0)?;
            notes.look(amount == sum, || format!("{id}: paid {amount}, components {sum}"));
            Ok(())
        },
    )?;
    Ok(notes.0)
}
