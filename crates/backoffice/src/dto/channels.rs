//! What crosses for the Channels pages: connections without their secrets, days, what a sync did.

use super::convert::{date, instant_text};
use crate::channels::connections::own_key;
use crate::channels::{
    Checked, Connection, ConnectionKind, ConnectionSync, Credential, DayState, Field, NotReadAgain,
    StreamDays, SyncReport, Trouble, asking, coverage_of, list,
};
use crate::error::Error;
use crate::import::FileState;
use domain::{Channel, Definition};
use serde::{Deserialize, Serialize};
use store::Book;
use store::bulk::Reader;
use ts_rs::TS;

const DAY_MS: i64 = 86_400_000;
/// Days before the end of a certificate from which it is warned of.
const SOON_DAYS: i64 = 90;

/// A kind of connection and what it is set up with.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionKindView {
    /// Stable code; names are `channel.<code>`.
    pub code: String,
    /// Where it is asked unless somebody says otherwise.
    pub base: String,
    /// Its fields, in the order they are asked for.
    pub fields: Vec<FieldView>,
}

/// A channel that is known by its files alone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DefinedChannelView {
    /// Stable code; names are `channel.<code>`.
    pub code: String,
    /// What kind of house it is, `channels.family.<family>`.
    pub family: String,
    /// Calendar days from a day of sales to its money at the bank.
    pub promised_days: i32,
    /// Days within which a sale can be given back, where somebody says.
    pub refund_days: Option<u16>,
    /// Whether a refund is known to give the fee back.
    pub returns_fees: bool,
    /// What a bank line names as payer.
    pub payers: Vec<String>,
    /// Takes no new payments.
    pub closed: bool,
    /// Whether a real file was seen; none was yet.
    pub confirmed: bool,
    /// A sample of its file, CSV; a channel of the shop's own has none.
    pub sample: Option<String>,
}

impl DefinedChannelView {
    /// Every one, in the order lists show them.
    pub fn all() -> Vec<Self> {
        // What a person records has no file.
        let with_files = |channel: &Channel| !channel.is_by_hand();
        let known = |channel: Channel| {
            channel.definition().filter(|_| with_files(&channel)).map(|found| (channel, found))
        };
        let view = |(channel, found): (Channel, &'static Definition)| Self {
            code: found.code.to_owned(),
            family: found.family.code().to_owned(),
            promised_days: found.promised_days,
            refund_days: found.refund_days,
            returns_fees: found.returns_fees,
            payers: found.payers.iter().map(|payer| (*payer).to_owned()).collect(),
            closed: found.closed,
            confirmed: false,
            sample: connectors::table::sample(channel).map(str::to_owned),
        };
        Channel::ALL.into_iter().filter_map(known).map(view).collect()
    }
}

/// A field of a set-up; its name is `channels.field.<name>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FieldView {
    /// Stable name.
    pub name: String,
    /// Sealed when kept, never shown again.
    pub secret: bool,
    /// Cannot be left out.
    pub needed: bool,
    /// Text of several lines.
    pub lines: bool,
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        let Field { name, secret, needed, lines } = *field;
        Self { name: name.to_owned(), secret, needed, lines }
    }
}

impl From<ConnectionKind> for ConnectionKindView {
    fn from(kind: ConnectionKind) -> Self {
        Self {
            code: kind.code().to_owned(),
            base: kind.usual_base().to_owned(),
            fields: kind.fields().iter().map(FieldView::from).collect(),
        }
    }
}

/// A set-up as typed. Its values go one way only.
#[derive(Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct SetupInput {
    /// Code of the kind.
    pub kind: String,
    /// Where it is asked; empty for the usual address.
    pub base: String,
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
}

/// What is known of keys; the keys themselves never cross.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct KeysView {
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
    fn new(keys: &Credential, now_ms: i64) -> Self {
        let days_left = keys.until_ms.map(|until| (until - now_ms).div_euclid(DAY_MS));
        let health = match days_left {
            Some(days) if days < 0 => "ended",
            Some(days) if days <= SOON_DAYS => "soon",
            _ => "fine",
        };
        Self {
            added_at: instant_text(keys.added_at_ms),
            added_by: keys.added_by.clone(),
            until: keys.until_ms.map(instant_text),
            days_left,
            health: health.to_owned(),
        }
    }
}

/// One stream of a connection in short; its name is `channels.stream.<stream>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StreamView {
    /// Stable code: `trade`, `fund:basic`.
    pub stream: String,
    /// Last day up to which every day is whole.
    pub proven_until: Option<String>,
    /// Days that are whole.
    pub whole: u32,
    /// Days that can be asked for and are not here.
    pub missing: u32,
    /// Days whose last try failed or whose file contradicts itself.
    pub wrong: u32,
    /// Missing days that the channel soon gives out no more.
    pub at_edge: u32,
    /// Missing days that it gives out no more.
    pub lost: u32,
}

impl From<&StreamDays> for StreamView {
    fn from(stream: &StreamDays) -> Self {
        let count = |wanted: &[DayState]| {
            stream.days.iter().filter(|(_, state)| wanted.contains(state)).count() as u32
        };
        Self {
            stream: stream.stream.clone(),
            proven_until: stream.proven_until.map(|day| day.to_string()),
            whole: count(&[DayState::Proven, DayState::Empty]),
            missing: count(&[DayState::Missing]),
            wrong: count(&[DayState::Failed, DayState::Broken]),
            at_edge: count(&[DayState::AtEdge]),
            lost: count(&[DayState::Lost]),
        }
    }
}

/// What could not be had at the last try; texts are `channels.trouble.<code>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TroubleView {
    /// Stream code.
    pub stream: String,
    /// First day of it.
    pub date: String,
    /// Code of what was wrong.
    pub code: String,
    /// The channel's own code, or a field.
    pub detail: String,
    /// Tries so far.
    #[ts(type = "number")]
    pub tries: i64,
    /// The last one.
    pub tried_at: String,
    /// Not asked for by itself before this time.
    pub next_at: String,
}

impl From<&Trouble> for TroubleView {
    fn from(trouble: &Trouble) -> Self {
        Self {
            stream: trouble.stream.clone(),
            date: date(domain::BusinessDate::of_ms(trouble.from_ms).days()),
            code: trouble.code.clone(),
            detail: trouble.detail.clone(),
            tries: trouble.tries,
            tried_at: instant_text(trouble.tried_at_ms),
            next_at: instant_text(trouble.next_at_ms),
        }
    }
}

/// Something of a connection that a person has to see to; texts are `channels.need.<what>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChannelNeed {
    /// `keys_ended`, `keys_soon`, `trouble`, `at_edge`, `lost`.
    pub what: String,
    /// Days left of the keys, or days that are concerned.
    #[ts(type = "number")]
    pub count: i64,
}

/// A connection with its health.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionView {
    /// Its number.
    #[ts(type = "number")]
    pub id: i64,
    /// Code of its kind; names are `channel.<code>`.
    pub kind: String,
    /// Our number there.
    pub account_no: String,
    /// What the merchant calls it.
    pub name: String,
    /// Where it is asked.
    pub base: String,
    /// First day that is asked for.
    pub from_date: String,
    /// True while it is not asked by itself.
    pub paused: bool,
    /// When it was set up.
    pub added_at: String,
    /// Who set it up.
    pub added_by: String,
    /// When its keys were last tried.
    pub checked_at: Option<String>,
    /// Code of what was wrong then; empty when nothing was.
    pub check_code: String,
    /// Its keys, the newest first.
    pub keys: Vec<KeysView>,
    /// Its streams.
    pub streams: Vec<StreamView>,
    /// Last day up to which every day of every stream is whole.
    pub proven_until: Option<String>,
    /// What could not be had.
    pub troubles: Vec<TroubleView>,
    /// True when this seat can open its keys; on a server another seat may have given them.
    pub keys_here: bool,
    /// When it is asked next by itself, or was to be; `None` while it is paused.
    pub next_at: Option<String>,
    /// True when there was no network the last time.
    pub offline: bool,
    /// What a person has to see to, the most pressing first; nothing while it is paused.
    pub needs: Vec<ChannelNeed>,
}

impl ConnectionView {
    /// Every connection of a book.
    ///
    /// # Errors
    /// The database's.
    pub fn all(book: &Book, now_ms: i64) -> Result<Vec<(Connection, Self)>, Error> {
        let reader = &mut Reader::open(book)?;
        let own = own_key(book);
        let (found, asking) = (list(reader)?, asking(reader, now_ms)?);
        let view = |connection: Connection| {
            let (streams, troubles) = coverage_of(reader, &connection, now_ms)?;
            let mut view = Self::new(connection.clone(), (&streams, &troubles), now_ms);
            view.keys_here = connection.opens_with(own.as_deref());
            if let Some(next) = asking.iter().find(|next| next.connection == connection.id) {
                view.next_at = Some(instant_text(next.at_ms.max(now_ms)));
                view.offline = next.offline;
            }
            Ok((connection, view))
        };
        found.into_iter().map(view).collect()
    }

    /// Put together from its parts.
    pub fn new(
        connection: Connection,
        (streams, troubles): (&[StreamDays], &[Trouble]),
        now_ms: i64,
    ) -> Self {
        let least = streams.iter().map(|stream| stream.proven_until).min().flatten();
        let view = Self {
            needs: Vec::new(),
            keys_here: true,
            next_at: None,
            offline: false,
            id: connection.id,
            kind: connection.kind.code().to_owned(),
            account_no: connection.account_no,
            name: connection.name,
            base: connection.base,
            from_date: date(connection.from_day),
            paused: connection.paused,
            added_at: instant_text(connection.added_at_ms),
            added_by: connection.added_by,
            checked_at: connection.checked_at_ms.map(instant_text),
            check_code: connection.check_code,
            keys: connection.credentials.iter().map(|k| KeysView::new(k, now_ms)).collect(),
            streams: streams.iter().map(StreamView::from).collect(),
            proven_until: least.map(|day| day.to_string()),
            troubles: troubles.iter().map(TroubleView::from).collect(),
        };
        Self { needs: view.seen_to(), ..view }
    }

    fn seen_to(&self) -> Vec<ChannelNeed> {
        if self.paused {
            return Vec::new();
        }
        let newest = self.keys.first();
        let keys = newest.filter(|keys| keys.health != "fine").map(|keys| {
            let days = keys.days_left.unwrap_or_default();
            (if days < 0 { "keys_ended" } else { "keys_soon" }, days.abs())
        });
        let sum = |count: fn(&StreamView) -> u32| self.streams.iter().map(count).sum::<u32>();
        let days = [
            ("trouble", self.troubles.len() as i64),
            ("at_edge", i64::from(sum(|stream| stream.at_edge))),
            ("lost", i64::from(sum(|stream| stream.lost))),
        ];
        let days = days.into_iter().filter(|(_, count)| *count > 0);
        let need = |(what, count): (&str, i64)| ChannelNeed { what: what.to_owned(), count };
        keys.into_iter().chain(days).map(need).collect()
    }

    /// Days left of its keys, when today is a day to tell of it: 90 and 30 days before they end,
    /// and every day of the last week.
    pub fn keys_to_tell(&self) -> Option<i64> {
        let soon = self.needs.iter().find(|need| need.what == "keys_soon")?;
        matches!(soon.count, 90 | 30 | 0..=7).then_some(soon.count)
    }
}

/// The days of a stream; states are `channels.day.<state>`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CoverageView {
    /// Stream code.
    pub stream: String,
    /// Each day from the connection's first to today.
    pub days: Vec<CoverageDay>,
}

/// One day of a stream.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CoverageDay {
    /// The day.
    pub date: String,
    /// `proven`, `empty`, `not_yet`, `missing`, `broken`, `failed`, `at_edge`, `lost`.
    pub state: String,
}

impl From<StreamDays> for CoverageView {
    fn from(stream: StreamDays) -> Self {
        let day = |(day, state): (domain::BusinessDate, DayState)| CoverageDay {
            date: day.to_string(),
            state: state.code().to_owned(),
        };
        Self { stream: stream.stream, days: stream.days.into_iter().map(day).collect() }
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
}

impl From<Checked> for CheckedKeysView {
    fn from(checked: Checked) -> Self {
        Self {
            fine: checked.is_fine(),
            clock_off_s: checked.skew_ms / 1000,
            code: checked.code,
            detail: checked.detail,
            says: checked.says,
        }
    }
}

/// What a sync came to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncView {
    /// Each connection.
    pub connections: Vec<ConnectionSyncView>,
    /// Rows booked for the first time.
    #[ts(type = "number")]
    pub rows_new: u64,
    /// Rows set aside.
    #[ts(type = "number")]
    pub quarantined: u64,
    /// Files that contradict themselves or could not be read.
    pub files_wrong: u32,
    /// True when it was stopped.
    pub stopped: bool,
}

/// What came of one connection.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConnectionSyncView {
    /// Its number.
    #[ts(type = "number")]
    pub connection: i64,
    /// Spans asked for.
    #[ts(type = "number")]
    pub asked: u64,
    /// Files that came.
    #[ts(type = "number")]
    pub files: u64,
    /// Spans the channel says are empty.
    #[ts(type = "number")]
    pub empty: u64,
    /// Spans not made yet.
    #[ts(type = "number")]
    pub not_yet: u64,
    /// Spans that failed.
    #[ts(type = "number")]
    pub failed: u64,
    /// Code of the last failure; empty when there was none.
    pub trouble: String,
    /// The channel's own code of it, or a field.
    pub detail: String,
    /// True when it was left alone before everything was asked for.
    pub left: bool,
    /// Seconds our clock is behind the channel's; 0 when it is right.
    #[ts(type = "number")]
    pub clock_off_s: i64,
}

impl From<&ConnectionSync> for ConnectionSyncView {
    fn from(done: &ConnectionSync) -> Self {
        Self {
            connection: done.connection,
            asked: done.asked,
            files: done.files,
            empty: done.empty,
            not_yet: done.not_yet,
            failed: done.failed,
            trouble: done.trouble.clone(),
            detail: done.detail.clone(),
            left: done.left,
            clock_off_s: done.skew_ms / 1000,
        }
    }
}

impl SyncView {
    /// True when everything asked for is here, or not made yet.
    pub fn is_fine(&self) -> bool {
        let done = |one: &ConnectionSyncView| one.failed == 0 && !one.left;
        self.files_wrong == 0 && !self.stopped && self.connections.iter().all(done)
    }
}

impl From<&SyncReport> for SyncView {
    fn from(report: &SyncReport) -> Self {
        let files = &report.import.files;
        let wrong = |file: &&crate::import::FileReport| {
            file.state == FileState::Refused || !file.is_whole()
        };
        Self {
            connections: report.connections.iter().map(ConnectionSyncView::from).collect(),
            rows_new: files.iter().map(|file| file.rows_new).sum(),
            quarantined: files.iter().map(|file| file.quarantined).sum(),
            files_wrong: files.iter().filter(wrong).count() as u32,
            stopped: report.import.cancelled,
        }
    }
}

/// Bills of some days that were read before their period had ended, and not since.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EarlyBillsView {
    /// Number of the connection.
    #[ts(type = "number")]
    pub connection: i64,
    /// Its name.
    pub name: String,
    /// Stream code; names are `channels.stream.<code>`.
    pub stream: String,
    /// First of the days.
    pub from: String,
    /// Last of the days.
    pub to: String,
    /// False when the channel gives them out no more.
    pub in_reach: bool,
}

impl From<NotReadAgain> for EarlyBillsView {
    fn from(found: NotReadAgain) -> Self {
        let NotReadAgain { connection, name, stream, from, to, in_reach } = found;
        let (from, to) = (from.to_string(), to.to_string());
        Self { connection, name, stream, from, to, in_reach }
    }
}
