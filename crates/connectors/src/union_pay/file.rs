//! The file of a clearing day: ask for it, and get the archive out of the answer.
//!
//! Source: ACP, file download (76), read 2026-11. The content is an archive, packed once more
//! with zlib and written as Base64 into a signed field.

use super::codes::{self, Call, Verdict};
use super::message::{Fields, Verifier};
use super::{Account, contract, doubt, write_time};
use crate::error::{CallError, Doubt};
use crate::http::{Effect, HttpAnswer, HttpRequest, LARGEST_BILL};
use crate::keys::SigningKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::BusinessDate;
use flate2::read::ZlibDecoder;
use std::io::Read;

const READS: Effect = Effect::Reads;

/// Asks for the file of a clearing day. `now_ms` is the channel's clock.
///
/// # Errors
/// [`CallError::NotSent`] when the key cannot sign.
pub fn request(
    account: &Account,
    day: BusinessDate,
    now_ms: i64,
    key: &SigningKey,
) -> Result<HttpRequest, CallError> {
    let mut fields = Fields::default();
    fields
        .set("version", "5.1.0")
        .set("encoding", "UTF-8")
        .set("txnType", "76")
        .set("txnSubType", "01")
        .set("bizType", "000000")
        .set("accessType", "0")
        .set("merId", account.mer_id.as_str())
        .set("settleDate", month_and_day(day))
        .set("txnTime", write_time(now_ms))
        .set("fileType", "00");
    let signed = fields.sign(&account.cert_id, key)?;
    let mut request = signed.post(account.file_base.join("/"), READS);
    request.largest_answer = LARGEST_BILL;
    Ok(request)
}

fn month_and_day(day: BusinessDate) -> String {
    day.naive().format("%m%d").to_string()
}

/// What UnionPay has for a day.
#[derive(Clone, PartialEq, Eq)]
pub enum FileOffer {
    /// The archive and its name.
    Ready {
        /// `merId_YYYYMMDD.zip`.
        name: String,
        /// A ZIP archive.
        archive: Vec<u8>,
    },
    /// None: nothing was cleared that day, or it is too early. Its plan says from when on the
    /// word is believed.
    Absent,
}

impl std::fmt::Debug for FileOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ready { name, archive } => write!(f, "Ready({name}, {} bytes)", archive.len()),
            Self::Absent => f.write_str("Absent"),
        }
    }
}

/// What there is. The question names no year, so the name of the file has to.
///
/// # Errors
/// See [`Verifier::fields`]; [`CallError::Contract`] for the file of another day or merchant and
/// for content that is no archive.
pub fn read(
    verifier: &Verifier<'_>,
    account: &Account,
    day: BusinessDate,
    answer: &HttpAnswer,
) -> Result<FileOffer, CallError> {
    let fields = verifier.fields(READS, answer)?;
    match fields.get("respCode").and_then(codes::meaning) {
        Some(Verdict::Yes) => {}
        Some(Verdict::NoFile) => return Ok(FileOffer::Absent),
        _ => return Err(codes::refuse(Call::File, &fields)),
    }
    if fields.get("merId") != Some(account.mer_id.as_str()) {
        return Err(contract(READS, "the file of another merchant"));
    }
    let name = fields.get("fileName").unwrap_or_default();
    let stem = name.strip_suffix(".zip").and_then(|stem| stem.rsplit_once('_'));
    if stem.and_then(|(_, date)| BusinessDate::parse(date)) != Some(day) {
        return Err(contract(READS, "the file of another day"));
    }
    let content = fields.get("fileContent").unwrap_or_default();
    let archive = unpack(content)?;
    Ok(FileOffer::Ready { name: name.to_owned(), archive })
}

/// Base64, then zlib.
pub(super) fn unpack(content: &str) -> Result<Vec<u8>, CallError> {
    let broken = |_| contract(READS, "fileContent is not Base64");
    let packed = STANDARD.decode(content).map_err(broken)?;
    let mut plain = Vec::new();
    // An archive hardly shrinks when it is packed again.
    let most = (packed.len() as u64).saturating_mul(20).clamp(1 << 20, LARGEST_BILL);
    ZlibDecoder::new(packed.as_slice())
        .take(most + 1)
        .read_to_end(&mut plain)
        .map_err(|_| contract(READS, "fileContent is not packed with zlib"))?;
    if plain.len() as u64 > most {
        return Err(doubt(READS, Doubt::TooLarge));
    }
    Ok(plain)
}
