//! Statements given out: each file is remembered by its hash, so that a file that comes back can
//! be told to be genuine, altered or unknown.

use super::{Format, Subject, statement};
use crate::error::Error;
use connectors::bill::FileKind;
use domain::BusinessDate;
use messages::Lang;
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::Book;
use store::bulk::{Cell, Reader, Writer};

/// Files bigger than this are none of ours.
const VERIFY_LIMIT: u64 = 64 << 20;

/// A statement that was given out.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Issued {
    /// Its number in this book.
    pub id: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Hash of what it says, printed on its pages.
    pub content_hash: String,
    /// Name it was written under.
    pub file_name: String,
    /// `pdf`, `xlsx` or `csv`.
    pub format: String,
    /// Language.
    pub lang: String,
    /// `payout:<number>` or `period:<first day>:<last day>:<channel>`.
    pub subject: String,
    /// Its total.
    pub total_minor: i64,
    /// Currency.
    pub currency: String,
    /// When, UTC ms.
    pub issued_at_ms: i64,
}

/// What a file is to this book.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verification {
    /// Byte for byte a statement of this book.
    Genuine {
        /// Which.
        statement: Issued,
    },
    /// Byte for byte a statement of this book, and a later one of the same says something else.
    Superseded {
        /// Which.
        statement: Issued,
        /// The latest of the same subject and language.
        by: Issued,
    },
    /// It carries the hash of a statement of this book and is not that file.
    Altered {
        /// Which it claims to be.
        statement: Issued,
    },
    /// Nothing of this book.
    Unknown,
}

/// A statement just made.
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// Hash of what it says.
    pub content_hash: String,
    total_minor: i64,
    currency: String,
    subject: String,
}

impl Format {
    /// The stable code, which is the file's ending too.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// The format of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pdf, Self::Xlsx, Self::Csv].into_iter().find(|format| format.code() == code)
    }
}

/// Makes the file of a statement; [`record`] remembers it once it is written.
///
/// # Errors
/// As [`super::make`].
pub fn make_to_issue(
    reader: &mut Reader,
    subject: &Subject,
    lang: Lang,
    company: &str,
    format: Format,
) -> Result<Made, Error> {
    let said = statement(reader, subject, lang, company)?;
    let bytes = match format {
        Format::Pdf => documents::render_pdf(&said)?,
        Format::Xlsx => documents::render_xlsx(&said)?,
        Format::Csv => documents::render_csv(&said)?,
    };
    let subject = match (&said.kind, subject) {
        (documents::StatementKind::Payout(head), _) => format!("payout:{}", head.number),
        (_, Subject::Period { period, channel, .. }) => {
            let channel = channel.map_or("all", domain::Channel::code);
            format!("period:{}:{}:{channel}", period.from, period.until.plus_days(-1))
        }
        (_, Subject::Payout(id)) => format!("payout:{id}"),
    };
    Ok(Made {
        bytes,
        content_hash: crate::import::hex(&documents::content_hash(&said)),
        total_minor: said.total_minor,
        currency: said.currency.code().to_owned(),
        subject,
    })
}

/// Remembers a statement that was written to `file_name`. The same bytes are one statement.
///
/// # Errors
/// The database's.
pub fn record(
    book: &Book,
    made: &Made,
    format: Format,
    lang: Lang,
    file_name: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let sha256 = crate::import::hex(&Sha256::digest(&made.bytes));
    let mut writer = Writer::open(book)?;
    let mut loader = writer.begin()?;
    loader.execute(
        "insert into issued_statement (id, sha256, content_hash, file_name, format, lang, \
         subject, total_minor, currency, issued_at_ms) \
         select coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9 \
         from issued_statement where true on conflict (sha256) do nothing",
        &[
            Cell::Text(&sha256),
            Cell::Text(&made.content_hash),
            Cell::Text(file_name),
            Cell::Text(format.code()),
            Cell::Text(lang.code()),
            Cell::Text(&made.subject),
            Cell::Int(made.total_minor),
            Cell::Text(&made.currency),
            Cell::Int(now_ms),
        ],
    )?;
    loader.commit()?;
    Ok(())
}

/// Every statement given out, the latest first.
///
/// # Errors
/// The database's.
pub fn list_issued(reader: &mut Reader) -> Result<Vec<Issued>, Error> {
    let mut found = Vec::new();
    reader.query(
        "select id, sha256, content_hash, file_name, format, lang, subject, total_minor, \
         currency, issued_at_ms from issued_statement order by id desc",
        &[],
        |row| {
            let text = |at| row.text(at).map(str::to_owned);
            found.push(Issued {
                id: row.int(0)?,
                sha256: text(1)?,
                content_hash: text(2)?,
                file_name: text(3)?,
                format: text(4)?,
                lang: text(5)?,
                subject: text(6)?,
                total_minor: row.int(7)?,
                currency: text(8)?,
                issued_at_ms: row.int(9)?,
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// Tells what a file is to this book.
///
/// # Errors
/// [`Error::File`] when it cannot be read; the database's.
pub fn verify_file(reader: &mut Reader, path: &std::path::Path) -> Result<Verification, Error> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > VERIFY_LIMIT {
        return Ok(Verification::Unknown);
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let sha256 = crate::import::hex(&Sha256::digest(&bytes));
    let issued = list_issued(reader)?;
    if let Some(statement) = issued.iter().find(|statement| statement.sha256 == sha256) {
        let statement = statement.clone();
        return Ok(match later(&issued, &statement) {
            Some(by) => Verification::Superseded { by: by.clone(), statement },
            None => Verification::Genuine { statement },
        });
    }
    let said = printed(&bytes);
    let claims = |statement: &&Issued| {
        // A PDF carries the first half of the hash as its identifier.
        let half = &statement.content_hash[..statement.content_hash.len().min(32)];
        !half.is_empty() && said.contains(half)
    };
    Ok(match issued.iter().find(claims) {
        Some(statement) => Verification::Altered { statement: statement.clone() },
        None => Verification::Unknown,
    })
}

/// The latest statement of the same subject, currency and language, when it was given out after
/// this one and says something else. `issued` has the latest first.
fn later<'a>(issued: &'a [Issued], this: &Issued) -> Option<&'a Issued> {
    let same = |other: &&Issued| {
        other.subject == this.subject && other.currency == this.currency && other.lang == this.lang
    };
    let latest = issued.iter().find(same)?;
    (latest.id > this.id && latest.content_hash != this.content_hash).then_some(latest)
}

/// The file's texts in lower case: its bytes, and a workbook's first cells.
fn printed(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let entries = connectors::open_bytes("statement.xlsx", bytes.to_vec()).unwrap_or_default();
    for entry in &entries {
        if !matches!(entry.kind, Ok(FileKind::Table { .. })) || !bytes.starts_with(b"PK") {
            continue;
        }
        let Ok(mut reader) = entry.reader() else { continue };
        let Ok(found) = connectors::table::preview(&mut *reader, &Default::default()) else {
            continue;
        };
        let cells = found.columns.iter().flat_map(|column| &column.values);
        let heads = found.header_candidates.iter().flat_map(|found| &found.headers);
        for cell in cells.chain(heads) {
            text.push(' ');
            text.push_str(&cell.to_ascii_lowercase());
        }
    }
    text
}

/// First and last day of the payouts in the book, for a page that asks for a period.
///
/// # Errors
/// The database's.
pub fn payout_days(reader: &mut Reader) -> Result<Option<(BusinessDate, BusinessDate)>, Error> {
    let mut days = None;
    reader.query("select min(day), max(day) from payout", &[], |row| {
        days = row.opt_int(0)?.zip(row.opt_int(1)?);
        Ok(())
    })?;
    Ok(days.map(|(from, to)| {
        (BusinessDate::from_days(from as i32), BusinessDate::from_days(to as i32))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(id: i64, subject: &str, lang: &str, content_hash: &str) -> Issued {
        Issued {
            id,
            sha256: format!("file {id}"),
            content_hash: content_hash.to_owned(),
            file_name: String::new(),
            format: "pdf".to_owned(),
            lang: lang.to_owned(),
            subject: subject.to_owned(),
            total_minor: 0,
            currency: "CNY".to_owned(),
            issued_at_ms: id,
        }
    }

    #[test]
    fn a_statement_is_superseded_by_a_later_one_of_the_same_that_says_something_else() {
        let first = issued(1, "payout:A", "zh", "one");
        let all = [
            Issued { currency: "USD".to_owned(), ..issued(7, "payout:A", "zh", "in dollars") },
            issued(6, "payout:B", "zh", "of another payout"),
            issued(5, "payout:A", "en", "in another language"),
            issued(4, "payout:A", "zh", "three"),
            issued(3, "payout:A", "zh", "two"),
            first.clone(),
        ];
        assert_eq!(later(&all, &first).map(|by| by.id), Some(4));
        assert_eq!(later(&all, &all[3]), None, "it is the latest");
        assert_eq!(later(&all, &all[2]), None, "nobody said more in English");
        let same = [issued(2, "payout:A", "zh", "one"), first.clone()];
        assert_eq!(later(&same, &first), None, "a workbook that says the same");
    }
}
