//! Size, leftovers and forbidden words in code.

use super::{Finding, Tree};

const LINE_MAX: usize = 100;
const FILE_MAX: usize = 600;
const CODE: &[&str] = &["rs", "ts", "svelte"];

/// These rules spell the forbidden words themselves.
const RULES_DIR: &str = "crates/xtask/src/tidy/";

/// Lines fit a half screen, in characters. A row of a bill in a test stays whole.
pub(super) fn long_lines(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(CODE) {
        if generated(path) {
            continue;
        }
        let mut test = in_tests(path);
        for (index, line) in text.lines().enumerate() {
            test |= line.starts_with("mod tests {");
            let length = line.chars().count();
            if length > LINE_MAX && !(test && is_data(line)) {
                let what = format!("{length} columns, {LINE_MAX} at most");
                findings.push(at(path, index + 1, "long-line", what));
            }
        }
    }
}

/// True when most of a line is text: one quoted string, or a line inside a longer one.
fn is_data(line: &str) -> bool {
    let longest = line.split('"').map(|part| part.chars().count()).max().unwrap_or(0);
    longest > LINE_MAX / 2
}

/// Nothing of the workbench stays behind.
pub(super) fn leftovers(tree: &Tree, findings: &mut Vec<Finding>) {
    const RUST: &[&str] = &["dbg!(", "todo!(", "unimplemented!(", "#[ignore]"];
    const SCRIPT: &[&str] = &["console.log(", "debugger;", ".only(", ".skip(", "it.todo("];
    const BOTH: &[&str] = &["TODO", "FIXME"];
    for (path, text) in tree.with_ending(CODE) {
        if path.starts_with(RULES_DIR) || generated(path) {
            continue;
        }
        let own = if path.ends_with(".rs") { RUST } else { SCRIPT };
        for (index, line) in text.lines().enumerate() {
            let here = |word: &&&str| line.contains(**word) && !is_iterator_skip(path, line, word);
            if let Some(word) = own.iter().chain(BOTH).find(here) {
                findings.push(at(path, index + 1, "leftover", format!("`{word}` left behind")));
            }
        }
    }
}

/// `.skip(` skips a test only on `it`, `test` or `describe`.
fn is_iterator_skip(path: &str, line: &str, word: &str) -> bool {
    let test = path.contains(".test.") || path.contains(".spec.");
    matches!(word, ".skip(" | ".only(")
        && !(test && ["it.", "test.", "describe."].iter().any(|w| line.contains(w)))
}

/// A file past 600 lines (its tests not counted) has a seam somewhere.
pub(super) fn large_files(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(CODE) {
        if generated(path) || in_tests(path) {
            continue;
        }
        let lines = text.lines().take_while(|line| !line.starts_with("mod tests {")).count();
        if lines > FILE_MAX {
            findings.push(at(path, 0, "large-file", format!("{lines} lines, split it")));
        }
    }
}

/// Money and everything near it is exact.
pub(super) fn floats(tree: &Tree, findings: &mut Vec<Finding>) {
    const MONEY: &[&str] =
        &["crates/domain/", "crates/connectors/", "crates/store/", "crates/backoffice/"];
    for (path, text) in tree.with_ending(&["rs"]) {
        if !MONEY.iter().any(|dir| path.starts_with(dir)) {
            continue;
        }
        for (line, code) in code_lines(text) {
            if let Some(word) = ["f32", "f64"].iter().find(|word| has_word(code, word)) {
                let what = format!("`{word}`: amounts are integers, rates are decimals");
                findings.push(at(path, line, "float", what));
            }
        }
    }
}

/// No file may step around the compiler.
pub(super) fn unsafe_code(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(&["rs"]) {
        if path.starts_with(RULES_DIR) {
            continue;
        }
        for (line, code) in code_lines(text) {
            if has_word(code, "unsafe") {
                findings.push(at(path, line, "unsafe", "the workspace forbids it".into()));
            }
        }
    }
}

/// The interface shows amounts; the core computes them.
pub(super) fn money_in_the_interface(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.with_ending(&["ts", "svelte"]) {
        if !path.starts_with("ui/src/") || generated(path) || in_tests(path) {
            continue;
        }
        for (line, code) in code_lines(text) {
            if let Some(word) = money_arithmetic(code) {
                let what = format!("`{word}`: the core computes amounts, the page shows them");
                findings.push(at(path, line, "ui-money", what));
            }
        }
    }
}

/// The name of an amount that stands next to an arithmetic sign.
fn money_arithmetic(code: &str) -> Option<&str> {
    for (start, _) in code.match_indices("inor") {
        let name_end = code[start..]
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(code.len(), |length| start + length);
        let name_start = code[..start]
            .rfind(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '?'))
            .map_or(0, |before| before + 1);
        let name = &code[name_start..name_end];
        if !(name.ends_with("Minor") || name.ends_with("minor")) {
            continue;
        }
        let after = code[name_end..].trim_start();
        let before = code[..name_start].trim_end();
        let sign = |c: char| matches!(c, '+' | '-' | '*' | '/' | '%');
        // `a - b` needs blanks around the sign; `-a` alone and `=> x` are no sums.
        let joined_after = after.starts_with(sign) && !after.starts_with("//");
        let joined_before = before.ends_with(sign) && code[..name_start].ends_with(' ');
        if joined_after || joined_before {
            return Some(name);
        }
    }
    None
}

/// The lines of a file without comments: number from 1, text. Block comments are not our style.
pub(super) fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let code = match line.find("//") {
            // `https://` and the like stand inside strings.
            Some(at) if !line[..at].ends_with(':') => &line[..at],
            _ => line,
        };
        (!code.trim().is_empty()).then_some((index + 1, code))
    })
}

/// True for files that only tests and measurements use.
pub(super) fn in_tests(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.starts_with("tests/")
        || path.contains("/tests/")
        || path.contains("/examples/")
        || path.contains("/benches/")
        || path.contains(".test.")
        || path.contains(".spec.")
}

fn generated(path: &str) -> bool {
    path.contains("/bindings/")
}

/// `word` as a whole word, outside double quotes.
fn has_word(code: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(start, _)| {
        let before = &code[..start];
        let quoted = before.matches('"').count() % 2 == 1;
        !quoted
            && !part(before.chars().next_back())
            && !part(code[start + word.len()..].chars().next())
    })
}

fn at(path: &str, line: usize, rule: &'static str, what: String) -> Finding {
    Finding { path: path.into(), line, rule, what }
}
