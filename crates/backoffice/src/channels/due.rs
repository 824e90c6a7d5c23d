//! Which days of a channel's bills are to be asked for now.
//!
//! A pure function of what is proven, what failed and the channel's clock: a sync that was killed
//! goes on wherever it was.

use super::coverage::{Known, StreamKnown};
use crate::import::Span;
use connectors::plan::BillPlan;
use domain::{BusinessDate, Period};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// When a bill is read again, counted from when it is first there: in the evening of that day, and
/// three and ten days after its own day. Channels amend bills.
const AGAIN_AFTER_MS: [i64; 3] = [8 * 60 * MINUTE_MS, 2 * DAY_MS, 9 * DAY_MS];

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
    let rereads = AGAIN_AFTER_MS.map(|after| ready_ms(plan, day) + after);
    rereads.into_iter().find(|at| taken_ms < *at)
}

/// The moment since when a reading of the period's bills counts as one after its end: when its last
/// bill is there; of a period that goes on, the last that can be there by now.
pub(super) fn closing_ms(plan: &BillPlan, period: Period, now_ms: i64) -> i64 {
    let last = period.until.days().saturating_sub(1);
    ready_ms(plan, last.min(last_ready(plan, now_ms)))
}

/// Spans to ask for, oldest first, the streams of a day together. `force` asks also for what
/// failed a short while ago, `again` for days of a period that were read before its end only.
pub(super) fn due(
    plan: &BillPlan,
    streams: &[&str],
    known: &Known,
    (from_day, now_ms): (i32, i64),
    (force, again): (bool, Option<Period>),
) -> Vec<Span> {
    let closing = again.map(|period| (period, closing_ms(plan, period, now_ms)));
    let first = from_day.max(first_in_reach(plan, now_ms));
    let mut spans = Vec::new();
    for day in first..=last_ready(plan, now_ms) {
        for stream in streams {
            let span = span_of(stream, day);
            let stream = known.stream(stream);
            let early = closing.is_some_and(|(period, closing_ms)| {
                period.contains(BusinessDate::from_days(day))
                    && stream.proven.get(&span.from_ms).is_some_and(|taken| *taken < closing_ms)
            });
            if early || is_due(plan, stream, &span, day, now_ms, force) {
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
        empty_alone_minute: None,
        reach_days: 89,
        link_s: 30,
    };

    fn at(day: i32, hour: i64) -> i64 {
        BusinessDate::from_days(day).start_ms() + hour * 3_600_000
    }

    fn days(known: &Known, now_ms: i64) -> Vec<i32> {
        let spans = due(&PLAN, &["trade"], known, (20_000, now_ms), (false, None));
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
    fn a_proven_day_is_read_again_that_evening_after_three_and_ten_days_and_then_no_more() {
        let proven = |taken_ms| {
            let mut known = Known::default();
            known.prove("trade", at(20_000, 0), taken_ms);
            known
        };
        let wants = |known: &Known, now_ms| days(known, now_ms).contains(&20_000);
        let morning = proven(at(20_001, 11));
        assert!(!wants(&morning, at(20_001, 17)) && wants(&morning, at(20_001, 18)));
        let first = proven(at(20_001, 18));
        assert!(!wants(&first, at(20_002, 11)) && !wants(&first, at(20_003, 9)));
        assert!(wants(&first, at(20_003, 10)) && wants(&first, at(20_008, 10)));
        let second = proven(at(20_003, 10));
        assert!(!wants(&second, at(20_009, 23)) && wants(&second, at(20_010, 10)));
        let third = proven(at(20_010, 10));
        assert!(!wants(&third, at(20_080, 10)));
        // A month away: one more reading stands for all.
        assert!(wants(&first, at(20_040, 10)) && !wants(&proven(at(20_040, 10)), at(20_041, 10)));
    }

    #[test]
    fn before_a_month_is_closed_what_was_read_before_its_end_is_read_again() {
        let (from, until) = (BusinessDate::from_days(20_000), BusinessDate::from_days(20_030));
        let period = Period { from, until };
        let read = |after: i32| {
            let mut known = Known::default();
            (20_000..20_050).for_each(|day| known.prove("trade", at(day, 0), at(day + after, 11)));
            known
        };
        let again = |known: &Known, now_ms| -> Vec<i32> {
            let asked = (false, Some(period));
            let spans = due(&PLAN, &["trade"], known, (20_000, now_ms), asked);
            spans.iter().map(|span| BusinessDate::of_ms(span.from_ms).days()).collect()
        };
        let mut known = read(10);
        // The last bill is there on day 20_030 at ten.
        assert_eq!(again(&known, at(20_050, 12)), (20_000..20_020).collect::<Vec<_>>());
        known.prove("trade", at(20_003, 0), at(20_050, 12));
        assert!(!again(&known, at(20_050, 13)).contains(&20_003));
        assert_eq!(days(&known, at(20_050, 12)), [0; 0], "unasked, nothing is read again");
        // The month goes on: everything that was read before this morning's bill was there.
        assert_eq!(again(&read(1), at(20_010, 12)), (20_000..20_009).collect::<Vec<_>>());
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
        assert_eq!(next(&known, at(20_001, 12)), at(20_001, 18), "in the evening again");
        known.prove("trade", at(20_000, 0), at(20_001, 18));
        assert_eq!(next(&known, at(20_001, 19)), at(20_002, 10), "the second");
        known.trouble("trade", at(20_001, 0), at(20_002, 13));
        assert_eq!(next(&known, at(20_002, 11)), at(20_002, 13), "what failed");
        known.prove("trade", at(20_001, 0), at(20_002, 18));
        known.prove("trade", at(20_002, 0), at(20_003, 9));
        assert_eq!(next(&known, at(20_003, 9)), at(20_003, 10), "read once more");
        known.prove("trade", at(20_000, 0), at(20_003, 10));
        known.prove("trade", at(20_002, 0), at(20_003, 18));
        assert_eq!(next(&known, at(20_003, 19)), at(20_004, 10), "tomorrow");
    }

    #[test]
    fn what_failed_waits_and_what_is_out_of_reach_is_not_asked_for() {
        let mut known = Known::default();
        known.trouble("trade", at(20_001, 0), at(20_002, 12));
        assert_eq!(days(&known, at(20_002, 11)), [20_000]);
        assert_eq!(days(&known, at(20_002, 12)), [20_000, 20_001]);
        let forced = due(&PLAN, &["trade"], &known, (20_001, at(20_002, 11)), (true, None));
        assert_eq!(forced.len(), 1);
        assert_eq!(days(&Known::default(), at(20_100, 11)).first(), Some(&20_011));
    }
}
