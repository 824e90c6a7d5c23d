//! The one shape of every file reader: bytes in, typed rows and a closing summary out.

use domain::{BalanceTransaction, BankLine, BusinessDate, Channel, Currency, FundAccount, Order};
use domain::{SettlementLine, ShopRefund};
use std::ops::ControlFlow;
use thiserror::Error;

/// What a file is, found out from its content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// WeChat Pay trade bill.
    WechatTrade {
        /// Which rows it holds.
        rows: TradeRows,
        /// True for the 24-column layout without settlement columns.
        old_layout: bool,
    },
    /// WeChat Pay fund-flow bill.
    WechatFund,
    /// Alipay business details.
    AlipayTrade,
    /// Alipay business summary: control totals, no rows of its own.
    AlipayTradeSummary,
    /// Alipay account details.
    AlipayAccount,
    /// Alipay account summary: control totals, no rows of its own.
    AlipayAccountSummary,
    /// The clearing file of a day at UnionPay (`ZM`), read for its trades.
    UnionPayTrade {
        /// The clearing day.
        day: BusinessDate,
    },
    /// The same file, read for what its rows moved and what was paid.
    UnionPayClearing {
        /// The clearing day.
        day: BusinessDate,
    },
    /// UnionPay's adjustments of a clearing day (`ZME`).
    UnionPayAdjustment {
        /// The clearing day.
        day: BusinessDate,
    },
    /// What was fetched of a balance at Stripe, read for its sales and refunds.
    StripeTrade {
        /// The balance's currency.
        currency: Currency,
    },
    /// The same document, read for every row of the balance and what payouts are made of.
    StripeBalance {
        /// The balance's currency.
        currency: Currency,
    },
    /// Bank statement: OFX 1.x (SGML) or 2.x (XML).
    BankOfx,
    /// Bank statement: SWIFT MT940.
    BankMt940,
    /// Bank statement: ISO 20022 camt.053.
    BankCamt053,
    /// Orders fetched from a shop's own system, as the sync keeps them.
    ShopOrders,
    /// What a person recorded at the till, read for what buyers paid and got back.
    TillTrade {
        /// The tender.
        channel: Channel,
    },
    /// The same record, read for what it moved.
    TillMoves {
        /// The tender.
        channel: Channel,
    },
    /// A table (CSV or XLSX) that needs a column mapping; what it means is the mapping's target.
    Table {
        /// What the mapping in use says it is; `None` until a mapping is chosen.
        target: Option<TableTarget>,
    },
}

impl FileKind {
    /// What a file of this kind is read as: a file that tells trades and moves of the balance in
    /// the same rows is read for each by itself.
    pub(crate) fn readings(self) -> Vec<Self> {
        match self {
            Self::UnionPayClearing { day } => vec![Self::UnionPayTrade { day }, self],
            Self::StripeBalance { currency } => vec![Self::StripeTrade { currency }, self],
            Self::TillMoves { channel } => vec![Self::TillTrade { channel }, self],
            _ => vec![self],
        }
    }

    /// True for what a payment channel gives out, line by line.
    pub fn is_bill(&self) -> bool {
        match self {
            Self::WechatTrade { .. }
            | Self::WechatFund
            | Self::AlipayTrade
            | Self::AlipayTradeSummary
            | Self::AlipayAccount
            | Self::AlipayAccountSummary
            | Self::UnionPayTrade { .. }
            | Self::UnionPayClearing { .. }
            | Self::UnionPayAdjustment { .. }
            | Self::StripeTrade { .. }
            | Self::StripeBalance { .. } => true,
            Self::BankOfx
            | Self::BankMt940
            | Self::BankCamt053
            | Self::ShopOrders
            | Self::Table { .. }
            | Self::TillTrade { .. }
            | Self::TillMoves { .. } => false,
        }
    }

    /// The tender of what a person recorded; `None` for any other file.
    pub fn by_hand(&self) -> Option<Channel> {
        match self {
            Self::TillTrade { channel } | Self::TillMoves { channel } => Some(*channel),
            _ => None,
        }
    }

    /// The stable code used in JSON: `wechat_trade_all`, `alipay_account`…
    pub fn code(&self) -> &'static str {
        match self {
            Self::WechatTrade { rows: TradeRows::All, .. } => "wechat_trade_all",
            Self::WechatTrade { rows: TradeRows::Payments, .. } => "wechat_trade_success",
            Self::WechatTrade { rows: TradeRows::Refunds, .. } => "wechat_trade_refund",
            Self::WechatFund => "wechat_fund",
            Self::AlipayTrade => "alipay_trade",
            Self::AlipayTradeSummary => "alipay_trade_summary",
            Self::AlipayAccount => "alipay_account",
            Self::AlipayAccountSummary => "alipay_account_summary",
            Self::UnionPayTrade { .. } => "union_pay_trade",
            Self::UnionPayClearing { .. } => "union_pay_clearing",
            Self::UnionPayAdjustment { .. } => "union_pay_adjustment",
            Self::StripeTrade { .. } => "stripe_trade",
            Self::StripeBalance { .. } => "stripe_balance",
            Self::BankOfx => "bank_ofx",
            Self::BankMt940 => "bank_mt940",
            Self::BankCamt053 => "bank_camt053",
            Self::ShopOrders => "shop_orders",
            Self::TillTrade { .. } => "till_trade",
            Self::TillMoves { .. } => "till_moves",
            Self::Table { target: Some(TableTarget::Bank) } => "bank_table",
            Self::Table { target: Some(TableTarget::Orders) } => "orders_table",
            Self::Table { target: Some(TableTarget::Refunds) } => "refunds_table",
            Self::Table { target: Some(TableTarget::Settlements) } => "settlements_table",
            Self::Table { target: Some(TableTarget::Moves) } => "moves_table",
            Self::Table { target: None } => "table",
        }
    }
}

/// Which rows a WeChat trade bill holds (`bill_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TradeRows {
    /// Payments and refunds.
    All,
    /// Payments only (`SUCCESS`).
    Payments,
    /// Refunds only (`REFUND`).
    Refunds,
}

/// What a mapped table's rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableTarget {
    /// Bank lines.
    Bank,
    /// Orders.
    Orders,
    /// Refunds the shop asked for.
    Refunds,
    /// Sales and refunds as a channel settles them.
    Settlements,
    /// The same table, read for what its rows moved and what each day's payment was.
    Moves,
}

impl TableTarget {
    /// What a table of this target is read as, one after the other.
    pub fn readings(self) -> &'static [Self] {
        match self {
            Self::Bank => &[Self::Bank],
            Self::Orders => &[Self::Orders],
            Self::Refunds => &[Self::Refunds],
            Self::Settlements | Self::Moves => &[Self::Settlements, Self::Moves],
        }
    }
}

/// A typed row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Trade-bill row.
    Settlement(SettlementLine),
    /// Fund-bill row.
    Balance(BalanceTransaction),
    /// Bank statement row.
    Bank(BankLine),
    /// Order.
    Order(Order),
    /// Refund the shop asked for.
    Refund(ShopRefund),
}

/// One row as the reader hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Line in the decoded file, counted from 1 (header lines count too); row number in a sheet.
    pub line_no: u32,
    /// The fact, or why this row could not be read. A bad row is handed on, never dropped.
    pub fact: Result<Fact, RowProblem>,
}

/// Why one row could not be read. The file goes on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}: {detail}")]
pub struct RowProblem {
    /// Stable code, the key of the message shown: `bad_amount`, `bad_time`, `too_few_columns`…
    pub code: &'static str,
    /// The column and the offending value, at most 200 characters, control characters removed.
    pub detail: String,
    /// The row as it stood, at most 4 000 characters, so it can be mended and replayed.
    pub raw: String,
}

/// One comparison of a file with its own closing lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable code: `row_count`, `sum:手续费总金额`, `running_balance`…
    pub code: String,
    /// Currency of both figures, where they are amounts.
    pub currency: Currency,
    /// What the file announces (a count, or minor units).
    pub expected: i64,
    /// What its rows add up to.
    pub found: i64,
    /// First line where they part; `None` when they agree or no single line can be named.
    pub line_no: Option<u32>,
}

impl Check {
    /// A comparison of counts, or of amounts as the channels keep them; no line can be named.
    pub(crate) fn yuan(code: impl Into<String>, expected: i64, found: i64) -> Self {
        Self { code: code.into(), currency: Currency::CNY, expected, found, line_no: None }
    }

    /// True when the file agrees with itself.
    pub fn holds(&self) -> bool {
        self.expected == self.found
    }
}

/// What was on an account before the first and after the last row of a file, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balances {
    /// Currency of both.
    pub currency: Currency,
    /// Before the first row.
    pub opening_minor: i64,
    /// After the last row.
    pub closing_minor: i64,
}

impl Balances {
    /// Of an account in yuan, as the channels keep them; none where they are not known.
    pub(crate) fn yuan(both: Option<(i64, i64)>) -> Vec<Self> {
        both.map(|both| Self::of(Currency::CNY, both)).into_iter().collect()
    }

    pub(crate) fn of(currency: Currency, (opening_minor, closing_minor): (i64, i64)) -> Self {
        Self { currency, opening_minor, closing_minor }
    }
}

/// What is known of a file after its last row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// Rows handed to the sink, good and bad.
    pub rows_read: u64,
    /// The merchant's number at the channel, or the bank account number, where the file names it.
    pub account_no: Option<String>,
    /// Which account of the merchant a WeChat fund bill seems to be about, by its rows.
    pub fund_account: Option<FundAccount>,
    /// First and last day the file says it covers, or that its rows cover. Both inside.
    pub days: Option<(BusinessDate, BusinessDate)>,
    /// True when `days` is what the file announces, not what its rows show.
    pub days_announced: bool,
    /// True when the file announces that it begins or ends within a day.
    pub part_of_day: bool,
    /// When the channel made the file, UTC ms, where the file says so.
    pub issued_at_ms: Option<i64>,
    /// Balances where the file says or implies them, one for each currency of its only account.
    pub balances: Vec<Balances>,
    /// Every comparison with the file's own summary.
    pub checks: Vec<Check>,
    /// Totals worth showing, by stable name, in minor units or counts.
    pub totals: Vec<(String, i64)>,
    /// Columns the reader did not know; their values are in the rows' `extra`.
    pub unknown_columns: Vec<String>,
    /// Column header line as printed, which [`crate::replay_row`] needs; empty where the kind
    /// of file has none.
    pub header: String,
    /// A mark for each line of a bill as it came, see [`crate::marks`]; empty for other files.
    pub marks: Vec<u8>,
    /// Which orders of a shop the file has, and which the shop no longer gave out; `None` for
    /// other files.
    pub listed: Option<Listed>,
}

/// Orders of a shop, by the platform's ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// In the file.
    pub there: Vec<String>,
    /// Asked for, and not given out.
    pub gone: Vec<String>,
}

/// Why a whole file was refused. Nothing of it may be booked.
#[derive(Debug, Error)]
pub enum FileProblem {
    /// Not a kind we read. `hint` names the look-alike, when it is one.
    #[error("not a file this program reads{}", in_brackets(.hint.as_deref()))]
    Unknown {
        /// Stable code of a known look-alike: `alipay_personal_export`, `alipay_web_export`…
        hint: Option<String>,
    },
    /// Ends in the middle: the closing lines are missing or cut.
    #[error("the file is cut off after line {line_no}")]
    Truncated {
        /// Last whole line.
        line_no: u32,
    },
    /// The container or the compression is broken.
    #[error("the file is damaged: {detail}")]
    Damaged {
        /// What broke.
        detail: String,
    },
    /// Bytes that are not the encoding of this kind of file.
    #[error("line {line_no} is not {encoding}")]
    Encoding {
        /// First bad line.
        line_no: u32,
        /// What was expected.
        encoding: &'static str,
    },
    /// A needed column is missing.
    #[error("the column {column} is missing")]
    MissingColumn {
        /// The column's header.
        column: String,
    },
    /// Bigger than anything real: a line, a cell, an unpacked size, a ratio, a nesting.
    #[error("refused: {what} is over the limit of {limit}")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A table that needs a mapping first.
    #[error("choose what the columns of this table mean")]
    NeedsMapping,
    /// The sink asked to stop (cancel).
    #[error("stopped")]
    Stopped,
    /// The file could not be read.
    #[error("cannot read the file")]
    Io(#[source] std::io::Error),
}

/// Takes the rows one by one; `Break` stops the reader with [`FileProblem::Stopped`].
pub type Sink<'a> = &'a mut dyn FnMut(Row) -> ControlFlow<()>;

fn in_brackets(hint: Option<&str>) -> String {
    hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
}
