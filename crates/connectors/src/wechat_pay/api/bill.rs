//! Bills: ask for a day's, then download the file it points to.
//!
//! Source: WeChat Pay APIv3, "Apply for trade bill", "Apply for fund bill", "Download", read
//! 2026-11. The first answer is signed and announces the SHA-1 of the plain file; the file itself
//! comes unsigned, so that hash is what proves it.

use super::codes::{self, Call, Verdict};
use super::verify::Verifier;
use super::{Account, contract, doubt, read_json};
use crate::bill::TradeRows;
use crate::error::{CallError, Doubt};
use crate::http::{Effect, HttpAnswer, HttpRequest, LARGEST_BILL, Url};
use crate::keys::sha1;
use domain::{BusinessDate, FundAccount};
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::io::Read;

/// An unpacked bill holds at most this many bytes for each packed one.
const LARGEST_RATIO: u64 = 200;

/// Which bill of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillKind {
    /// Receipts and refunds.
    Trade(TradeRows),
    /// Moves of one of our accounts.
    Fund(FundAccount),
}

impl BillKind {
    /// Everything worth fetching for a day.
    pub const DAILY: [Self; 4] = [
        Self::Trade(TradeRows::All),
        Self::Fund(FundAccount::Basic),
        Self::Fund(FundAccount::Operation),
        Self::Fund(FundAccount::Fees),
    ];
}

/// Asks for a bill, packed with gzip.
pub fn request(account: &Account, day: BusinessDate, kind: BillKind) -> HttpRequest {
    let (path, kind) = match kind {
        BillKind::Trade(TradeRows::All) => ("tradebill", "bill_type=ALL"),
        BillKind::Trade(TradeRows::Payments) => ("tradebill", "bill_type=SUCCESS"),
        BillKind::Trade(TradeRows::Refunds) => ("tradebill", "bill_type=REFUND"),
        BillKind::Fund(FundAccount::Basic) => ("fundflowbill", "account_type=BASIC"),
        BillKind::Fund(FundAccount::Operation) => ("fundflowbill", "account_type=OPERATION"),
        BillKind::Fund(FundAccount::Fees) => ("fundflowbill", "account_type=FEES"),
    };
    account.get(&format!("/v3/bill/{path}?bill_date={day}&{kind}&tar_type=GZIP"))
}

/// Where a bill lies and what it must be. The link lives for seconds or minutes: fetch at once.
#[derive(Clone, PartialEq, Eq)]
pub struct BillTicket {
    url: String,
    /// SHA-1 of the plain file.
    pub sha1: [u8; 20],
}

/// The link carries a token.
impl std::fmt::Debug for BillTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BillTicket(…)")
    }
}

/// What the channel has for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillOffer {
    /// A file.
    Ready(BillTicket),
    /// Nothing happened that day, in the channel's own words.
    Empty,
    /// Not made yet.
    NotYet,
}

/// What there is.
///
/// # Errors
/// See [`Verifier::open`]; [`CallError::Contract`] when the link leads elsewhere or the hash is
/// none.
pub fn read_request(
    verifier: &Verifier<'_>,
    account: &Account,
    answer: &HttpAnswer,
) -> Result<BillOffer, CallError> {
    #[derive(Deserialize)]
    struct Wire {
        hash_type: String,
        hash_value: String,
        download_url: String,
    }
    match codes::read_refusal(Call::Bill, answer) {
        Some(Verdict::NoBill) => return Ok(BillOffer::Empty),
        Some(Verdict::NotYet) => return Ok(BillOffer::NotYet),
        _ => {}
    }
    let verified = verifier.open(Call::Bill, answer)?;
    let wire: Wire = read_json(&verified, Effect::Reads)?;
    if wire.hash_type != "SHA1" {
        return Err(contract(Effect::Reads, "hash_type is not SHA1"));
    }
    let Some(sha1) = read_hex(&wire.hash_value) else {
        return Err(contract(Effect::Reads, "hash_value is no SHA-1"));
    };
    if !is_ours(account, &wire.download_url) {
        return Err(contract(Effect::Reads, "download_url leads to another host"));
    }
    Ok(BillOffer::Ready(BillTicket { url: wire.download_url, sha1 }))
}

/// A link to the channel itself, and nowhere else.
fn is_ours(account: &Account, link: &str) -> bool {
    Url::parse(link).is_some_and(|url| {
        let listed = account.bill_hosts.iter().any(|host| host == url.authority);
        url.is_protected() && (listed || url.authority == account.base.authority())
    })
}

fn read_hex(text: &str) -> Option<[u8; 20]> {
    if text.len() != 40 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 20];
    for (byte, at) in bytes.iter_mut().zip((0..40).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Fetches the file; the link is used as it came.
pub fn download(ticket: &BillTicket) -> HttpRequest {
    let mut request = HttpRequest::get(ticket.url.clone());
    request.largest_answer = LARGEST_BILL;
    request
}

/// The plain file, which is the announced one.
///
/// # Errors
/// [`CallError::Rejected`] with [`crate::error::Act::AskAgain`] when the link has run out,
/// [`CallError::OutcomeUnknown`] when the bytes are not the announced file.
pub fn read_download(ticket: &BillTicket, answer: &HttpAnswer) -> Result<Vec<u8>, CallError> {
    if answer.status != 200 {
        return Err(codes::refuse(Call::Download, answer));
    }
    let plain = unpack(&answer.body).map_err(|why| doubt(Effect::Reads, why))?;
    if sha1(&plain) != ticket.sha1 {
        return Err(doubt(Effect::Reads, Doubt::WrongHash));
    }
    Ok(plain)
}

/// The hash is over the unpacked file, read to its end.
fn unpack(body: &[u8]) -> Result<Vec<u8>, Doubt> {
    if !body.starts_with(&[0x1F, 0x8B]) {
        return Ok(body.to_vec());
    }
    let ratio = (body.len() as u64).saturating_mul(LARGEST_RATIO);
    let most = ratio.clamp(1 << 20, 16 * LARGEST_BILL);
    let mut plain = Vec::new();
    GzDecoder::new(body)
        .take(most + 1)
        .read_to_end(&mut plain)
        .map_err(|_| Doubt::Unreadable { what: "gzip" })?;
    if plain.len() as u64 > most {
        return Err(Doubt::TooLarge);
    }
    Ok(plain)
}
