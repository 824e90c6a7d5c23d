//! Standard output: text or JSON, buffered; and files that are never written over unasked.

use crate::problem::Problem;
use backoffice::{ChannelNames, Error};
use messages::{Lang, text};
use serde_json::Value;
use std::cell::OnceCell;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

/// Where answers go.
pub struct Output {
    /// The language of texts.
    pub lang: Lang,
    /// True for JSON.
    pub json: bool,
    out: BufWriter<StdoutLock<'static>>,
    /// Names given in the book that is open.
    names: OnceCell<ChannelNames>,
}

impl Output {
    /// Standard output.
    pub fn new(lang: Lang, json: bool) -> Self {
        let out = BufWriter::new(io::stdout().lock());
        Self { lang, json, out, names: OnceCell::new() }
    }

    /// Takes over the names given to channels in the book that was opened.
    pub fn call_channels(&self, names: ChannelNames) {
        // One run opens one book.
        let _ = self.names.set(names);
    }

    /// What a channel is called: by the shop, else by the catalogue.
    pub fn channel(&self, code: &str) -> String {
        self.names.get().cloned().unwrap_or_default().of(self.lang, code)
    }

    /// A text of the catalogue.
    pub fn word(&self, key: &str) -> String {
        text(self.lang, key, &[])
    }

    /// A text of the catalogue with its places filled.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        text(self.lang, key, values)
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`Problem::BrokenPipe`] when nobody reads.
    pub fn line(&mut self, text: &str) -> Result<(), Problem> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// Writes a text of the catalogue as a line.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn say(&mut self, key: &str, values: &[(&str, &str)]) -> Result<(), Problem> {
        let said = self.fill(key, values);
        self.line(&said)
    }

    /// Writes one JSON answer.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn value(&mut self, value: &Value) -> Result<(), Problem> {
        let text = format!("{value:#}");
        self.line(&text)
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        Ok(self.out.write_all(bytes)?)
    }

    /// The writer itself.
    pub fn writer(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Writes out what is still held back.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn finish(&mut self) -> Result<(), Problem> {
        Ok(self.out.flush()?)
    }
}

/// Refuses a file that is there already, before any work is done for it.
///
/// # Errors
/// `file_exists`.
pub fn free(path: &Path, force: bool) -> Result<(), Problem> {
    match !force && path.exists() {
        true => Err(Problem::failed("file_exists", path.display().to_string())),
        false => Ok(()),
    }
}

/// Writes a whole file through a neighbour that takes its place at the end, so that a failed run
/// leaves neither half a file nor a lost one.
///
/// # Errors
/// `file_exists`; the system's answer; what `fill` says.
pub fn write_file<T>(
    path: &Path,
    force: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, Problem>,
) -> Result<T, Problem> {
    free(path, force)?;
    let failed = |source| Problem::from(Error::File { path: path.display().to_string(), source });
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let part = format!(".{}.{}.part", name.unwrap_or_default(), std::process::id());
    let part = folder.unwrap_or(Path::new(".")).join(part);
    let file = OpenOptions::new().write(true).create_new(true).open(&part).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let written = fill(&mut out).and_then(|value| {
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        free(path, force)?;
        std::fs::rename(&part, path).map_err(failed)?;
        Ok(value)
    });
    if written.is_err() {
        // The neighbour is ours alone; when it cannot be removed, the error above is what counts.
        let _ = std::fs::remove_file(&part);
    }
    written
}
