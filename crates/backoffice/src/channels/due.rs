//! Which days of a channel's bills are to be asked for now.
//!
//! A pure function of what is proven, what failed and the channel's clock: a sync that was killed
//! goes on wherever it was.

use super::coverage::{Known, StreamKnown};
use crate::import::Span;
use connectors::plan::BillPlan;
use domain::BusinessDate;

/// Days after a bill's day on which it is read again: channels amend bills.
pub(super) const AGAIN_AFTER: [i32; 2] = [3, 10];

const MINUTE_MS: i64 = 60_000;

/// The span of one day of a stream.
pub(super) fn span_of(stream: &str, day: i32) -> Span {
    let (from, until) = (BusinessDate::from_days(day), BusinessDate::from_days(day + 1));
    Span { stream: stream.to_owned(), from_ms: from.start_ms(), until_ms: until.start_ms() }
}

/// When the bill of `day` can be asked for, UTC ms.
pub(super) fn ready_ms(plan: &BillPlan, day: i32) -> i64 {
    BusinessDate::from_days(day + 1).start_ms() + i64::from(plan.ready_minute) * MINUTE_MS
}

/// The first day whose bill the channel still gives out.
pub(super) fn first_in_reach(plan: &BillPlan, now_ms: i64) -> i32 {
    let reach = i32::try_from(plan.reach_days).unwrap_or(i32::MAX);
    BusinessDate::of_ms(now_ms).days().saturating_sub(reach)
}

/// The last day whose bill can be there.
pub(super) fn last_ready(plan: &BillPlan, now_ms: i64) -> i32 {
    let today = BusinessDate::of_ms(now_ms).days();
    if ready_ms(plan, today - 1) <= now_ms { today - 1 } else { today - 2 }
}

/// When a day that was proven at `taken_ms` is to be read again, if ever.
fn again_ms(plan: &BillPlan, day: i32, taken_ms: i64) -> Option<i64> {
    let rereads = AGAIN_AFTER.map(|days| ready_ms(plan, day + days - 1));
    rereads.into_iter().find(|at| taken_ms < *at)
}

/// Spans to ask for, oldest first, the streams of a day together. `force` asks also for what
/// failed a short while ago.
pub(super) fn due(
    plan: &BillPlan,
    streams: &[&str],
    known: &Known,
    (from_day, now_ms): (i32, i64),
    force: bool,
) -> Vec<Span> {
    let first = from_day.max(first_in_reach(plan, now_ms));
    let mut spans = Vec::new();
    for day in first..=last_ready(plan, now_ms) {
        for stream in streams {
            let span = span_of(stream, day);
            if is_due(plan, known.stream(stream), &span, day, now_ms, force) {
                spans.push(span);
            }
        }
    }
    spans
}

/// When the first span of a connection is to be asked for, UTC ms; it may be over.
pub(super) fn next_ms(
    plan: &BillPlan,
    streams: &[&str],
    known: &Known,
    (from_day, now_ms): (i32, i64),
) -> i64 {
    let first = from_day.max(first_in_reach(plan, now_ms));
    // The day that is going on has its bill tomorrow: there is always a next time.
    let today = BusinessDate::of_ms(now_ms).days().max(first);
    let mut next = i64::MAX;
    for day in first..=today {
        for stream in streams {
            let known = known.stream(stream);
            let start_ms = BusinessDate::from_days(day).start_ms();
            let at = match known.proven.get(&start_ms) {
                None => Some(ready_ms(plan, day)),
                Some(taken_ms) => again_ms(plan, day, *taken_ms),
            };
            let wait = known.troubles.get(&start_ms).copied().unwrap_or(i64::MIN);
            next = next.min(at.map_or(i64::MAX, |at| at.max(wait)));
        }
    }
    next
}

/// Joins spans of one stream that follow each other, up to so many days.
pub(super) fn together(spans: Vec<Span>, days: usize) -> Vec<Span> {
    let most_ms = days as i64 * 24 * 60 * MINUTE_MS;
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last)
                if last.stream == span.stream
                    && last.until_ms == span.from_ms
                    && span.until_ms - last.from_ms <= most_ms =>
            {
                last.until_ms = span.until_ms;
            }
            _ => joined.push(span),
        }
    }
    joined
}

fn is_due(
    plan: &BillPlan,
    known: &StreamKnown,
    span: &Span,
    day: i32,
    now_ms: i64,
    force: bool,
) -> bool {
    let waits = known.troubles.get(&span.from_ms).is_some_and(|next_ms| *next_ms > now_ms);
    if waits && !force {
        return false;
    }
    match known.proven.get(&span.from_ms) {
        None => true,
        Some(taken_ms) => again_ms(plan, day, *taken_ms).is_some_and(|at| at <= now_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: BillPlan = BillPlan {
        ready_minute: 600,
        again_minutes: 30,
        empty_is_final_minute: None,
        reach_days: 89,
        link_s: 30,
    };

    fn at(day: i32, hour: i64) -> i64 {
        BusinessDate::from_days(day).start_ms() + hour * 3_600_000
    }

    fn days(known: &Known, now_ms: i64) -> Vec<i32> {
        let spans = due(&PLAN, &["trade"], known, (20_000, now_ms), false);
        spans.iter().map(|span| BusinessDate::of_ms(span.from_ms).days()).collect()
    }

    #[test]
    fn a_day_is_asked_for_once_its_bill_can_be_there() {
        let nothing = Known::default();
        assert_eq!(days(&nothing, at(20_002, 9)), [20_000]);
        assert_eq!(days(&nothing, at(20_002, 10)), [20_000, 20_001]);
        assert_eq!(days(&nothing, at(20_000, 23)), [0; 0]);
    }

    #[test]
    fn a_proven_day_is_read_again_after_three_and_ten_days_and_then_no_more() {
        let proven = |taken_ms| {
            let mut known = Known::default();
            known.prove("trade", at(20_000, 0), taken_ms);
            known
        };
        let wants = |known: &Known, now_ms| days(known, now_ms).contains(&20_000);
        let first = proven(at(20_001, 11));
        assert!(!wants(&first, at(20_002, 11)) && !wants(&first, at(20_003, 9)));
        assert!(wants(&first, at(20_003, 10)) && wants(&first, at(20_008, 10)));
        let second = proven(at(20_003, 10));
        assert!(!wants(&second, at(20_009, 23)) && wants(&second, at(20_010, 10)));
        let third = proven(at(20_010, 10));
        assert!(!wants(&third, at(20_080, 10)));
        // A month away: one more reading stands for both.
        assert!(wants(&first, at(20_040, 10)) && !wants(&proven(at(20_040, 10)), at(20_041, 10)));
    }

    #[test]
    fn days_in_a_row_are_asked_for_at_once_where_a_channel_has_lists() {
        let spans = [0, 1, 2, 5, 6, 7, 8].map(|day| span_of("balance", 20_000 + day));
        let joined = together(spans.to_vec(), 3);
        let lengths = joined.iter().map(|span| (span.until_ms - span.from_ms) / 86_400_000);
        assert_eq!(lengths.collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(together(spans.to_vec(), 1), spans);
    }

    #[test]
    fn the_next_time_is_when_a_bill_is_made_read_again_or_a_failure_has_rested() {
        let next = |known: &Known, now_ms| next_ms(&PLAN, &["trade"], known, (20_000, now_ms));
        let mut known = Known::default();
        assert_eq!(next(&known, at(20_000, 8)), at(20_001, 10), "the first bill");
        known.prove("trade", at(20_000, 0), at(20_001, 11));
        assert_eq!(next(&known, at(20_001, 12)), at(20_002, 10), "the second");
        known.trouble("trade", at(20_001, 0), at(20_002, 13));
        assert_eq!(next(&known, at(20_002, 11)), at(20_002, 13), "what failed");
        known.prove("trade", at(20_001, 0), at(20_002, 13));
        known.prove("trade", at(20_002, 0), at(20_003, 9));
        assert_eq!(next(&known, at(20_003, 9)), at(20_003, 10), "read once more");
        known.prove("trade", at(20_000, 0), at(20_003, 10));
        assert_eq!(next(&known, at(20_003, 11)), at(20_004, 10), "tomorrow");
    }

    #[test]
    fn what_failed_waits_and_what_is_out_of_reach_is_not_asked_for() {
        let mut known = Known::default();
        known.trouble("trade", at(20_001, 0), at(20_002, 12));
        assert_eq!(days(&known, at(20_002, 11)), [20_000]);
        assert_eq!(days(&known, at(20_002, 12)), [20_000, 20_001]);
        let forced = due(&PLAN, &["trade"], &known, (20_001, at(20_002, 11)), true);
        assert_eq!(forced.len(), 1);
        assert_eq!(days(&Known::default(), at(20_100, 11)).first(), Some(&20_011));
    }
}
