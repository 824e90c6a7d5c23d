//! Twins: what exists in one place must exist in the other.

use super::{Finding, Tree};
use serde_json::Value;
use std::collections::BTreeMap;

/// Both databases have the same migrations by number, and no number twice.
pub(super) fn migrations(tree: &Tree, findings: &mut Vec<Finding>) {
    let sqlite = numbers(tree, "migrations/sqlite/", findings);
    let postgres = numbers(tree, "migrations/postgres/", findings);
    for (here, there, other) in [(&sqlite, &postgres, "postgres"), (&postgres, &sqlite, "sqlite")] {
        for (number, path) in here.iter().filter(|(number, _)| !there.contains_key(*number)) {
            let what = format!("migration {number} is missing in migrations/{other}");
            findings.push(whole(path, "migration", what));
        }
    }
}

fn numbers(tree: &Tree, dir: &str, findings: &mut Vec<Finding>) -> BTreeMap<String, String> {
    let mut numbers = BTreeMap::new();
    for (path, _) in tree.with_ending(&["sql"]) {
        let Some(name) = path.strip_prefix(dir) else { continue };
        let number: String = name.chars().take_while(char::is_ascii_digit).collect();
        if number.is_empty() {
            findings.push(whole(path, "migration", "its name starts with a number".into()));
        } else if let Some(first) = numbers.insert(number, path.to_owned()) {
            findings.push(whole(path, "migration", format!("same number as {first}")));
        }
    }
    numbers
}

/// Every text exists in Chinese and in English: `….zh.json` and `….en.json` side by side.
pub(super) fn messages(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in &tree.files {
        let stem = path.strip_suffix("zh.json").filter(|stem| stem.ends_with(['/', '.']));
        let Some(stem) = stem else { continue };
        let english_path = format!("{stem}en.json");
        let Some(english) = tree.files.get(&english_path) else {
            findings.push(whole(path, "message", format!("{english_path} is missing")));
            continue;
        };
        let (zh, en) = (keys(path, text, findings), keys(&english_path, english, findings));
        for key in zh.iter().filter(|key| !en.contains(key)) {
            findings.push(whole(&english_path, "message", format!("no text for `{key}`")));
        }
        for key in en.iter().filter(|key| !zh.contains(key)) {
            findings.push(whole(path, "message", format!("no text for `{key}`")));
        }
    }
}

/// The dotted keys of a JSON file of texts, empty texts left out.
fn keys(path: &str, text: &str, findings: &mut Vec<Finding>) -> Vec<String> {
    let mut keys = Vec::new();
    match serde_json::from_str(text) {
        Ok(value) => flatten("", &value, &mut keys),
        Err(problem) => findings.push(whole(path, "message", format!("not JSON: {problem}"))),
    }
    keys
}

fn flatten(prefix: &str, value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let dot = if prefix.is_empty() { "" } else { "." };
                flatten(&format!("{prefix}{dot}{name}"), inner, into);
            }
        }
        Value::String(text) if text.trim().is_empty() => {}
        _ => into.push(prefix.to_owned()),
    }
}

fn whole(path: &str, rule: &'static str, what: String) -> Finding {
    Finding { path: path.into(), line: 0, rule, what }
}
