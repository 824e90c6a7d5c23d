//! What no tracked file may say, and what some must.

use super::{Finding, Tree};

/// A clone works anywhere: nothing names one machine's folders.
pub(super) fn machine_paths(tree: &Tree, findings: &mut Vec<Finding>) {
    let homes = ["home", "Users", "root"].map(|name| format!("/{name}/"));
    let homes = homes.into_iter().chain([r"C:\Users\".to_owned()]).collect::<Vec<_>>();
    for (path, text) in &tree.files {
        if path.starts_with("crates/xtask/src/tidy/") {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(home) = homes.iter().find(|home| names_folder(line, home)) {
                let what = format!("`{home}…` exists on one machine only");
                findings.push(finding(path, index + 1, "machine-path", what));
            }
        }
    }
}

/// True when `home` starts a path: not the middle of a longer word or of a web address.
fn names_folder(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + home.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '}' | '*'))
            && after.is_some_and(|c| c.is_alphanumeric() || c == '.')
    })
}

/// Dependencies come from the public registries, whatever mirror a developer sits behind.
pub(super) fn registries(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in &tree.files {
        let name = path.rsplit('/').next().unwrap_or(path);
        for (index, line) in text.lines().enumerate() {
            let bad = match name {
                "package-lock.json" => line.contains("\"resolved\": \"http"),
                "Cargo.lock" => {
                    line.starts_with("source = ")
                        && !line.contains("registry+https://github.com/rust-lang/crates.io-index")
                }
                ".npmrc" | "config.toml" => line.contains("registry"),
                _ => false,
            };
            if bad {
                let what = "names a registry; leave that to each machine's own settings".into();
                findings.push(finding(path, index + 1, "registry", what));
            }
        }
    }
}

/// Newcomers and merchants find their way in.
pub(super) fn documents(tree: &Tree, findings: &mut Vec<Finding>) {
    const WANTED: &[(&str, &[&str])] = &[
        ("ARCHITECTURE.md", &["## Code map", "## Invariants"]),
        ("CHANGELOG.md", &["## "]),
        ("CONTRIBUTING.md", &[]),
        ("LICENSE", &["Apache License"]),
        ("README.md", &["make run", "make test"]),
        ("STYLE.md", &[]),
    ];
    for (path, words) in WANTED {
        match tree.files.get(*path) {
            None => findings.push(finding(path, 0, "document", "missing".into())),
            Some(text) => {
                for word in words.iter().filter(|word| !text.contains(**word)) {
                    findings.push(finding(
                        path,
                        0,
                        "document",
                        format!("says nothing of `{word}`"),
                    ));
                }
            }
        }
    }
}

fn finding(path: &str, line: usize, rule: &'static str, what: String) -> Finding {
    Finding { path: path.into(), line, rule, what }
}
