//! Which crate may depend on which, read from the manifests.

use super::{Finding, Tree};

/// A part, the workspace crates it may use, and those its tests may use besides.
struct Part {
    dir: &'static str,
    may: &'static [&'static str],
    in_tests: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part { dir: "crates/domain", may: &[], in_tests: &[] },
    Part { dir: "crates/messages", may: &[], in_tests: &[] },
    Part { dir: "crates/practice", may: &[], in_tests: &[] },
    Part { dir: "crates/secrets", may: &["domain"], in_tests: &[] },
    Part { dir: "crates/store", may: &["domain", "secrets"], in_tests: &[] },
    Part { dir: "crates/documents", may: &["domain", "messages"], in_tests: &[] },
    Part { dir: "crates/connectors", may: &["domain", "secrets"], in_tests: &["practice"] },
    Part {
        dir: "crates/backoffice",
        may: &["connectors", "documents", "domain", "messages", "practice", "secrets", "store"],
        in_tests: &[],
    },
    Part { dir: "crates/cli", may: &["backoffice", "messages"], in_tests: &["practice"] },
    Part { dir: "src-tauri", may: &["backoffice", "messages"], in_tests: &[] },
    Part { dir: "crates/xtask", may: &[], in_tests: &[] },
];

/// The only outside crates the domain may use: nothing that reads, waits or serialises.
const DOMAIN_MAY: &[&str] = &["chrono", "rust_decimal", "thiserror"];

/// A heavy outside crate and the parts it is fenced into.
const FENCES: &[(&str, &[&str])] = &[
    ("anyhow", &["crates/xtask", "crates/cli", "tests"]),
    // The practice platform stands at the other end of the same signatures.
    ("aws-lc-rs", &["crates/connectors", "crates/practice", "tests"]),
    ("calamine", &["crates/connectors", "tests"]),
    ("clap", &["crates/cli", "tests"]),
    ("keyring", &["crates/secrets", "tests"]),
    ("p12-keystore", &["crates/connectors"]),
    ("printpdf", &["crates/documents", "tests"]),
    ("reqwest", &["crates/connectors", "tests"]),
    ("rusqlite", &["crates/store", "tests"]),
    ("sqlx", &["crates/store", "tests"]),
    ("tauri", &["src-tauri"]),
    ("ureq", &["crates/connectors", "tests"]),
    ("x509-parser", &["crates/connectors", "tests"]),
];

/// Workspace crates depend only in the agreed direction.
pub(super) fn crates(tree: &Tree, findings: &mut Vec<Finding>) {
    for (dir, path, dependency) in dependencies(tree) {
        let Some(part) = PARTS.iter().find(|part| part.dir == dir) else { continue };
        let name = workspace_name(&dependency.name);
        let allowed = match name {
            // A crate may ask for its own test features.
            Some(name) if dependency.dev => {
                part.may.contains(&name) || part.in_tests.contains(&name) || dir.ends_with(name)
            }
            Some(name) => part.may.contains(&name),
            None => {
                dir != "crates/domain" || dependency.dev || DOMAIN_MAY.contains(&&*dependency.name)
            }
        };
        if !allowed {
            findings.push(Finding {
                path: path.into(),
                line: dependency.line,
                rule: "edge",
                what: format!("{dir} may not depend on {}", dependency.name),
            });
        }
    }
}

/// Heavy outside crates stay behind the part that owns them.
pub(super) fn heavy_crates(tree: &Tree, findings: &mut Vec<Finding>) {
    for (dir, path, dependency) in dependencies(tree) {
        let fence = FENCES.iter().find(|(name, _)| *name == dependency.name);
        let Some((name, owners)) = fence else { continue };
        if !dependency.dev && !owners.contains(&dir) {
            findings.push(Finding {
                path: path.into(),
                line: dependency.line,
                rule: "fence",
                what: format!("{name} belongs to {} alone", owners[0]),
            });
        }
    }
}

/// Our own name for a workspace crate, from either way of writing it.
fn workspace_name(name: &str) -> Option<&str> {
    const NAMES: &[&str] = &[
        "backoffice",
        "cli",
        "connectors",
        "documents",
        "domain",
        "messages",
        "practice",
        "secrets",
        "store",
        "tests",
        "window",
        "xtask",
    ];
    let short = name.strip_prefix("suanpan-").unwrap_or(name);
    NAMES.contains(&short).then_some(short)
}

struct Dependency {
    name: String,
    line: usize,
    dev: bool,
}

/// Every dependency of every manifest but the workspace's own: folder, path, dependency.
fn dependencies(tree: &Tree) -> impl Iterator<Item = (&str, &str, Dependency)> {
    tree.files
        .iter()
        .filter_map(|(path, text)| Some((path.strip_suffix("/Cargo.toml")?, path, text)))
        .flat_map(|(dir, path, text)| {
            read_dependencies(text).into_iter().map(move |found| (dir, path.as_str(), found))
        })
}

/// Reads the dependency tables of a manifest; enough of TOML for manifests as we write them.
fn read_dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table: Option<bool> = None;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let mut add = |name: &str, dev| {
            let name = name.trim().trim_matches('"').to_owned();
            found.push(Dependency { name, line: index + 1, dev });
        };
        if let Some(header) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            let dev = header.contains("dev-dependencies");
            table = header.ends_with("dependencies").then_some(dev);
            // `[dependencies.name]` is a table of its own.
            if let Some((before, name)) = header.rsplit_once("dependencies.") {
                add(name, before.ends_with("dev-"));
            }
        } else if let Some(dev) = table
            && let Some((key, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            let key = key.trim().split_once('.').map_or(key, |(name, _)| name);
            match value.split_once("package = \"").and_then(|(_, rest)| rest.split_once('"')) {
                Some((renamed, _)) => add(renamed, dev),
                None => add(key, dev),
            }
        }
    }
    found
}
