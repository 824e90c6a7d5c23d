//! The log of decisions: only ever added to, read whole.
//!
//! A book has thousands of decisions at most, so what holds is worked out in memory, from the first
//! to the last.

use crate::error::Error;
use crate::import::named_account;
use domain::Channel;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
pub(crate) use store::bulk::Asks;
use store::bulk::{Cell, Loader};

/// Who decides, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The person's name, as people know it.
    pub name: &'a str,
    /// Now, UTC ms.
    pub at_ms: i64,
}

/// Longest reason or note, in characters.
const REASON_CHARS: usize = 2000;
/// Longest name of who decides.
const NAME_CHARS: usize = 100;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecisionKind {
    /// A break's reason is known.
    Accept,
    /// A break's amount is given up; a correcting entry is posted.
    WriteOff,
    /// A break is left to a later day.
    Carry,
    /// Who can know was asked about a break; it stays open until they answer.
    Ask,
    /// What a break is short of was claimed; it stays open until that is answered.
    Claim,
    /// A word on a break or payout; changes nothing.
    Note,
    /// A decided break is open again.
    Reopen,
    /// A row of unknown kind, or every row of its word, is of this kind.
    Classify,
    /// Breaks of a kind are always treated like this.
    Rule,
    /// A person has seen a payout.
    Review,
    /// Of several bills of a day this one is the later.
    ChooseBill,
    /// Earlier decisions no longer hold.
    Undo,
}

impl DecisionKind {
    const ALL: [Self; 12] = [
        Self::Accept,
        Self::WriteOff,
        Self::Carry,
        Self::Ask,
        Self::Claim,
        Self::Note,
        Self::Reopen,
        Self::Classify,
        Self::Rule,
        Self::Review,
        Self::ChooseBill,
        Self::Undo,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::WriteOff => "write_off",
            Self::Carry => "carry",
            Self::Ask => "ask",
            Self::Claim => "claim",
            Self::Note => "note",
            Self::Reopen => "reopen",
            Self::Classify => "classify",
            Self::Rule => "rule",
            Self::Review => "review",
            Self::ChooseBill => "choose_bill",
            Self::Undo => "undo",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a decision says beside its kind and subject; empty parts are not stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Body {
    /// Why, in the person's words; the text of a note.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The suggested act, when the person took it as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The break's found value when it was decided; a decision does not outlive its facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The break's effect then; the payout's amount at a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect_minor: Option<i64>,
    /// What was unexplained at a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unexplained_minor: Option<i64>,
    /// Currency of the amounts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// The account that bears a write-off.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub account: String,
    /// The account it clears.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub counter: String,
    /// First day on which a carried break is open again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_day: Option<i32>,
    /// Code of the kind that a row is said to be.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub becomes: String,
    /// Channel of a classified row or word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// Words of a classified row; name of a chosen bill.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub word: String,
    /// Ledger number of a single classified row, where it has one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ledger_ref: String,
    /// Day of a single classified row; absent for every row of the word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<i32>,
    /// The act of a rule: `accept`, `carry`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub act: String,
    /// A rule's largest effect, whatever its sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_minor: Option<i64>,
    /// A review while it was known that there was no network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offline: Option<bool>,
    /// The decisions that an undo takes back; the write-offs that a later decision about the same
    /// break puts an end to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<i64>,
}

impl Body {
    /// What is stored; `None` when it is damaged, or lacks what a decision of this kind says.
    pub(crate) fn read(kind: DecisionKind, stored: &str) -> Option<Self> {
        let body: Self = serde_json::from_str(stored).ok()?;
        let whole = match kind {
            DecisionKind::Accept
            | DecisionKind::Reopen
            | DecisionKind::Ask
            | DecisionKind::Claim => body.names_amount(),
            DecisionKind::WriteOff => {
                body.names_amount() && !body.account.is_empty() && !body.counter.is_empty()
            }
            DecisionKind::Carry => body.names_amount() && body.until_day.is_some(),
            DecisionKind::Note => !body.reason.is_empty(),
            DecisionKind::Classify => !body.becomes.is_empty() && !body.channel.is_empty(),
            DecisionKind::Rule => !body.act.is_empty(),
            DecisionKind::Review => body.effect_minor.is_some() && body.unexplained_minor.is_some(),
            DecisionKind::ChooseBill => !body.word.is_empty(),
            DecisionKind::Undo => !body.of.is_empty(),
        };
        whole.then_some(body)
    }

    fn names_amount(&self) -> bool {
        self.found.is_some() && self.effect_minor.is_some() && !self.currency.is_empty()
    }
}

/// Numbers that accounts were given after decisions about their records.
struct Names {
    /// Ids now, by former ids.
    ids: HashMap<String, String>,
    /// Merchants' numbers.
    accounts: Vec<(Channel, String)>,
}

impl Names {
    fn load(db: &mut dyn Asks) -> Result<Self, Error> {
        let mut names = Self { ids: HashMap::new(), accounts: Vec::new() };
        db.ask(
            "select distinct channel, account_no from channel_account where named_later <> 0",
            &[],
            &mut |row| {
                let number = row.text(1)?.to_owned();
                let channel = Channel::from_code(row.text(0)?);
                names.accounts.extend(channel.map(|channel| (channel, number)));
                Ok(())
            },
        )?;
        if !names.accounts.is_empty() {
            db.ask("select former, id from record_alias", &[], &mut |row| {
                names.ids.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
                Ok(())
            })?;
        }
        Ok(names)
    }

    fn apply(&self, decision: &mut Decision) {
        let named = |(prefix, id): (&str, &str)| Some(format!("{prefix}:{}", self.ids.get(id)?));
        if let Some(subject) = decision.subject.split_once(':').and_then(named) {
            decision.subject = subject;
        }
        for (channel, number) in &self.accounts {
            let counter = named_account(&decision.body.counter, *channel, number);
            decision.body.counter = counter.unwrap_or_else(|| decision.body.counter.clone());
        }
    }
}

/// A decision as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Its number, 1 upwards.
    pub id: i64,
    /// Number of the first decision made together with it.
    pub batch: i64,
    /// What was decided.
    #[serde(serialize_with = "code")]
    pub kind: DecisionKind,
    /// `break:…`, `payout:…`, `word:…`, `kind:…`, `bill:…`, `decision:…`.
    pub subject: String,
    /// The rest.
    pub body: Body,
    /// When, UTC ms.
    pub at_ms: i64,
    /// Who.
    pub by: String,
}

fn code<S: serde::Serializer>(kind: &DecisionKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

/// Every decision, oldest first.
pub(crate) struct Log {
    pub all: Vec<Decision>,
    undone: HashSet<i64>,
}

impl Log {
    /// The log with its records under the numbers they have now.
    ///
    /// # Errors
    /// As [`Self::as_written`].
    pub(crate) fn load(db: &mut dyn Asks) -> Result<Self, Error> {
        let mut log = Self::as_written(db)?;
        if !log.all.is_empty() {
            let names = Names::load(db)?;
            log.all.iter_mut().for_each(|decision| names.apply(decision));
        }
        Ok(log)
    }

    /// The log word for word.
    ///
    /// # Errors
    /// The database's; [`Error::DamagedDecision`] when one of them does not read as it was written.
    pub(crate) fn as_written(db: &mut dyn Asks) -> Result<Self, Error> {
        let mut all = Vec::new();
        let mut damaged = None;
        db.ask(
            "select id, batch, kind, subject, body, decided_at_ms, decided_by from decision \
             order by id",
            &[],
            &mut |row| {
                // A newer program may know more kinds; what this one does not know, it leaves be.
                let Some(kind) = DecisionKind::from_code(row.text(2)?) else { return Ok(()) };
                let Some(body) = Body::read(kind, row.text(4)?) else {
                    damaged = damaged.or(Some(row.int(0)?));
                    return Ok(());
                };
                all.push(Decision {
                    id: row.int(0)?,
                    batch: row.int(1)?,
                    kind,
                    subject: row.text(3)?.to_owned(),
                    body,
                    at_ms: row.int(5)?,
                    by: row.text(6)?.to_owned(),
                });
                Ok(())
            },
        )?;
        if let Some(id) = damaged {
            return Err(Error::DamagedDecision { id });
        }
        let mut log = Self { all, undone: HashSet::new() };
        log.undone = log
            .all
            .iter()
            .filter(|decision| decision.kind == DecisionKind::Undo)
            .flat_map(|decision| decision.body.of.iter().copied())
            .collect();
        Ok(log)
    }

    /// Decisions that were not taken back, oldest first; undoing is not among them.
    pub(crate) fn holding(&self) -> impl DoubleEndedIterator<Item = &Decision> {
        self.all.iter().filter(|d| d.kind != DecisionKind::Undo && self.holds(d.id))
    }

    /// True when the decision was not taken back.
    pub(crate) fn holds(&self, id: i64) -> bool {
        !self.undone.contains(&id)
    }

    /// Write-offs of a break that no later decision about it put an end to.
    pub(crate) fn standing_write_offs(&self, subject: &str) -> Vec<i64> {
        let mut standing = Vec::new();
        for decision in self.holding().filter(|decision| decision.subject == subject) {
            standing.retain(|id| !decision.body.of.contains(id));
            if decision.kind == DecisionKind::WriteOff {
                standing.push(decision.id);
            }
        }
        standing
    }

    pub(crate) fn get(&self, id: i64) -> Option<&Decision> {
        self.all.binary_search_by_key(&id, |decision| decision.id).ok().map(|at| &self.all[at])
    }
}

/// A decision about to be written.
pub(crate) struct Draft {
    pub kind: DecisionKind,
    pub subject: String,
    pub body: Body,
}

/// Appends decisions as one batch; the batch's number.
pub(crate) fn append(
    loader: &mut Loader<'_>,
    actor: Actor<'_>,
    drafts: &[Draft],
) -> Result<i64, Error> {
    if actor.name.trim().is_empty() {
        return Err(Error::BadInput { field: "by", reason: "a name is needed".to_owned() });
    }
    if actor.name.chars().count() > NAME_CHARS {
        return Err(Error::BadInput { field: "by", reason: "a shorter name".to_owned() });
    }
    if drafts.iter().any(|draft| draft.body.reason.chars().count() > REASON_CHARS) {
        let reason = format!("at most {REASON_CHARS} characters");
        return Err(Error::BadInput { field: "reason", reason });
    }
    let mut first = 1;
    loader.query("select coalesce(max(id), 0) + 1 from decision", &[], |row| {
        first = row.int(0)?;
        Ok(())
    })?;
    for (id, draft) in (first..).zip(drafts) {
        let body = serde_json::to_string(&draft.body)
            .expect("a struct of texts and numbers always becomes JSON");
        loader.execute(
            "insert into decision (id, batch, kind, subject, body, decided_at_ms, decided_by) \
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                Cell::Int(id),
                Cell::Int(first),
                Cell::Text(draft.kind.code()),
                Cell::Text(&draft.subject),
                Cell::Text(&body),
                Cell::Int(actor.at_ms),
                Cell::Text(actor.name.trim()),
            ],
        )?;
    }
    Ok(first)
}
