//! What a table's columns probably mean.

use super::amounts;
use super::dates::{Pattern, YEAR_FIRST};
use super::layouts::{LAYOUTS, Layout};
use super::mapping::{AccountSource, AmountStyle, Field, Mapping, MappingProblem};
use super::mapping::{NumberStyle, SkipRules, normal};
use super::preview::{Confidence, Note, Suggestion};
use super::{words, words_settled};
use crate::bill::TableTarget;
use domain::Currency;
use std::collections::{BTreeMap, HashSet};

/// Day-first and month-first patterns, with and without time; told apart by their samples.
const DAY_FIRST: &[&str] =
    &["d/M/yyyy HH:mm:ss", "d/M/yyyy HH:mm", "d/M/yyyy", "d.M.yyyy HH:mm", "d.M.yyyy", "d-M-yyyy"];
const MONTH_FIRST: &[&str] =
    &["M/d/yyyy HH:mm:ss", "M/d/yyyy HH:mm", "M/d/yyyy", "M/d/yyyy hh:mm a", "M-d-yyyy"];
const NAMED_MONTH: &[&str] = &["d MMM yyyy", "d-MMM-yyyy", "MMM d, yyyy", "d MMM yy"];

/// What a table may be; of equals the later.
const TARGETS: [TableTarget; 4] =
    [TableTarget::Orders, TableTarget::Refunds, TableTarget::Settlements, TableTarget::Bank];

/// Headers and the first values under them, column by column.
pub(crate) struct Samples<'s> {
    pub(crate) headers: &'s [String],
    pub(crate) values: &'s [Vec<String>],
    /// Records above the header, their cells.
    pub(crate) above: &'s [Vec<String>],
}

impl Samples<'_> {
    fn of(&self, header: &str) -> &[String] {
        let at = self.headers.iter().position(|name| normal(name) == normal(header));
        at.and_then(|at| self.values.get(at)).map_or(&[], Vec::as_slice)
    }
}

/// How many cells of a record are header words of any target.
pub(crate) fn header_score(cells: &[String]) -> usize {
    let known = |cell: &String| {
        let name = normal(cell);
        !name.is_empty()
            && TARGETS.iter().any(|target| {
                words::synonyms(*target).iter().any(|(_, names)| {
                    names.contains(&name.as_str()) || names.contains(&bare(&name))
                })
            })
    };
    cells.iter().filter(|cell| known(cell)).count()
}

/// A header without its bracketed unit: `应付金额(元)` is `应付金额`.
fn bare(name: &str) -> &str {
    name.split(['(', '[']).next().unwrap_or(name)
}

/// The best guess; `None` when nothing fits. `line_no` is the header's.
pub(crate) fn suggest(samples: &Samples<'_>, line_no: u32) -> Option<Suggestion> {
    let (mut mapping, certain) = match layout(samples.headers) {
        Some(layout) => (by_layout(layout, samples.headers), layout.certain),
        None => (by_words(samples.headers)?, false),
    };
    mapping.header_line = line_no;
    let mut notes = Vec::new();
    fit_amounts(&mut mapping, samples, &mut notes);
    fit_dates(&mut mapping, samples, &mut notes);
    fit_account(&mut mapping, samples, &mut notes);
    if mapping.target == TableTarget::Orders {
        let status = words::STATUS.iter().map(|(word, status)| ((*word).to_string(), *status));
        mapping.status_words = status.collect();
        let channels = words::CHANNELS.iter().map(|(word, to)| ((*word).to_string(), *to));
        mapping.channel_words = channels.collect();
        note_unknown_words(&mapping, samples, &mut notes);
    }
    if mapping.target == TableTarget::Settlements {
        mapping.channel = super::defined::channel_of(samples.headers);
        mapping.name = mapping.channel.map(|channel| channel.code().to_owned()).unwrap_or_default();
        let kinds = words_settled::KINDS.iter().map(|(word, kind)| ((*word).to_string(), *kind));
        mapping.kind_words = kinds.collect();
        note_unknown_kinds(&mapping, samples, &mut notes);
    }
    mapping.skip.starts_with = words::FOOTERS.iter().map(|word| (*word).to_string()).collect();
    let confidence = match (mapping.check(), certain) {
        (Err(_), _) => Confidence::Incomplete,
        (Ok(()), true) => Confidence::Certain,
        (Ok(()), false) => Confidence::Likely,
    };
    Some(Suggestion { mapping, confidence, notes })
}

/// The known layout with the most columns that this header has.
fn layout(headers: &[String]) -> Option<&'static Layout> {
    let present: HashSet<String> =
        headers.iter().map(|name| normal(name)).filter(|name| !name.is_empty()).collect();
    LAYOUTS
        .iter()
        .filter(|layout| {
            layout.columns.iter().all(|(name, _)| present.contains(&normal(name)))
                && (!layout.certain || layout.columns.len() == present.len())
        })
        .max_by_key(|layout| (layout.certain, layout.columns.len()))
}

fn by_layout(layout: &Layout, headers: &[String]) -> Mapping {
    let mut mapping = Mapping::new(layout.target);
    mapping.name = layout.name.to_string();
    mapping.skip = SkipRules {
        if_empty: layout.skip_if_empty.iter().map(|name| (*name).to_string()).collect(),
        ..SkipRules::default()
    };
    for (name, field) in layout.columns {
        let header = headers.iter().find(|header| normal(header) == normal(name));
        if let (Some(header), Some(field)) = (header, field) {
            mapping.columns.insert(header.clone(), *field);
        }
    }
    if !layout.certain {
        let listed: HashSet<String> = layout.columns.iter().map(|(name, _)| normal(name)).collect();
        let rest: Vec<String> =
            headers.iter().filter(|name| !listed.contains(&normal(name))).cloned().collect();
        add_words(&mut mapping, &rest);
    }
    mapping
}

/// The target whose header words fit best.
fn by_words(headers: &[String]) -> Option<Mapping> {
    let scored = TARGETS.into_iter().map(|target| {
        let mut mapping = Mapping::new(target);
        add_words(&mut mapping, headers);
        mapping.amount = guess_style(&mapping);
        // Which channel it is of no header says.
        let complete = matches!(mapping.check(), Ok(()) | Err(MappingProblem::Channel));
        (complete, mapping.columns.len(), mapping)
    });
    let best = scored.max_by_key(|(complete, columns, _)| (*complete, *columns))?;
    (best.1 >= 2).then_some(best.2)
}

/// Adds what the header words say, a field once (posting text: every column).
fn add_words(mapping: &mut Mapping, headers: &[String]) {
    let mut taken: HashSet<String> = mapping.columns.keys().map(|name| normal(name)).collect();
    for (field, names) in words::synonyms(mapping.target) {
        let mapped = mapping.columns.values().any(|known| known == field);
        if mapped && !field.joins() {
            continue;
        }
        for name in *names {
            let fits = |header: &&String| {
                let full = normal(header);
                !taken.contains(&full) && (full == *name || bare(&full) == *name)
            };
            let Some(header) = headers.iter().find(fits) else { continue };
            taken.insert(normal(header));
            mapping.columns.insert(header.clone(), *field);
            if !field.joins() {
                break;
            }
        }
    }
}

fn guess_style(mapping: &Mapping) -> AmountStyle {
    let has = |wanted: Field| mapping.columns.values().any(|field| *field == wanted);
    if has(Field::Debit) && has(Field::Credit) {
        AmountStyle::DebitCredit { debit_is_negative: false }
    } else if has(Field::Amount) && has(Field::Direction) {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect();
        AmountStyle::Direction { inward: list(words::INWARD), outward: list(words::OUTWARD) }
    } else {
        AmountStyle::Signed
    }
}

fn column_of(mapping: &Mapping, field: Field) -> Option<&str> {
    mapping.columns.iter().find(|(_, known)| **known == field).map(|(name, _)| name.as_str())
}

fn fit_amounts(mapping: &mut Mapping, samples: &Samples<'_>, notes: &mut Vec<Note>) {
    let printed: Vec<&String> = [Field::Amount, Field::Debit, Field::Credit, Field::Balance]
        .iter()
        .filter_map(|field| column_of(mapping, *field))
        .flat_map(|name| samples.of(name))
        .collect();
    let styles = [
        NumberStyle::default(),
        NumberStyle { point: ',', group: Some('.'), minor_units: false },
        NumberStyle { point: ',', group: Some(' '), minor_units: false },
        NumberStyle { point: '.', group: Some(' '), minor_units: false },
        NumberStyle { point: '.', group: Some('\''), minor_units: false },
    ];
    let reads = |style: &NumberStyle| {
        printed.iter().filter(|text| amounts::parse(text, style, Currency::CNY).is_ok()).count()
    };
    let mut best = (reads(&styles[0]), styles[0].clone());
    for style in &styles[1..] {
        let count = reads(style);
        if count > best.0 {
            best = (count, style.clone());
        }
    }
    mapping.number = best.1;
    if mapping.target != TableTarget::Bank {
        mapping.amount = fit_sign(mapping, samples);
        return;
    }
    drop_other_types(mapping, samples);
    mapping.amount = guess_style(mapping);
    match &mut mapping.amount {
        AmountStyle::DebitCredit { .. } => {
            // Both may be mapped; the pair says more than a single column.
            mapping.columns.retain(|_, field| !matches!(field, Field::Amount | Field::Direction));
            let debits = column_of(mapping, Field::Debit).map_or(&[] as &[_], |n| samples.of(n));
            let style = &mapping.number;
            let signs: Vec<i64> = debits
                .iter()
                .filter_map(|text| amounts::parse(text, style, Currency::CNY).ok())
                .filter(|minor| *minor != 0)
                .collect();
            let negative = !signs.is_empty() && signs.iter().all(|minor| *minor < 0);
            mapping.amount = AmountStyle::DebitCredit { debit_is_negative: negative };
        }
        AmountStyle::Direction { inward, outward } => {
            let known: HashSet<String> =
                inward.iter().chain(outward.iter()).map(|word| normal(word)).collect();
            let name = column_of(mapping, Field::Direction).unwrap_or_default().to_string();
            if samples.of(&name).iter().any(|word| !known.contains(&normal(word))) {
                notes.push(Note::UnknownDirectionWords);
            }
        }
        AmountStyle::Signed | AmountStyle::SignedReversed => {
            let name = column_of(mapping, Field::Amount).unwrap_or_default();
            let signed = samples.of(name).iter().any(|text| text.contains(['-', '(', '\u{2212}']));
            if !signed {
                notes.push(Note::NoNegativeAmounts);
            }
        }
    }
}

/// A column called `Type` may say what kind of transfer it was instead of which way it went.
fn drop_other_types(mapping: &mut Mapping, samples: &Samples<'_>) {
    let Some(name) = column_of(mapping, Field::Direction).map(str::to_string) else { return };
    let printed = samples.of(&name);
    let known = |word: &String| {
        let word = normal(word);
        words::INWARD.contains(&word.as_str()) || words::OUTWARD.contains(&word.as_str())
    };
    if !printed.is_empty() && !printed.iter().any(known) {
        mapping.columns.remove(&name);
    }
}

/// A refund list may print what it gives back with a minus sign.
fn fit_sign(mapping: &Mapping, samples: &Samples<'_>) -> AmountStyle {
    let name = column_of(mapping, Field::Amount).unwrap_or_default();
    let negative = |text: &String| {
        amounts::parse(text, &mapping.number, Currency::CNY).is_ok_and(|minor| minor < 0)
    };
    let printed = samples.of(name);
    if mapping.target == TableTarget::Refunds && !printed.is_empty() && printed.iter().all(negative)
    {
        AmountStyle::SignedReversed
    } else {
        AmountStyle::Signed
    }
}

fn fit_dates(mapping: &mut Mapping, samples: &Samples<'_>, notes: &mut Vec<Note>) {
    let fields =
        [Field::BookedOn, Field::OrderedAt, Field::PaidAt, Field::RequestedAt, Field::TradedAt];
    let printed: Vec<&String> = fields
        .iter()
        .filter_map(|field| column_of(mapping, *field))
        .flat_map(|name| samples.of(name))
        .collect();
    let reads = |patterns: &[&str]| {
        let patterns: Vec<Pattern> = patterns.iter().filter_map(|p| Pattern::new(p)).collect();
        printed.iter().filter(|text| patterns.iter().any(|p| p.parse(text).is_some())).count()
    };
    let year_first = reads(YEAR_FIRST);
    if printed.is_empty() || year_first == printed.len() {
        return;
    }
    let (day_first, month_first) = (reads(DAY_FIRST), reads(MONTH_FIRST));
    let named = reads(NAMED_MONTH);
    let best = year_first.max(day_first).max(month_first).max(named);
    let patterns = if best == 0 {
        notes.push(Note::UnreadableDates);
        return;
    } else if best == year_first {
        return;
    } else if best == named {
        NAMED_MONTH
    } else if day_first >= month_first {
        if day_first == month_first {
            notes.push(Note::DayOrMonthFirst);
        }
        DAY_FIRST
    } else {
        MONTH_FIRST
    };
    mapping.date_formats = patterns.iter().map(|pattern| (*pattern).to_string()).collect();
}

fn fit_account(mapping: &mut Mapping, samples: &Samples<'_>, notes: &mut Vec<Note>) {
    if mapping.target != TableTarget::Bank || column_of(mapping, Field::AccountNo).is_some() {
        return;
    }
    let labels = ["账号", "帐号", "卡号", "Account Number", "Account number", "Account"];
    let found = labels
        .iter()
        .find(|label| samples.above.iter().flatten().any(|cell| cell.contains(**label)));
    match found {
        Some(label) => mapping.account = AccountSource::Above { label: (*label).to_string() },
        None => notes.push(Note::NoAccountNumber),
    }
}

/// A word nobody knows sets its row aside.
fn note_unknown_kinds(mapping: &Mapping, samples: &Samples<'_>, notes: &mut Vec<Note>) {
    let known: HashSet<String> = mapping.kind_words.keys().map(|word| normal(word)).collect();
    let printed = column_of(mapping, Field::Kind).map_or(&[] as &[_], |name| samples.of(name));
    if printed.iter().any(|word| !known.contains(&normal(word))) {
        notes.push(Note::UnknownKindWords);
    }
}

fn note_unknown_words(mapping: &Mapping, samples: &Samples<'_>, notes: &mut Vec<Note>) {
    let unknown = |field: Field, known: HashSet<String>| {
        column_of(mapping, field)
            .is_some_and(|name| samples.of(name).iter().any(|word| !known.contains(&normal(word))))
    };
    let keys = |words: &BTreeMap<String, _>| words.keys().map(|word| normal(word)).collect();
    if unknown(Field::Status, keys(&mapping.status_words)) {
        notes.push(Note::UnknownStatusWords);
    }
    let channels = mapping.channel_words.keys().map(|word| normal(word)).collect();
    if unknown(Field::Channel, channels) {
        notes.push(Note::UnknownChannelWords);
    }
}
