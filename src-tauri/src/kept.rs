//! Small files of this user's settings, as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::{fs, io};

/// What a file holds; one that is missing or cannot be read holds nothing.
pub fn read<T: DeserializeOwned + Default>(file: &Path) -> T {
    let text = fs::read_to_string(file).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Writes a file whole or not at all: a crash in between leaves what stood there before.
///
/// # Errors
/// When it cannot be written.
pub fn write(file: &Path, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string(value)?;
    let beside = file.with_extension("part");
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(&beside, text)?;
    fs::rename(&beside, file)
}
