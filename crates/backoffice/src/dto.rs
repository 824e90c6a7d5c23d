//! What crosses to the window: plain twins of the use cases' answers, exported to TypeScript.
//!
//! Dates are `YYYY-MM-DD` in the channel's zone. An integer is a JavaScript number: `Money` keeps
//! every amount below 2^53.

mod bank;
mod business;
mod care;
mod channel_keys;
mod channels;
mod charts;
mod collect;
mod convert;
mod decisions;
mod fees;
mod files;
mod home;
mod jobs;
mod ledger;
mod lists;
mod orders;
mod reports;
mod search;
mod tables;
mod tenders;
mod till;

pub use bank::{BankAccountView, BankLine, BankPage, BankQuery};
pub use business::{BusinessView, NextPayoutView, ReceivedView};
pub use care::{
    BookSettings, IssuedStatement, MendAnswer, RecentBook, RevisedBillView, RevisionView,
    SetAsidePage, SetAsideRow, StatementCheck, StatementLine, StatementNote, StatementPart,
    StatementPayout, StatementSubject, StatementView, TableColumn, TablePreview, TableRow,
};
pub use channel_keys::{ChannelNeed, CheckedKeysView, CheckedStreamView, KeysView, Tell};
pub use channels::{
    ConnectionKindView, ConnectionSyncView, ConnectionView, CoverageDay, CoverageView,
    DefinedChannelView, EarlyBillsView, FieldView, KeyFileView, SetupInput, StreamView, SyncView,
    TroubleView,
};
pub use charts::{ChartQuery, ChartView};
pub use collect::{CollectionView, CounterPage, CounterView, paid_of};
pub use convert::{broken, failure, money, time_text};
pub use decisions::*;
pub use fees::{FeeCheckView, FeeLevelView, FeePartView, FeeRowView};
pub use files::FilePage;
pub use home::{ExpectedDay, HomeView, MoneyMap, MoneyNode, NeedsYou};
pub use jobs::{CheckedView, ComparedView, JobView};
pub use ledger::{
    AccountRow, EntryPage, EntryRow, FigureQuery, FigureSum, OwnAccountView, PostingView,
};
pub use lists::{
    CertificateView, CheckView, Freshness, OrderView, PaymentWords, PayoutRef, SumView,
    TransactionDetail, TransactionPage, TransactionQuery, TransactionRow, ViewRow,
};
pub use orders::{
    GoodsView, OrderBreak, OrderPage, OrderQuery, OrderRow, OrderStep, OrderStoryView, OwedView,
    order_status,
};
pub use reports::{
    BridgeLineView, BridgeView, HeatCellView, RateView, ReportQuery, ReportRow, RowsPage,
    SeriesStep, SeriesView,
};
pub use search::{SearchGroup, SearchHit, SearchView};
pub use tables::{ListQuery, ListSum, break_filter};
pub use tenders::{PaidView, SourceView, TenderView};
pub use till::{
    AttachmentView, CardDetail, CardMoveView, CardView, CountView, DrawerView, NoteView,
    TillDetail, TillFact, TillInput, TillPage, TillRecordView, denominations,
};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// An amount as it crosses to the window.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Amount {
    /// Minor units, signed.
    #[ts(type = "number")]
    pub minor: i64,
    /// Currency.
    pub currency: String,
    /// Plain decimal text of the major unit.
    pub major: String,
}

/// The bank line of a payout.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BankView {
    /// Date.
    pub date: String,
    /// Last four characters of the account number.
    pub account_tail: String,
    /// Amount.
    pub amount: Amount,
    /// Memo.
    pub memo: String,
    /// The line of the statement.
    pub evidence: EvidenceRef,
}

/// Which book is open.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BookStatus {
    /// Open.
    pub open: bool,
    /// Company.
    pub company: String,
    /// Path.
    pub path: String,
    /// Last day any file covers.
    pub data_until: Option<String>,
    /// Unlock methods.
    pub unlock_methods: Vec<String>,
    /// Names the shop gave to channels of its own, by their code.
    pub channel_names: BTreeMap<String, String>,
}

/// One bar of the waterfall.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComponentView {
    /// Name.
    pub name: String,
    /// Amount.
    pub amount: Amount,
    /// Rows behind it.
    #[ts(type = "number")]
    pub count: i64,
}

/// The verdict on one day.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DayView {
    /// Day.
    pub day: String,
    /// Stream.
    pub stream: String,
    /// Verdict.
    pub verdict: Verdict,
}

/// Where a figure was read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceRef {
    /// Document.
    pub document: String,
    /// File name.
    pub file_name: String,
    /// Line no.
    pub line_no: u32,
}

/// A line of a stored file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceView {
    /// File name.
    pub file_name: String,
    /// Sha256.
    pub sha256: String,
    /// Kind.
    pub kind: String,
    /// Line no.
    pub line_no: u32,
    /// Header text.
    pub header_text: Option<String>,
    /// Text.
    pub text: String,
    /// Before.
    pub before: Vec<String>,
    /// After.
    pub after: Vec<String>,
}

/// Why a command did not do what was asked.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Failure {
    /// What pages branch on.
    pub code: String,
    /// Message.
    pub message: String,
    /// Money moved.
    pub money_moved: MoneyMoved,
    /// Next step.
    pub next_step: String,
}

/// What became of a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportFile {
    /// Path.
    pub path: String,
    /// Its document in the book; none when nothing of it was kept.
    pub document: Option<String>,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: ImportState,
    /// Rows read.
    #[ts(type = "number")]
    pub rows_read: i64,
    /// Rows new.
    #[ts(type = "number")]
    pub rows_new: i64,
    /// Rows known.
    #[ts(type = "number")]
    pub rows_known: i64,
    /// Rows in the book with other figures; both are kept.
    #[ts(type = "number")]
    pub rows_changed: i64,
    /// Quarantined.
    #[ts(type = "number")]
    pub quarantined: i64,
    /// Problems.
    pub problems: Vec<ImportProblem>,
    /// Totals.
    pub totals: Vec<ImportTotal>,
    /// Reason.
    pub reason: Option<String>,
}

/// A row set aside.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportProblem {
    /// Line.
    pub line: u32,
    /// Code.
    pub code: String,
    /// Detail.
    pub detail: String,
}

/// What became of an import.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportReport {
    /// Files.
    pub files: Vec<ImportFile>,
    /// Cancelled.
    pub cancelled: bool,
}

/// A file's own total against its rows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportTotal {
    /// Name.
    pub name: String,
    /// Expected.
    pub expected: String,
    /// Found.
    pub found: String,
    /// Holds.
    pub holds: bool,
}

/// A page of a component's rows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LinePage {
    /// Lines.
    pub lines: Vec<PayoutLine>,
    /// Next.
    pub next: Option<String>,
    /// Rows behind the component, on every page.
    #[ts(type = "number")]
    pub count: i64,
    /// Of the component, on every page.
    pub sum: Amount,
    /// The part of the sum that was carried from the payout before and to the next: no row has it.
    pub carried: Amount,
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutFilter {
    /// Status.
    pub status: Option<PayoutStatus>,
    /// Channel.
    pub channel: Option<String>,
    /// `newest`, `oldest`, `largest`, `smallest`.
    pub sort: Option<String>,
}

/// A row behind a component.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutLine {
    /// Id.
    pub id: String,
    /// Wall clock of the channel.
    pub at: String,
    /// Component.
    pub component: String,
    /// Kind text.
    pub kind_text: String,
    /// Amount.
    pub amount: Amount,
    /// Fee.
    pub fee: Option<Amount>,
    /// Order id.
    pub order_id: String,
    /// Channel ref.
    pub channel_ref: String,
    /// Goods.
    pub goods: String,
    /// Evidence.
    pub evidence: EvidenceRef,
}

/// A page of payouts.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutPage {
    /// Rows.
    pub rows: Vec<PayoutRow>,
    /// Next.
    pub next: Option<String>,
    /// Payouts of the whole list.
    #[ts(type = "number")]
    pub count: i64,
}

/// A payout in a list.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutRow {
    /// Id.
    pub id: String,
    /// Channel.
    pub channel: String,
    /// Account no.
    pub account_no: String,
    /// Number.
    pub number: String,
    /// Day it left.
    pub date: String,
    /// Bank date.
    pub bank_date: Option<String>,
    /// Promised date.
    pub promised_date: Option<String>,
    /// Gross.
    pub gross: Amount,
    /// Taken off.
    pub taken_off: Amount,
    /// Paid.
    pub paid: Amount,
    /// Unexplained.
    pub unexplained: Amount,
    /// Status.
    pub status: PayoutStatus,
    /// Verdict.
    pub verdict: Verdict,
    /// Who has seen it, when, and how; `None` until somebody has.
    pub seen: Option<SeenView>,
}

/// A payout, whole.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutView {
    /// Row.
    pub row: PayoutRow,
    /// Components.
    pub components: Vec<ComponentView>,
    /// What the fees are made of, where the channel tells it; empty else.
    pub fee_parts: Vec<FeePartView>,
    /// Bank.
    pub bank: Option<BankView>,
    /// Days.
    pub days: Vec<DayView>,
    /// Breaks.
    pub breaks: Vec<BreakRow>,
}

/// Where one was in a book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export)]
pub struct Place {
    /// The page with what it is narrowed to, as the address after the program's name.
    pub address: String,
    /// The current row of its list, from 0.
    pub row: u32,
    /// How far the list or page was scrolled, in pixels.
    pub scroll: u32,
}

/// Language and colours.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Preferences {
    /// Language.
    pub language: String,
    /// Theme.
    pub theme: String,
    /// Language of statements; empty: that of the window.
    pub statement_language: String,
    /// `comfortable` or `compact`.
    pub density: String,
    /// The person's name, as decisions show it; empty for the system's user.
    #[serde(default)]
    pub person: String,
    /// True when the desktop is not told of long work that is over.
    #[serde(default)]
    pub quiet: bool,
    /// How channels are reached: empty for the computer's own way, `direct`, or a proxy's address.
    #[serde(default)]
    pub proxy: String,
    /// How large the window draws everything, percent; 0 while nobody has chosen.
    #[serde(default)]
    pub zoom: u32,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ImportState {
    /// `booked`.
    Booked,
    /// `known`.
    Known,
    /// `refused`.
    Refused,
    /// `needs_mapping`.
    NeedsMapping,
}

/// Whether money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MoneyMoved {
    /// `no`.
    No,
    /// `yes`.
    Yes,
    /// `unknown`.
    Unknown,
}

/// Where the review of a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PayoutStatus {
    /// `explained`.
    Explained,
    /// `question`.
    Question,
    /// `waiting`.
    Waiting,
}

/// What is said of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Verdict {
    /// `complete`.
    Complete,
    /// `waiting`.
    Waiting,
    /// `incomplete`.
    Incomplete,
    /// `contradictory`.
    Contradictory,
}
