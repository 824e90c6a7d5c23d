//! What crosses for the Channels pages: connections without their secrets, days, what a sync did.

use super::channel_keys::{ChannelNeed, KeysView};
use super::convert::{date, instant_text};
use crate::channel_names::ChannelNames;
use crate::channels::credentials::own_key;
use crate::channels::{
    Connection, ConnectionKind, ConnectionSync, DayState, Field, KeyFile, NotReadAgain, StreamDays,
    SyncReport, Trouble, asking, coverage_of, list,
};
use crate::error::Error;
use crate::import::FileState;
use domain::{Channel, Definition};
use serde::{Deserialize, Serialize};
use store::Book;
use store::bulk::Reader;
use ts_rs::TS;

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
    /// What kind of house it is, `channels.family.<family>`; one that is `own` can be named.
    pub family: String,
    /// The name the shop gave it.
    pub name: Option<String>,
    /// Calendar days from a day of sales to its money at the bank.
    pub promised_days: Option<i32>,
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
    /// Every one, in the order lists show them, with the names given in a book.
    pub fn all(names: &ChannelNames) -> Vec<Self> {
        // What a person records has no file.
        let with_files = |channel: &Channel| !channel.is_by_hand();
        let known = |channel: Channel| {
            channel.definition().filter(|_| with_files(&channel)).map(|found| (channel, found))
        };
        let view = |(channel, found): (Channel, &'static Definition)| Self {
            code: found.code.to_owned(),
            family: found.family.code().to_owned(),
            name: names.given(found.code).map(str::to_owned),
            promised_days: found.tender().promised_days,
            refund_days: found.tender().refund_days,
            returns_fees: found.tender().returns_fee == Some(true),
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
    /// The bytes of a file, as Base64.
    pub file: bool,
    /// The field that gives the same when it is filled in; empty where there is none.
    pub instead: String,
}

impl From<&Field> for FieldView {
    fn from(field: &Field) -> Self {
        let Field { name, secret, needed, lines, file, instead } = *field;
        let (name, instead) = (name.to_owned(), instead.to_owned());
        Self { name, secret, needed, lines, file, instead }
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
    /// Names of fields and the numbers of the files that were picked for them.
    #[serde(default)]
    pub files: Vec<(String, u32)>,
}

/// A file that was picked for a field of a set-up; what it holds does not cross.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct KeyFileView {
    /// The field it is for.
    pub field: String,
    /// What stands for it in a [`SetupInput`].
    pub number: u32,
    /// Its name, without the folder.
    pub name: String,
}

impl From<KeyFile> for KeyFileView {
    fn from(file: KeyFile) -> Self {
        Self { field: file.field.to_owned(), number: file.number, name: file.name }
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
    /// Days whose bill should be here and is not proven.
    pub backlog: u32,
    /// Asks that are remembered, at most fifty.
    pub asked: u32,
    /// How many of them failed.
    pub failed: u32,
    /// When the last ask went well.
    pub last_fine: Option<String>,
    /// When the last one failed.
    pub last_failed: Option<String>,
    /// Why, a code of `channels.trouble.<code>`; empty when none failed.
    pub last_failed_code: String,
}

impl From<&StreamDays> for StreamView {
    fn from(stream: &StreamDays) -> Self {
        let count = |wanted: &[DayState]| {
            stream.days.iter().filter(|(_, state)| wanted.contains(state)).count() as u32
        };
        let asks = &stream.asks;
        let (last_failed, last_failed_code) = asks.last_failed.clone().unzip();
        Self {
            backlog: stream.backlog() as u32,
            asked: asks.asked,
            failed: asks.failed,
            last_fine: asks.last_fine_ms.map(instant_text),
            last_failed: last_failed.map(instant_text),
            last_failed_code: last_failed_code.unwrap_or_default(),
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
    /// Its keys, those that sign first.
    pub keys: Vec<KeysView>,
    /// When the last of the channel's own certificates ends, where they are fetched.
    pub their_until: Option<String>,
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
            let days = (streams.as_slice(), troubles.as_slice());
            let mut view = Self::new(connection.clone(), days, own.as_deref(), now_ms);
            if let Some(next) = asking.iter().find(|next| next.connection == connection.id) {
                view.next_at = Some(instant_text(next.at_ms.max(now_ms)));
                view.offline = next.offline;
            }
            Ok((connection, view))
        };
        found.into_iter().map(view).collect()
    }

    /// Put together from its parts; `own` names the key this seat seals with.
    pub fn new(
        connection: Connection,
        (streams, troubles): (&[StreamDays], &[Trouble]),
        own: Option<&str>,
        now_ms: i64,
    ) -> Self {
        let least = streams.iter().map(|stream| stream.proven_until).min().flatten();
        let their_until_ms = connection.their_until_ms;
        let keys = KeysView::all(&connection, own, now_ms);
        let keys_here = connection.opens_with(own);
        let view = Self {
            needs: Vec::new(),
            keys_here,
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
            keys,
            their_until: their_until_ms.map(instant_text),
            streams: streams.iter().map(StreamView::from).collect(),
            proven_until: least.map(|day| day.to_string()),
            troubles: troubles.iter().map(TroubleView::from).collect(),
        };
        Self { needs: view.seen_to(their_until_ms, now_ms), ..view }
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
    /// True when the keys that were to sign were refused, and the other ones signed.
    pub other_signs: bool,
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
            other_signs: done.other_signs,
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
