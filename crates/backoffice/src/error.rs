//! What a use case can answer instead of its result.

use connectors::bill::FileProblem;
use connectors::keys::pfx::PfxProblem;
use thiserror::Error;

/// Why a use case did not do what was asked. None of these moved money.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The book could not be opened, read or written.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A file was refused whole.
    #[error("{name} was refused")]
    Refused {
        /// File name.
        name: String,
        /// Why.
        #[source]
        problem: FileProblem,
    },
    /// A statement could not be made.
    #[error("the statement could not be made")]
    Document(#[from] documents::DocumentError),
    /// There is nothing with that id.
    #[error("no {what} with the number {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// The question cannot be read.
    #[error("{field}: {reason}")]
    BadInput {
        /// Which field or option.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A key file gives no key.
    #[error("the key file cannot be used")]
    KeyFile(#[from] PfxProblem),
    /// A certificate of ours is not in its time.
    #[error("the certificate {} on {day}", if *ended { "ended" } else { "begins" })]
    CertificateTime {
        /// Over; else not begun yet.
        ended: bool,
        /// Its last day, or its first one.
        day: String,
    },
    /// Derived data in the book does not decode; the lines it was made from are untouched.
    #[error("the match data of document {document}, day {day}, is damaged")]
    DamagedPack {
        /// Document id.
        document: i64,
        /// Day.
        day: i32,
    },
    /// A decision in the book does not read as it was written; nothing is guessed of it.
    #[error("decision {id} in the book is damaged")]
    DamagedDecision {
        /// Its number.
        id: i64,
    },
    /// A file of the user's could not be written or read.
    #[error("{path}")]
    File {
        /// Its path.
        path: String,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// A break that is written off or resolved has to be opened again first.
    #[error("the difference {id} is decided already")]
    AlreadyDecided {
        /// The break.
        id: String,
    },
    /// Nothing of this kind of break lies in the books.
    #[error("{kind}: there is no amount in the books to write off")]
    NothingToWriteOff {
        /// Kind code.
        kind: String,
    },
    /// Nobody has said yet what may be written off.
    #[error("what may be written off, and to which account, has to be said once")]
    WriteOffTerms,
    /// The amount is above what may be written off.
    #[error("{amount_minor} is above the limit {limit_minor} of write-offs")]
    WriteOffLimit {
        /// Effect of the break, minor units.
        amount_minor: i64,
        /// The limit, minor units.
        limit_minor: i64,
    },
    /// No decision holds that could be taken back.
    #[error("there is no decision to take back")]
    NothingToUndo,
    /// The till does not record what could not have happened.
    #[error("the till does not record it ({}): {detail}", problem.code())]
    Till {
        /// Why.
        problem: crate::till::TillProblem,
        /// What it is about: a number, a till, an amount.
        detail: String,
    },
    /// The person stopped it; nothing of it was kept.
    #[error("it was stopped")]
    Stopped,
    /// Another seat, or another part of this program, asks the channels already.
    #[error("the channels of this book are being asked already")]
    SyncRuns,
    /// The practice shop could not be written.
    #[error("the practice shop could not be written: {0}")]
    Practice(String),
    /// The practice platform could not listen.
    #[error("the practice platform could not start: {0}")]
    PracticePort(String),
}

impl Error {
    /// The stable code that window and CLI branch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Store(source) => store_code(source),
            Self::Refused { .. } => "file_refused",
            Self::Document(_) => "document",
            Self::NotFound { .. } => "not_found",
            Self::BadInput { .. } => "bad_input",
            Self::KeyFile(problem) => key_file_code(*problem),
            Self::CertificateTime { ended: true, .. } => "certificate_ended",
            Self::CertificateTime { ended: false, .. } => "certificate_not_yet",
            Self::DamagedPack { .. } => "damaged_pack",
            Self::DamagedDecision { .. } => "damaged_decision",
            Self::File { .. } => "file",
            Self::AlreadyDecided { .. } => "already_decided",
            Self::NothingToWriteOff { .. } => "nothing_to_write_off",
            Self::WriteOffTerms => "write_off_terms",
            Self::WriteOffLimit { .. } => "write_off_limit",
            Self::NothingToUndo => "nothing_to_undo",
            Self::Till { problem, .. } => problem.code(),
            Self::Stopped => "stopped_by_you",
            Self::SyncRuns => "sync_runs",
            Self::Practice(_) => "practice",
            Self::PracticePort(_) => "practice_port",
        }
    }
}

/// What an error is about in words of no language: a place, a name, a number. Empty where there is
/// nothing of the kind. For readers of another language than the sources of errors are written in.
pub(crate) fn facts(error: &Error) -> String {
    use store::StoreError;
    match error {
        Error::Store(source) => match source {
            StoreError::BadLocation(text)
            | StoreError::NotFound(text)
            | StoreError::Exists(text)
            | StoreError::Damaged(text) => text.clone(),
            StoreError::KeysMissing(path)
            | StoreError::KeysDamaged { path, .. }
            | StoreError::KeysOfAnotherBook(path)
            | StoreError::ReadOnly(path)
            | StoreError::NetworkFolder { path, .. } => path.display().to_string(),
            StoreError::NotABook { path, .. } => path.clone(),
            StoreError::NewerSchema { book, program } => format!("{book} > {program}"),
            StoreError::AlreadyOpen { pid: Some(pid) } => format!("pid {pid}"),
            StoreError::Io { path, .. } => path.display().to_string(),
            _ => String::new(),
        },
        Error::Refused { name, .. } => name.clone(),
        Error::NotFound { id, .. } => id.clone(),
        Error::Till { detail, .. } => detail.clone(),
        Error::File { path, .. } => path.clone(),
        Error::BadInput { field, .. } => (*field).to_owned(),
        Error::DamagedDecision { id } => id.to_string(),
        Error::CertificateTime { day, .. } => day.clone(),
        _ => String::new(),
    }
}

/// The stable code of what is wrong with a key file.
fn key_file_code(problem: PfxProblem) -> &'static str {
    match problem {
        PfxProblem::Unreadable => "key_file_unreadable",
        PfxProblem::OpenLengths => "key_file_open_lengths",
        PfxProblem::Password => "key_file_password",
        PfxProblem::Encoding => "key_file_encoding",
        PfxProblem::NoKey => "key_file_no_key",
        PfxProblem::SeveralKeys => "key_file_several_keys",
        PfxProblem::NotRsa => "key_file_not_rsa",
        PfxProblem::NoCertificate => "key_file_no_certificate",
    }
}

/// The stable code of a store error.
fn store_code(error: &store::StoreError) -> &'static str {
    use store::StoreError;
    match error {
        StoreError::BadLocation(_) => "book_bad_location",
        StoreError::NotFound(_) => "book_not_found",
        StoreError::Exists(_) => "book_exists",
        StoreError::WrongKey(_) => "book_wrong_key",
        StoreError::AccessDenied(_) => "book_access_denied",
        StoreError::Unreachable(_) => "book_unreachable",
        StoreError::KeysMissing(_) => "book_keys_missing",
        StoreError::KeysDamaged { .. } => "book_keys_damaged",
        StoreError::KeysOfAnotherBook(_) => "book_keys_of_another",
        StoreError::Keys(_) => "book_keys",
        StoreError::NotABook { .. } => "book_not_a_book",
        StoreError::NewerSchema { .. } => "book_newer_schema",
        StoreError::MigrationEdited(_) => "book_migration_edited",
        StoreError::Damaged(_) => "book_damaged",
        StoreError::ReadOnly(_) => "book_read_only",
        StoreError::AlreadyOpen { .. } => "book_already_open",
        StoreError::NetworkFolder { .. } => "book_network_folder",
        StoreError::Busy => "book_busy",
        StoreError::DiskFull => "disk_full",
        StoreError::NoSealing => "book_no_sealing",
        StoreError::SealedElsewhere(_) => "book_sealed_elsewhere",
        _ => "store",
    }
}

/// The stable code of a file's refusal.
pub fn problem_code(problem: &FileProblem) -> &'static str {
    match problem {
        FileProblem::Unknown { .. } => "unknown_file",
        FileProblem::Truncated { .. } => "truncated",
        FileProblem::Damaged { .. } => "damaged",
        FileProblem::Encoding { .. } => "encoding",
        FileProblem::MissingColumn { .. } => "missing_column",
        FileProblem::TooLarge { .. } => "too_large",
        FileProblem::NeedsMapping => "needs_mapping",
        FileProblem::Stopped => "stopped",
        FileProblem::Io(_) => "io",
    }
}
