//! Where two bills of one day part.

use super::{Booked, Events};
use std::collections::{BTreeSet, HashSet};

/// How two bills of a day differ, in events.
#[derive(Default)]
pub(super) struct Difference {
    pub lines: usize,
    pub other_lines: usize,
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub shared: bool,
    /// The first line in which they part: one left out or changed before one added. The first of
    /// all where they do not.
    pub line: Option<i64>,
}

/// Compares two bills. `decided`: one is known to be the later; else only events within the time
/// both cover tell them apart.
pub(super) fn compare<T: Booked>(
    one: &[i64],
    other: i64,
    decided: bool,
    events: &Events<T>,
) -> Difference {
    let mut found = Difference::default();
    let times = |wanted: &dyn Fn(&i64) -> bool| {
        let spoken = events.values().filter(|event| event.said.keys().any(wanted));
        let times: BTreeSet<i64> =
            spoken.filter_map(|event| event.lines.first().map(Booked::at_ms)).collect();
        Some((*times.first()?, *times.last()?))
    };
    let (ours, theirs) = (times(&|id| one.contains(id)), times(&|id| *id == other));
    let within = |span: Option<(i64, i64)>, at: i64| {
        decided || span.is_some_and(|(from, to)| (from..=to).contains(&at))
    };
    let mut firsts: [Option<(i64, i64)>; 3] = [None; 3];
    for event in events.values() {
        let mine: HashSet<u64> = event
            .said
            .iter()
            .filter(|(id, _)| one.contains(id))
            .map(|(_, said)| said.content)
            .collect();
        let their = event.said.get(&other).map(|said| said.content);
        let Some(line) = event.lines.iter().min_by_key(|line| line.id()) else { continue };
        let (at, id) = (line.at_ms(), line.id());
        found.lines += usize::from(!mine.is_empty());
        found.other_lines += usize::from(their.is_some());
        let place = match (mine.is_empty(), their) {
            (false, Some(their)) => {
                found.shared = true;
                let same = mine.contains(&their);
                found.changed += usize::from(!same);
                if same { 2 } else { 0 }
            }
            (true, Some(_)) if within(ours, at) => {
                found.removed += 1;
                0
            }
            (false, None) if within(theirs, at) => {
                found.added += 1;
                1
            }
            _ => continue,
        };
        let known = firsts[place].get_or_insert((at, id));
        *known = (*known).min((at, id));
    }
    found.line = firsts[0].or(firsts[1]).or(firsts[2]).map(|(_, id)| id);
    found
}
