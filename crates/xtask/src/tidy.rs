//! The house rules a compiler cannot hold: who may import what, sizes, leftovers, twins.
//!
//! A rule reads the [`Tree`] and returns what is wrong. Exceptions stand in [`ALLOWED`], one
//! line each with its reason, so that they are seen in review.

mod edges;
mod imports;
mod pairs;
mod source;
#[cfg(test)]
mod tests;
mod text;

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// An exception: `path` may break `rule`, because of `reason`.
struct Allowed {
    rule: &'static str,
    path: &'static str,
    reason: &'static str,
}

const ALLOWED: &[Allowed] = &[
    Allowed {
        rule: "float",
        path: "crates/connectors/src/table/amounts.rs",
        reason: "workbooks store numbers as doubles; they become text here, without arithmetic",
    },
    Allowed {
        rule: "float",
        path: "crates/connectors/src/table/xlsx.rs",
        reason: "hands a workbook's double to amounts.rs",
    },
    Allowed {
        rule: "machine-path",
        path: "crates/store/src/folder.rs",
        reason: "made-up mount points, one in a home folder",
    },
    Allowed {
        rule: "ui-money",
        path: "ui/src/lib/ipc/stub.ts",
        reason: "stands in for the core when the pages are shown in a browser",
    },
    Allowed {
        rule: "ui-money",
        path: "ui/src/lib/ipc/stub-lists.ts",
        reason: "stands in for the core when the pages are shown in a browser",
    },
    Allowed {
        rule: "ui-money",
        path: "ui/src/lib/ipc/stub-collect.ts",
        reason: "stands in for the core when the pages are shown in a browser",
    },
    Allowed {
        rule: "ui-money",
        path: "ui/src/lib/ipc/stub-orders.ts",
        reason: "stands in for the core when the pages are shown in a browser",
    },
    Allowed {
        rule: "ui-money",
        path: "ui/src/lib/ipc/stub-payments.ts",
        reason: "stands in for the core when the pages are shown in a browser",
    },
];

/// Everything that is looked at, in memory: path from the root, text.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the root, `/` as separator.
    pub path: String,
    /// Counted from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// Name of the rule, as used in the list of exceptions.
    pub rule: &'static str,
    /// What is wrong and what to do instead.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.what)
    }
}

type Rule = fn(&Tree, &mut Vec<Finding>);

const RULES: &[Rule] = &[
    edges::crates,
    edges::heavy_crates,
    imports::rust,
    imports::interface,
    source::long_lines,
    source::leftovers,
    source::large_files,
    source::floats,
    source::unsafe_code,
    source::money_in_the_interface,
    pairs::migrations,
    pairs::messages,
    text::machine_paths,
    text::registries,
    text::documents,
];

/// Folders that hold nothing we wrote.
const SKIPPED_DIRS: &[&str] = &[
    ".git",
    ".svelte-kit",
    "artifacts",
    "corpus",
    "dist",
    "node_modules",
    "out",
    "schemas",
    "target",
    "test-results",
];

/// Files larger than this are data (fixtures, fonts), not text somebody wrote.
const LARGEST_READ: u64 = 2_000_000;

impl Tree {
    /// Reads the clone's text files; build output and dependencies are left out.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.add_dir(root, "")?;
        Ok(tree)
    }

    fn add_dir(&mut self, dir: &Path, prefix: &str) -> Result<()> {
        for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            // Others may be building in the same tree: what vanishes meanwhile is no finding.
            let Ok(kind) = entry.metadata() else { continue };
            if kind.is_dir() {
                if !SKIPPED_DIRS.contains(&name.as_str()) {
                    self.add_dir(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.len() <= LARGEST_READ
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// Files with one of these endings (`rs`, `ts`), in order of their paths.
    fn with_ending<'a>(
        &'a self,
        endings: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.files.iter().filter_map(|(path, text)| {
            let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
            endings.contains(&ending).then_some((path.as_str(), text.as_str()))
        })
    }
}

/// Every finding that no exception covers, and every exception that covers nothing.
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, ALLOWED)
}

fn check_with(tree: &Tree, allowed: &[Allowed]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        rule(tree, &mut findings);
    }
    let covers = |a: &Allowed, f: &Finding| a.rule == f.rule && a.path == f.path;
    let stale = allowed.iter().filter(|a| !findings.iter().any(|f| covers(a, f)));
    let stale: Vec<Finding> = stale
        .map(|a| Finding {
            path: a.path.into(),
            line: 0,
            rule: "exception",
            what: format!("no longer needed: {} ({})", a.rule, a.reason),
        })
        .collect();
    findings.retain(|f| !allowed.iter().any(|a| covers(a, f)));
    findings.extend(stale);
    findings.sort();
    findings
}

/// Checks the clone and prints what is wrong.
///
/// # Errors
/// When a rule is broken, or the tree cannot be read.
pub fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let findings = check(&tree);
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings in {} files", findings.len(), tree.files.len());
    }
    eprintln!("    tidy: {} files, {} rules, nothing to say", tree.files.len(), RULES.len());
    Ok(())
}
