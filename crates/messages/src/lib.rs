//! Words in both languages: flat message files compiled in, found by key.
//!
//! A file is `messages/<area>.<language>.json`, one object of key → text; `{name}` marks a place.
//! The window imports the same files, so a key means the same text everywhere. To add an area,
//! add its two files and one line to [`AREAS`].

mod amount;

pub use amount::yuan_in_words;

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// Chinese, simplified.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The stable code: `zh`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `zh`, `zh-CN`, `zh_CN.UTF-8`, `en-GB`; `None` for others.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.trim().to_ascii_lowercase();
        match code.split(['-', '_', '.']).next() {
            Some("zh") => Some(Self::Zh),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }
}

/// One area's files: its name, the Chinese file, the English file.
type Area = (&'static str, &'static str, &'static str);

macro_rules! area {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../messages/", $name, ".zh.json")),
            include_str!(concat!("../messages/", $name, ".en.json")),
        )
    };
}

/// Every area, in the order they are loaded. A key belongs to one area only.
const AREAS: &[Area] = &[
    area!("statement"),
    area!("cli"),
    area!("cli_lists"),
    area!("cli_channels"),
    area!("cli_orders"),
    area!("channels"),
    area!("channels_page"),
    area!("errors"),
    area!("bill_rows"),
    area!("breaks"),
    area!("decisions"),
    area!("differences"),
    area!("care"),
    area!("ui"),
    area!("imports"),
    area!("search"),
    area!("settings"),
    area!("bank"),
    area!("acquirers"),
    area!("calendar"),
    area!("ledger"),
    area!("lists"),
    area!("collect"),
    area!("orders"),
    area!("tenders"),
    area!("till"),
    area!("cli_till"),
    area!("payments"),
    area!("pages"),
    area!("reports"),
    area!("statements"),
    area!("help"),
    area!("home"),
    area!("jobs"),
    area!("shell"),
    area!("menu"),
];

type Table = HashMap<String, String>;

static TABLES: LazyLock<[Table; 2]> = LazyLock::new(|| [load(Lang::Zh), load(Lang::En)]);

fn load(lang: Lang) -> Table {
    let mut table = Table::new();
    for area in AREAS {
        table.extend(parse(area, lang));
    }
    table
}

fn parse((name, zh, en): &Area, lang: Lang) -> Table {
    let json = match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    // The files are compiled in and a test reads each of them.
    serde_json::from_str(json)
        .unwrap_or_else(|error| panic!("messages/{name}.{}.json: {error}", lang.code()))
}

/// The text of a key as it stands in its file, places unfilled; `None` for an unknown key.
pub fn lookup(lang: Lang, key: &str) -> Option<&'static str> {
    TABLES[lang as usize].get(key).map(String::as_str)
}

/// The text of `key`, each `{name}` replaced by its value.
///
/// An unknown key is returned as it is, so a gap is seen and nothing fails. A place without a
/// value stays as it stands; values are never searched for places.
pub fn text(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    match lookup(lang, key) {
        Some(text) => fill(text, values),
        None => key.to_owned(),
    }
}

fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let Some(close) = from.find('}') else {
            rest = from;
            break;
        };
        let name = &from[1..close];
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.push_str(&from[..=close]),
        }
        rest = &from[close + 1..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(n, _)| n).collect()
    }

    #[test]
    fn every_message_is_in_both_languages_with_the_same_places() {
        let mut owner: BTreeMap<String, &str> = BTreeMap::new();
        for area in AREAS {
            let (zh, en) = (parse(area, Lang::Zh), parse(area, Lang::En));
            for key in zh.keys().chain(en.keys()) {
                let (Some(zh), Some(en)) = (zh.get(key), en.get(key)) else {
                    panic!("{}: {key} is missing in one language", area.0);
                };
                assert!(!zh.is_empty() && !en.is_empty(), "{}: {key} is empty", area.0);
                // English may say "one" without the figure.
                if !key.ends_with(".one") {
                    assert_eq!(places(zh), places(en), "{}: places of {key}", area.0);
                }
            }
            for key in zh.into_keys() {
                if let Some(other) = owner.insert(key.clone(), area.0) {
                    panic!("{key} is in both {other} and {}", area.0);
                }
            }
        }
    }

    #[test]
    fn places_are_filled_by_name_and_values_are_left_alone() {
        assert_eq!(fill("{a} of {b}", &[("a", "{b}"), ("b", "2")]), "{b} of 2");
        assert_eq!(fill("{missing} {", &[]), "{missing} {");
        assert_eq!(text(Lang::En, "no.such.key", &[]), "no.such.key");
    }

    #[test]
    fn a_language_is_known_by_its_tag() {
        assert_eq!(Lang::from_code("zh_CN.UTF-8"), Some(Lang::Zh));
        assert_eq!(Lang::from_code("en-GB"), Some(Lang::En));
        assert_eq!(Lang::from_code("fr"), None);
    }
}
