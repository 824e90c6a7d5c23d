//! What crosses of a connection's keys: how long they last, which of them sign, how a try went,
//! and what a desktop is told.

use super::channels::ConnectionView;
use super::convert::instant_text;
use crate::channels::{Checked, Connection, Credential, StreamChecked};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

const DAY_MS: i64 = 86_400_000;
/// Days before the end of keys at which it is told of.
const LEVELS: [i64; 3] = [7, 30, 90];
/// Days before the end of the channel's own certificates from which it is warned of: it changes
/// them by itself, and who still has no new one by then has to ask.
const THEIR_DAYS: i64 = 30;
/// Troubles that end by themselves are told of when they lasted so many tries.
const MANY_TRIES: i64 = 4;

/// What is known of keys; the keys themselves never cross.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct KeysView {
    /// Their number.
    #[ts(type = "number")]
    pub id: i64,
    /// `signs`; `stands_by`: believed, and signs where the channel refuses the others, until it is
    /// retired; `elsewhere`: only another seat can open them.
    pub state: String,
    /// When they were given.
    pub added_at: String,
    /// Who gave them.
    pub added_by: String,
    /// When the first of their certificates ends; `None` when nothing ends.
    pub until: Option<String>,
    /// Days until then; negative when it is over.
    #[ts(type = "number | null")]
    pub days_left: Option<i64>,
    /// `fine`, `soon` (within 90 days) or `ended`.
    pub health: String,
}

impl KeysView {
    fn new(keys: &Credential, state: &str, now_ms: i64) -> Self {
        let days_left = keys.until_ms.map(|until| (until - now_ms).div_euclid(DAY_MS));
        let health = match days_left {
            Some(days) if days < 0 => "ended",
            Some(days) if days <= LEVELS[2] => "soon",
            _ => "fine",
        };
        Self {
            id: keys.id,
            state: state.to_owned(),
            added_at: instant_text(keys.added_at_ms),
            added_by: keys.added_by.clone(),
            until: keys.until_ms.map(instant_text),
            days_left,
            health: health.to_owned(),
        }
    }

    /// The keys of a connection, those that sign first, as a seat with this sealing key has them.
    pub(super) fn all(connection: &Connection, own: Option<&str>, now_ms: i64) -> Vec<Self> {
        let signing = connection.signing(own).map(|keys| keys.id);
        let state = |keys: &Credential| match own {
            _ if Some(keys.id) == signing => "signs",
            Some(own) if own == keys.sealed_by => "stands_by",
            _ => "elsewhere",
        };
        let view = |keys: &Credential| Self::new(keys, state(keys), now_ms);
        let mut views: Vec<Self> = connection.credentials.iter().map(view).collect();
        views.sort_by_key(|view| view.state != "signs");
        views
    }
}

/// Something of a connection that a person has to see to; texts are `channels.need.<what>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChannelNeed {
    /// `keys_ended`, `keys_soon`, `their_keys_soon`, `trouble`, `at_edge`, `lost`.
    pub what: String,
    /// Days left of the keys, or days that are concerned.
    #[ts(type = "number")]
    pub count: i64,
}

/// Something the desktop is told of once; texts are `menu.told_<what>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tell {
    /// As [`ChannelNeed::what`].
    pub what: String,
    /// As [`ChannelNeed::count`].
    pub count: i64,
    /// What it is known by: it is told once while it lasts.
    pub key: String,
}

impl ConnectionView {
    pub(super) fn seen_to(&self, their_until_ms: Option<i64>, now_ms: i64) -> Vec<ChannelNeed> {
        if self.paused {
            return Vec::new();
        }
        let newest = self.keys.first();
        let keys = newest.filter(|keys| keys.health != "fine").map(|keys| {
            let days = keys.days_left.unwrap_or_default();
            (if days < 0 { "keys_ended" } else { "keys_soon" }, days.abs())
        });
        let theirs = their_until_ms.map(|until_ms| (until_ms - now_ms).div_euclid(DAY_MS));
        let theirs = theirs.filter(|days| *days <= THEIR_DAYS);
        let theirs = theirs.map(|days| ("their_keys_soon", days.max(0)));
        let sum = |count: fn(&super::StreamView) -> u32| -> i64 {
            i64::from(self.streams.iter().map(count).sum::<u32>())
        };
        let days = [
            ("trouble", self.troubles.len() as i64),
            ("at_edge", sum(|stream| stream.at_edge)),
            ("lost", sum(|stream| stream.lost)),
        ];
        let days = days.into_iter().filter(|(_, count)| *count > 0);
        let need = |(what, count): (&str, i64)| ChannelNeed { what: what.to_owned(), count };
        keys.into_iter().chain(theirs).chain(days).map(need).collect()
    }

    /// What a desktop is told of it: that keys end within 90, 30 and 7 days and that they ended,
    /// whichever of these is the latest; days that could not be had, are soon out of reach, or are.
    /// Trouble with the network is left out, and trouble that ends by itself until it lasts.
    pub fn to_tell(&self) -> Vec<Tell> {
        let heavy = self.troubles.iter().filter(|trouble| match trouble.code.as_str() {
            "offline" | "not_yet" => false,
            "cut" | "timed_out" | "unavailable" | "slow_down" | "probe" => {
                trouble.tries >= MANY_TRIES
            }
            _ => true,
        });
        let heavy = heavy.count() as i64;
        let tell = |need: &ChannelNeed| {
            let level = match need.what.as_str() {
                "trouble" if heavy == 0 => return None,
                "keys_soon" => {
                    let level = LEVELS.into_iter().find(|level| need.count <= *level)?;
                    format!("{}/{level}", self.keys.first()?.id)
                }
                "keys_ended" => self.keys.first()?.id.to_string(),
                _ => String::new(),
            };
            let key = format!("{}/{}/{level}", need.what, self.id);
            let count = if need.what == "trouble" { heavy } else { need.count };
            Some(Tell { what: need.what.clone(), count, key })
        };
        self.needs.iter().filter_map(tell).collect()
    }
}

/// How a try of keys went; texts are `channels.trouble.<code>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckedKeysView {
    /// True when the channel answered as it should.
    pub fine: bool,
    /// Code of what is wrong; empty when nothing is.
    pub code: String,
    /// The channel's own code, or a field.
    pub detail: String,
    /// What the channel says.
    pub says: String,
    /// Seconds our clock is behind the channel's (negative: ahead); 0 when it is right.
    #[ts(type = "number")]
    pub clock_off_s: i64,
    /// Every stream that was tried; none when something was wrong before anything was asked.
    pub streams: Vec<CheckedStreamView>,
}

/// How a try of keys went for one stream.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckedStreamView {
    /// Stream code; names are `channels.stream.<stream>`.
    pub stream: String,
    /// Code of what is wrong; empty when nothing is.
    pub code: String,
}

impl From<Checked> for CheckedKeysView {
    fn from(checked: Checked) -> Self {
        let stream = |StreamChecked { stream, code }| CheckedStreamView { stream, code };
        Self {
            fine: checked.is_fine(),
            clock_off_s: checked.skew_ms / 1000,
            code: checked.code,
            detail: checked.detail,
            says: checked.says,
            streams: checked.streams.into_iter().map(stream).collect(),
        }
    }
}
