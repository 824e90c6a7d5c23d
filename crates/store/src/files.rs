//! The files of a book: telling a book from other files, writing without ever overwriting.

use crate::error::{NotABookReason, StoreError};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// Bytes of a page; a book's length is always a multiple of it. Twice SQLCipher's own: each page is
/// authenticated with a start of its own, which costs as much as two KB of it.
pub(crate) const PAGE_SIZE: u64 = 8192;

/// First bytes of what people choose by mistake.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"SQLite format 3\0", "an unencrypted SQLite database"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP or XLSX file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"Rar!", "a RAR file"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
];

/// Refuses what cannot be an encrypted book, by its first page alone.
///
/// A book starts with a random salt and encrypted bytes: never a known signature, never text.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::NotABook`], [`StoreError::Io`].
pub(crate) fn refuse_other_files(path: &Path, has_keys: bool) -> Result<(), StoreError> {
    let not = |reason| StoreError::NotABook { path: path.display().to_string(), reason };
    let io = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => StoreError::NotFound(path.display().to_string()),
        _ => StoreError::Io { doing: "reading", path: path.to_owned(), source },
    };
    let meta = fs::metadata(path).map_err(io)?;
    if !meta.is_file() {
        return Err(not(NotABookReason::NotAFile));
    }
    let mut head = Vec::new();
    File::open(path).map_err(io)?.take(PAGE_SIZE).read_to_end(&mut head).map_err(io)?;
    if head.is_empty() {
        return Err(not(NotABookReason::Empty));
    }
    if let Some((_, kind)) = SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(not(NotABookReason::Looks(kind)));
    }
    if is_text(&head) {
        return Err(not(NotABookReason::Text));
    }
    match (meta.len() % PAGE_SIZE, has_keys) {
        (0, _) => Ok(()),
        (_, true) => Err(StoreError::Damaged("the file ends inside a page".to_owned())),
        (_, false) => Err(not(NotABookReason::Unknown)),
    }
}

/// UTF-8, or GBK as Chinese banks write it: no control bytes but white space.
fn is_text(head: &[u8]) -> bool {
    !head.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

/// Whether the file and its folder can be written, by the marks on them; the operating system may
/// still say no later.
pub(crate) fn is_marked_read_only(path: &Path) -> bool {
    let marked = |path: &Path| fs::metadata(path).is_ok_and(|m| m.permissions().readonly());
    // On Windows the mark on a folder means something else.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    marked(path) || (cfg!(unix) && folder.is_some_and(marked))
}

/// Makes a new file, never overwriting one, readable for its owner only.
pub(crate) fn create_new(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => StoreError::Exists(path.display().to_string()),
        ErrorKind::NotFound => StoreError::NotFound(path.display().to_string()),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly(path.to_owned())
        }
        _ => StoreError::Io { doing: "creating", path: path.to_owned(), source },
    })
}

/// Replaces `path` by `text` in one step: afterwards the old or the new content is there whole,
/// on the disk, whatever happens.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), StoreError> {
    let fresh = crate::location::beside(path, "new");
    // A left-over of an interrupted replacement; the lock keeps other programs away.
    let _ = fs::remove_file(&fresh);
    write_and_sync(&fresh, text)?;
    fs::rename(&fresh, path).map_err(|source| StoreError::Io {
        doing: "replacing",
        path: path.to_owned(),
        source,
    })?;
    sync_folder(path)
}

/// Writes a new file to the disk; nothing may be there yet.
pub(crate) fn write_and_sync(path: &Path, text: &str) -> Result<(), StoreError> {
    let mut file = create_new(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|source| StoreError::Io { doing: "writing", path: path.to_owned(), source })
}

/// Makes a new name in a folder survive a power cut.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    // Windows has no such call; its file systems keep the name with the file.
    if cfg!(unix) {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| {
            StoreError::Io { doing: "writing the folder", path: folder.to_owned(), source }
        })?;
    }
    Ok(())
}
