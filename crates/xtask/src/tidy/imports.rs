//! What code may name: sockets, clocks and the window's API each have one home.

use super::source::{code_lines, in_tests};
use super::{Finding, Tree};

/// Paths that only some files may name: word, where it is forbidden, where it may still stand.
struct Home {
    words: &'static [&'static str],
    within: &'static [&'static str],
    home: &'static [&'static str],
    what: &'static str,
}

const HOMES: &[Home] = &[
    Home {
        words: &["reqwest::", "ureq::", "std::net", "tokio::net"],
        within: &["crates/"],
        home: &[
            "crates/connectors/src/transport.rs",
            "crates/connectors/src/transport/",
            "crates/practice/",
            // A free port for the tests' own database server.
            "crates/store/src/testing.rs",
            "crates/xtask/",
        ],
        what: "the only socket is in connectors/src/transport.rs",
    },
    Home {
        words: &["serde::", "tokio::", "sqlx::", "std::fs", "std::env", "std::io", "async fn"],
        within: &["crates/domain/"],
        home: &[],
        what: "the domain does no I/O",
    },
    Home {
        words: &["SystemTime::now", "Instant::now", "Utc::now", "Local::now"],
        within: &["crates/domain/", "crates/connectors/", "crates/documents/"],
        home: &["crates/connectors/src/transport.rs"],
        what: "the time is an argument here",
    },
    Home {
        words: &["sqlx::", "rusqlite::"],
        within: &["crates/", "src-tauri/"],
        home: &["crates/store/", "crates/xtask/"],
        what: "SQL stays in the store",
    },
];

/// Rust code names sockets, clocks and databases only at home.
pub(super) fn rust(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(&["rs"]) {
        if in_tests(path) {
            continue;
        }
        let homes: Vec<&Home> = HOMES
            .iter()
            .filter(|h| starts_with_any(path, h.within) && !starts_with_any(path, h.home))
            .collect();
        for (line, code) in code_lines(text) {
            for home in &homes {
                if let Some(word) = home.words.iter().find(|word| code.contains(*word)) {
                    findings.push(Finding {
                        path: path.into(),
                        line,
                        rule: "import",
                        what: format!("`{word}`: {}", home.what),
                    });
                }
            }
        }
    }
}

fn starts_with_any(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}

const LIB: &str = "ui/src/lib/";

/// One file talks to the window; areas know only what is shared and the calls.
pub(super) fn interface(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(&["ts", "svelte"]) {
        if !path.starts_with("ui/src/") {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            let Some(from) = imported(line) else { continue };
            let problem = if from.starts_with("@tauri-apps") {
                let home = path.starts_with("ui/src/lib/ipc/client");
                (!home).then(|| "only lib/ipc/client.ts talks to the window".to_owned())
            } else {
                crosses(path, from)
            };
            if let Some(what) = problem {
                let path = path.to_owned();
                findings.push(Finding { path, line: index + 1, rule: "ui-import", what });
            }
        }
    }
}

/// What a line imports: the text after `from` or inside `import(…)`.
fn imported(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest = line
        .split_once(" from ")
        .map(|(_, rest)| rest)
        .or_else(|| line.split_once("import(").map(|(_, rest)| rest))
        .or_else(|| line.strip_prefix("import "))?
        .trim();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// The complaint, when a file of one area imports from another area.
fn crosses(path: &str, from: &str) -> Option<String> {
    let inside = path.strip_prefix(LIB)?;
    // Files directly in lib/ join areas as routes do.
    let (area, _) = inside.split_once('/')?;
    let target = match from.strip_prefix("$lib/") {
        Some(target) => target.to_owned(),
        None if from.starts_with('.') => resolve(path, from).strip_prefix(LIB)?.to_owned(),
        None => return None,
    };
    let other = target.split('/').next().unwrap_or_default();
    let allowed: &[&str] = if area == "shared" { &["shared"] } else { &["shared", "ipc"] };
    let fine = other == area || allowed.contains(&other);
    (!fine).then(|| format!("{area} may not import {other}; only routes join areas"))
}

/// A relative import as a path from the root.
fn resolve(path: &str, from: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for step in from.split('/') {
        match step {
            "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
