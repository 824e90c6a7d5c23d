//! Bills: ask where a day's lies, then download the archive.
//!
//! Source: Alipay open platform, `alipay.data.dataservice.bill.downloadurl.query`, read 2026-11.
//! The link lives 30 seconds. The archive is neither signed nor announced by a hash: what proves
//! it complete are the totals in its summaries and the balance of the account.

use super::answer::Verifier;
use super::codes::{Call, Verdict};
use super::gateway::{Caller, Unsigned};
use super::{Account, contract, doubt};
use crate::error::{CallError, Doubt};
use crate::http::{Effect, HttpAnswer, HttpRequest, LARGEST_BILL, Url};
use domain::BusinessDate;
use serde::{Deserialize, Serialize};

/// Which bill of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillKind {
    /// Payments and refunds.
    Trade,
    /// Every move of the account's balance.
    Account,
}

impl BillKind {
    /// Everything worth fetching for a day.
    pub const DAILY: [Self; 2] = [Self::Trade, Self::Account];

    fn word(self) -> &'static str {
        match self {
            Self::Trade => "trade",
            Self::Account => "signcustomer",
        }
    }
}

/// Asks for a bill.
///
/// # Errors
/// [`CallError::NotSent`].
pub fn request(
    caller: &Caller<'_>,
    day: BusinessDate,
    kind: BillKind,
) -> Result<Unsigned, CallError> {
    #[derive(Serialize)]
    struct Wire {
        bill_type: &'static str,
        bill_date: String,
        /// Text, not a boolean: asks for a protected link.
        secure: &'static str,
    }
    let wire = Wire { bill_type: kind.word(), bill_date: day.to_string(), secure: "true" };
    caller.request(Call::Bill.method(), Effect::Reads, &wire)
}

/// Where a bill lies.
#[derive(Clone, PartialEq, Eq)]
pub struct BillTicket {
    url: String,
    /// True when Alipay says that the file has no rows.
    pub without_rows: bool,
}

/// The link carries a token.
impl std::fmt::Debug for BillTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BillTicket(…)")
    }
}

/// What Alipay has for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillOffer {
    /// A file.
    Ready(BillTicket),
    /// None: nothing happened that day, or it is too early. Alipay has one word for both; its
    /// plan says from when on the word is believed.
    Absent,
}

/// What there is.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when the link leads elsewhere.
pub fn read_request(
    verifier: &Verifier<'_>,
    account: &Account,
    answer: &HttpAnswer,
) -> Result<BillOffer, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        bill_download_url: String,
        bill_file_code: Option<String>,
    }
    if verifier.verdict(Call::Bill, answer) == Some(Verdict::NoBill) {
        return Ok(BillOffer::Absent);
    }
    let wire: Wire = verifier.open(Call::Bill, answer)?.fields(Effect::Reads)?;
    let url = protect(account, &wire.bill_download_url)
        .ok_or_else(|| contract(Effect::Reads, "bill_download_url leads elsewhere"))?;
    let without_rows = wire.bill_file_code.as_deref() == Some("EMPTY_DATA_WITH_BILL_FILE");
    Ok(BillOffer::Ready(BillTicket { url, without_rows }))
}

/// A link to a listed host or to where we call. An unprotected one is asked for protected: the
/// archive has nothing else to prove it on its way.
fn protect(account: &Account, link: &str) -> Option<String> {
    let url = Url::parse(link)?;
    if url.authority == account.base.authority() && url.is_protected() {
        return Some(link.to_owned());
    }
    if !account.bill_hosts.iter().any(|host| host == url.authority) {
        return None;
    }
    Some(format!("https://{}{}", url.authority, url.target))
}

/// Fetches the archive; the link is used as it came.
pub fn download(ticket: &BillTicket) -> HttpRequest {
    let mut request = HttpRequest::get(ticket.url.clone());
    request.largest_answer = LARGEST_BILL;
    request
}

/// The archive, whole: it opens, and every file in it is one we know how to read.
///
/// # Errors
/// [`CallError::OutcomeUnknown`] when the link has run out or the bytes are no such archive: ask
/// for a new link.
pub fn read_download(answer: &HttpAnswer) -> Result<Vec<u8>, CallError> {
    let reads = Effect::Reads;
    if answer.status != 200 {
        return Err(doubt(reads, Doubt::of_status(answer.status)));
    }
    let unreadable = || doubt(reads, Doubt::Unreadable { what: "an archive of bills" });
    if !answer.body.starts_with(b"PK\x03\x04") {
        return Err(unreadable());
    }
    let entries = crate::open_bytes("bill.zip", answer.body.clone()).map_err(|_| unreadable())?;
    if entries.is_empty() || entries.iter().any(|entry| entry.kind.is_err()) {
        return Err(unreadable());
    }
    Ok(answer.body.clone())
}
