//! Transactions, bank lines and certificates as they cross to the window.

use super::convert::{date, money, verdict};
use super::{Amount, EvidenceRef, FeePartView, PaidView, PostingView, Verdict};
use crate::error::Error;
use crate::lists::CertificateRow;
use crate::transactions::{
    Back, BalanceRow, Detail, Sort, Sums, Transaction, TransactionFilter, Words,
};
use crate::views::View;
use domain::{BusinessDate, Channel, format_channel_time};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a list of transactions is narrowed to, and its order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransactionQuery {
    /// `trade` or `fund`.
    pub source: String,
    /// `newest`, `oldest`, `largest`, `smallest`.
    pub sort: String,
    /// Channel code.
    pub channel: Option<String>,
    /// Kind code.
    pub kind: Option<String>,
    /// Status code.
    pub status: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Smallest amount, as typed in the major unit.
    pub least: Option<String>,
    /// Largest amount, as typed in the major unit.
    pub most: Option<String>,
    /// An order, payment or refund number, whole.
    pub number: Option<String>,
    /// How buyers paid, in the channel's word.
    pub scene: Option<String>,
    /// What they paid from, in the channel's word.
    pub bank: Option<String>,
    /// How much was given back: `none`, `part`, `whole`.
    pub back: Option<String>,
}

/// A row of a trade bill or of a balance.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransactionRow {
    /// Id.
    pub id: String,
    /// Channel.
    pub channel: String,
    /// Account no.
    pub account_no: String,
    /// Wall clock of the channel.
    pub at: String,
    /// Day of its bill.
    pub day: String,
    /// Kind.
    pub kind: String,
    /// The channel's own words; empty on a trade bill.
    pub kind_text: String,
    /// Status; a move of the balance has none.
    pub status: Option<String>,
    /// The shop's number.
    pub order_id: String,
    /// The channel's payment number.
    pub payment_id: String,
    /// The shop's refund number; on a balance the number of the move.
    pub refund_id: String,
    /// Goods or remark.
    pub goods: String,
    /// Settled, or moved.
    pub amount: Amount,
    /// Fee; on a balance fees are rows of their own.
    pub fee: Option<Amount>,
    /// Order total; on a balance the balance afterwards.
    pub total: Option<Amount>,
    /// How the buyer paid, in the channel's word; empty where nobody says.
    pub scene: String,
    /// What the buyer paid from, in the channel's word.
    pub bank: String,
    /// What that is in the dictionary of tenders, names are `tender.<code>`; `other` for a word
    /// nobody knows.
    pub source: Option<String>,
    /// How the buyer confirmed it, `tender.confirm.<code>`, where the row says so.
    pub confirm: Option<String>,
    /// Of a payment, what was given back; none where nothing was.
    pub back: Option<Amount>,
    /// How much that is: `none`, `part`, `whole`; none of other rows.
    pub back_how: Option<String>,
    /// Where it was read.
    pub evidence: EvidenceRef,
}

/// Words that payments can be narrowed to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PaymentWords {
    /// How buyers paid.
    pub scenes: Vec<String>,
    /// What they paid from.
    pub banks: Vec<String>,
}

/// A page of transactions.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransactionPage {
    /// Rows.
    pub rows: Vec<TransactionRow>,
    /// Next.
    pub next: Option<String>,
}

/// Count and sums of one currency.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SumView {
    /// Rows.
    #[ts(type = "number")]
    pub count: i64,
    /// Summed amounts.
    pub amount: Amount,
    /// Summed fees.
    pub fee: Amount,
}

/// An order of the shop.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderView {
    /// Order id.
    pub order_id: String,
    /// When it was made.
    pub at: String,
    /// The shop's own word.
    pub status: String,
    /// Amount.
    pub amount: Amount,
    /// Goods.
    pub goods: String,
    /// Where it was read.
    pub evidence: EvidenceRef,
}

/// A payout as a place to go to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PayoutRef {
    /// Id.
    pub id: String,
    /// Channel.
    pub channel: String,
    /// Number.
    pub number: String,
    /// What the channel paid.
    pub amount: Amount,
}

/// A transaction with everything of its payment.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TransactionDetail {
    /// Orders of the shop.
    pub orders: Vec<OrderView>,
    /// Rows of trade bills.
    pub trade: Vec<TransactionRow>,
    /// Moves of the balance.
    pub fund: Vec<TransactionRow>,
    /// The payout each of those moves sits in, by id.
    pub payouts: Vec<Option<String>>,
    /// The entry this line makes.
    pub postings: Vec<PostingView>,
    /// What the fee of this line is made of, where the channel tells it.
    pub fee_parts: Vec<FeePartView>,
    /// How the payment was made, as far as this line says.
    pub paid: PaidView,
    /// The file this line stands in.
    pub file_name: String,
}

/// A saved view.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ViewRow {
    /// Name.
    pub name: String,
    /// What the list was narrowed to, as JSON.
    pub body: String,
}

/// One check of a certificate with its evidence.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CheckView {
    /// Code.
    pub code: String,
    /// Holds.
    pub holds: bool,
    /// Expected.
    pub expected: Option<String>,
    /// Found.
    pub found: Option<String>,
    /// Where it was read.
    pub evidence: Option<EvidenceRef>,
    /// True where no single line says it but the whole file, whose first line `evidence` then is.
    pub whole: bool,
}

/// The verdict on one account, stream and day.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CertificateView {
    /// Channel.
    pub channel: String,
    /// Account no.
    pub account_no: String,
    /// Stream.
    pub stream: String,
    /// Day.
    pub day: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Checks.
    pub checks: Vec<CheckView>,
}

/// How far figures can be trusted.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Freshness {
    /// Last day any file covers.
    pub data_until: Option<String>,
    /// Every day up to this one is complete.
    pub final_until: Option<String>,
    /// The first day that is not.
    pub first_open: Option<String>,
    /// Days of accounts that are not complete.
    #[ts(type = "number")]
    pub open_days: i64,
    /// Codes of the channels that the book has files of.
    pub channels: Vec<String>,
}

/// Rows are named by their line; the file's name is asked for with the line itself.
pub(super) fn line(document: i64, line_no: u32) -> EvidenceRef {
    EvidenceRef { document: document.to_string(), file_name: String::new(), line_no }
}

/// A day as typed or chosen.
///
/// # Errors
/// [`Error::BadInput`] for text that is no day.
pub(super) fn day(field: &'static str, text: Option<&str>) -> Result<Option<BusinessDate>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = BusinessDate::parse(text);
    day.map(Some).ok_or_else(|| Error::BadInput { field, reason: text.chars().take(40).collect() })
}

/// The channel of a filter.
///
/// # Errors
/// [`Error::BadInput`] for a code that is none.
pub(super) fn channel(text: Option<&str>) -> Result<Option<Channel>, Error> {
    let Some(code) = text.filter(|code| !code.is_empty()) else { return Ok(None) };
    let channel = Channel::from_code(code);
    let reason = || code.chars().take(40).collect();
    channel.map(Some).ok_or_else(|| Error::BadInput { field: "channel", reason: reason() })
}

/// The order of a list.
///
/// # Errors
/// [`Error::BadInput`] for a code that is none.
pub(super) fn sort(text: Option<&str>) -> Result<Sort, Error> {
    let Some(code) = text.filter(|code| !code.is_empty()) else { return Ok(Sort::default()) };
    let reason = || code.chars().take(40).collect();
    Sort::from_code(code).ok_or_else(|| Error::BadInput { field: "sort", reason: reason() })
}

/// An amount as a person types it, `1,234.5` or `140`.
pub(super) fn typed(field: &'static str, text: Option<&str>) -> Result<Option<i64>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let minor = domain::money::parse_minor(text, 2).ok().map(i64::abs).map(Some);
    minor.ok_or_else(|| Error::BadInput { field, reason: text.chars().take(40).collect() })
}

fn back(code: &str) -> Result<Back, Error> {
    let reason = || code.chars().take(40).collect();
    Back::from_code(code).ok_or_else(|| Error::BadInput { field: "back", reason: reason() })
}

impl TransactionQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a day, amount, channel or order of rows that is none.
    pub fn filter(&self) -> Result<TransactionFilter, Error> {
        let chosen = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let sort = Sort::from_code(&self.sort);
        Ok(TransactionFilter {
            channel: channel(self.channel.as_deref())?,
            from_day: day("from", self.from.as_deref())?.map(BusinessDate::days),
            until_day: day("to", self.to.as_deref())?.map(|day| day.plus_days(1).days()),
            number: chosen(&self.number).map(|number| number.trim().to_owned()),
            kind: chosen(&self.kind),
            status: chosen(&self.status),
            min_minor: typed("least", self.least.as_deref())?,
            max_minor: typed("most", self.most.as_deref())?,
            scene: chosen(&self.scene),
            paying_bank: chosen(&self.bank),
            back: chosen(&self.back).map(|code| back(&code)).transpose()?,
            sort: sort.ok_or_else(|| Error::BadInput {
                field: "sort",
                reason: self.sort.chars().take(40).collect(),
            })?,
        })
    }
}

impl From<Transaction> for TransactionRow {
    fn from(row: Transaction) -> Self {
        let amount = |minor| money(minor, &row.currency);
        Self {
            id: row.id.to_string(),
            at: format_channel_time(row.at_ms),
            day: date(row.day),
            kind: row.kind.to_owned(),
            kind_text: String::new(),
            status: Some(row.status.to_owned()),
            amount: amount(row.settled_minor),
            back: (row.back_minor > 0).then(|| amount(row.back_minor)),
            back_how: (row.kind == "payment")
                .then(|| Back::of(row.order_minor, row.back_minor).code().to_owned()),
            scene: row.scene,
            bank: row.paying_bank,
            source: row.source.map(str::to_owned),
            confirm: row.confirm.map(str::to_owned),
            fee: Some(amount(row.fee_minor)),
            total: Some(amount(row.order_minor)),
            evidence: line(row.document, row.line_no),
            channel: row.channel,
            account_no: row.account_no,
            order_id: row.order_id,
            payment_id: row.payment_id,
            refund_id: row.merchant_refund_id,
            goods: row.goods,
        }
    }
}

impl From<BalanceRow> for TransactionRow {
    fn from(row: BalanceRow) -> Self {
        let amount = |minor| money(minor, &row.currency);
        Self {
            id: row.id.to_string(),
            at: format_channel_time(row.at_ms),
            day: date(row.day),
            kind: row.kind.to_owned(),
            status: None,
            amount: amount(row.amount_minor),
            fee: None,
            scene: String::new(),
            bank: String::new(),
            source: None,
            confirm: None,
            back: None,
            back_how: None,
            total: row.balance_minor.map(amount),
            evidence: line(row.document, row.line_no),
            kind_text: row.kind_text,
            channel: row.channel,
            account_no: row.account_no,
            order_id: row.merchant_ref,
            payment_id: row.payment_id,
            refund_id: row.channel_ref,
            goods: row.remark,
        }
    }
}

impl From<Words> for PaymentWords {
    fn from(words: Words) -> Self {
        Self { scenes: words.scenes, banks: words.banks }
    }
}

impl From<Sums> for SumView {
    fn from(sum: Sums) -> Self {
        let amount = |minor| money(minor, &sum.currency);
        Self { count: sum.count, amount: amount(sum.amount_minor), fee: amount(sum.fee_minor) }
    }
}

impl From<Detail> for TransactionDetail {
    fn from(detail: Detail) -> Self {
        let orders = detail.orders.into_iter().map(|order| OrderView {
            at: format_channel_time(order.ordered_at_ms),
            amount: money(order.amount_minor, &order.currency),
            evidence: line(order.document, order.line_no),
            order_id: order.order_id,
            status: order.status_text,
            goods: order.goods,
        });
        let part =
            |(name, minor): &(String, i64)| FeePartView::of(name, *minor, &detail.fee_currency);
        let fee_parts = detail.fee_parts.iter().map(part).collect();
        let paid = PaidView::new(&detail.paid, &detail.fee_currency);
        let (fund, payouts) = detail.fund.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        Self {
            paid,
            orders: orders.collect(),
            trade: detail.trade.into_iter().map(TransactionRow::from).collect(),
            fund: fund.into_iter().map(TransactionRow::from).collect(),
            payouts,
            postings: detail.postings.into_iter().map(PostingView::from).collect(),
            fee_parts,
            file_name: detail.file_name,
        }
    }
}

impl From<View> for ViewRow {
    fn from(view: View) -> Self {
        Self { name: view.name, body: view.body }
    }
}

impl From<CertificateRow> for CertificateView {
    fn from(row: CertificateRow) -> Self {
        let checks = row.checks.as_array().cloned().unwrap_or_default();
        Self {
            day: date(row.day),
            verdict: verdict(&row.verdict),
            checks: checks.iter().map(check).collect(),
            channel: row.channel,
            account_no: row.account_no,
            stream: row.stream,
        }
    }
}

/// Counts are shown as they are, everything else is money: of the yuan unless it says otherwise.
fn check(check: &serde_json::Value) -> CheckView {
    let code = check["code"].as_str().unwrap_or_default().to_owned();
    let counts = code.starts_with("count:")
        || code.ends_with("count")
        || code.ends_with("笔数")
        || code.starts_with("row")
        || ["quarantined", "payments_and_refunds", "line_chain"].contains(&code.as_str());
    let currency = check["currency"].as_str();
    let shown = |value: &serde_json::Value| {
        value.as_i64().map(|value| match counts {
            true => value.to_string(),
            false => money(value, currency.unwrap_or("CNY")).major,
        })
    };
    let line_no = check["line_no"].as_u64().and_then(|line| u32::try_from(line).ok());
    let evidence = check["document"].as_i64().map(|document| line(document, line_no.unwrap_or(1)));
    CheckView {
        holds: check["holds"].as_bool().unwrap_or(false),
        expected: shown(&check["expected"]),
        found: shown(&check["found"]),
        evidence,
        whole: line_no.is_none(),
        code,
    }
}

impl From<crate::lists::Freshness> for Freshness {
    fn from(found: crate::lists::Freshness) -> Self {
        Self {
            data_until: found.data_until.map(date),
            final_until: found.final_until.map(date),
            first_open: found.first_open.map(date),
            open_days: found.open_days,
            channels: found.channels.into_iter().map(str::to_owned).collect(),
        }
    }
}
