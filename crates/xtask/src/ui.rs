//! The interface: its packages and its build, each done only when something changed.

use crate::places::Places;
use crate::steps::{Outcome, succeed};
use anyhow::{Context, Result};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

/// `npm ci`, when `package-lock.json` is not the one that was installed last.
///
/// # Errors
/// When npm fails.
pub fn install(places: &Places) -> Result<Outcome> {
    let ui = places.root.join("ui");
    let wanted = fingerprint(&[ui.join("package-lock.json")])?;
    // The stamp lives inside node_modules, so that removing the folder removes it too.
    once(&ui.join("node_modules/.suanpan-installed"), &wanted, || {
        succeed(places.npm().args(["ci", "--no-audit", "--no-fund"]))
    })
}

/// Builds `ui/dist`, when a file it is made of changed.
///
/// # Errors
/// When the build fails.
pub fn build(places: &Places) -> Result<Outcome> {
    let ui = places.root.join("ui");
    let mut sources = Vec::new();
    collect(&ui, &mut sources)?;
    // The pages take their words from the same files as the core.
    collect(&places.root.join("crates/messages/messages"), &mut sources)?;
    sources.sort();
    let wanted = fingerprint(&sources)?;
    let stamp = ui.join("node_modules/.suanpan-built");
    if !ui.join("dist/index.html").is_file() {
        // A missing stamp is fine; anything else shows when it is written.
        let _ = fs::remove_file(&stamp);
    }
    once(&stamp, &wanted, || succeed(places.npm().args(["run", "--silent", "build"])))
}

/// Does `work` unless `stamp` says it was done for the same `wanted` text.
fn once(stamp: &Path, wanted: &str, work: impl FnOnce() -> Result<()>) -> Result<Outcome> {
    if fs::read_to_string(stamp).is_ok_and(|text| text == wanted) {
        return Ok(Outcome::Fresh);
    }
    work()?;
    fs::write(stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Outcome::Done)
}

fn collect(dir: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["node_modules", "dist", ".svelte-kit", "test-results"].contains(&name.as_str()) {
                collect(&path, into)?;
            }
        } else {
            into.push(path);
        }
    }
    Ok(())
}

/// A short text that changes when any of the files does.
fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_repeated_only_when_its_input_changes() {
        let dir = std::env::temp_dir().join(format!("suanpan-once-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let stamp = dir.join("stamp");
        let mut runs = 0;
        for wanted in ["a", "a", "b"] {
            once(&stamp, wanted, || {
                runs += 1;
                Ok(())
            })
            .unwrap();
        }
        assert_eq!(runs, 2);
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn failed_work_leaves_no_stamp() {
        let stamp = std::env::temp_dir().join(format!("suanpan-fail-{}", std::process::id()));
        assert!(once(&stamp, "a", || anyhow::bail!("no")).is_err());
        assert!(!stamp.exists());
    }
}
