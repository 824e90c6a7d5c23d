//! What a search answers.

use super::{Amount, EvidenceRef, money};
use crate::search;
use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What was found, by kind of record.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchView {
    /// Groups with at least one hit.
    pub groups: Vec<SearchGroup>,
}

/// Hits of one kind.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchGroup {
    /// `payout`, `payment`, `refund`, `order`, `shop_refund`, `bank`, `movement`, `file`.
    pub kind: String,
    /// Whole numbers first, then the newest.
    pub hits: Vec<SearchHit>,
    /// There are more of this kind.
    pub more: bool,
}

/// A line that answers every word typed.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchHit {
    /// Line id.
    pub id: String,
    /// The payout it leads to, where it leads to one.
    pub payout: Option<String>,
    /// Day.
    pub date: String,
    /// Channel.
    pub channel: String,
    /// Goods, other party, file name.
    pub title: String,
    /// Number.
    pub number: String,
    /// Amount; none for a file.
    pub amount: Option<Amount>,
    /// What was found in it: `number`, `amount`, `text`, `pinyin`, `date`.
    pub matched: String,
    /// The line it stands in; line 0 is the file itself.
    pub evidence: EvidenceRef,
}

impl From<search::Found> for SearchView {
    fn from(found: search::Found) -> Self {
        Self { groups: found.groups.into_iter().map(SearchGroup::from).collect() }
    }
}

impl From<search::Group> for SearchGroup {
    fn from(group: search::Group) -> Self {
        Self {
            kind: group.kind.to_owned(),
            hits: group.hits.into_iter().map(SearchHit::from).collect(),
            more: group.more,
        }
    }
}

impl From<search::Hit> for SearchHit {
    fn from(hit: search::Hit) -> Self {
        Self {
            id: hit.id.to_string(),
            payout: hit.payout,
            date: BusinessDate::from_days(hit.day).to_string(),
            channel: hit.channel,
            amount: hit.amount_minor.map(|minor| money(minor, &hit.currency)),
            evidence: EvidenceRef {
                document: hit.document.to_string(),
                file_name: hit.file_name,
                line_no: hit.line_no,
            },
            title: hit.title,
            number: hit.number,
            matched: hit.matched.to_owned(),
        }
    }
}
