//! What a run over the days before some day depends on, as one hash: while it is the same, the
//! state that such a run reached is still right.

use super::Facts;
use crate::import::hex;
use domain::Stream;
use domain::reconcile::AccountTerms;
use sha2::{Digest, Sha256};
use store::pack::split_line_id;

/// Counted up whenever the bytes of a run's state change.
const CARRIED: [u8; 1] = [2];

impl Facts {
    /// Of the days before `day`: their packs, what of them counts and where it stands, what is
    /// known of rows of unknown kind, the days seen and the sums declared; and the terms.
    pub(in crate::reconciliation) fn fingerprint(
        &self,
        terms: &[AccountTerms],
        day: i32,
    ) -> String {
        let mut hasher = Sha256::new();
        // Another release may judge the same facts differently, and carry them otherwise.
        hasher.update(env!("CARGO_PKG_VERSION"));
        hasher.update(CARRIED);
        let mut put = |value: i64| hasher.update(value.to_le_bytes());
        for (account, terms) in self.accounts.iter().zip(terms) {
            put(account.id);
            put(terms.rate_ppm.unwrap_or(-1));
            put(terms.fixed_minor);
            put(terms.cover.number());
            put(i64::from(terms.returns_fees));
            put(i64::from(terms.promised_days));
        }
        for (day, packs) in self.days.range(..day) {
            put(i64::from(*day));
            for pack in packs.iter().filter(|pack| pack.stream != Stream::Bank) {
                put(pack.stream as i64);
                put(pack.document);
                put(pack.account.map_or(-1, |account| account as i64));
            }
        }
        let mut lines: Vec<[i64; 3]> = Vec::new();
        let early = |line: i64| self.begins_before(line, day);
        lines.extend(self.superseded.iter().filter(|id| early(**id)).map(|id| [0, *id, 0]));
        let classes = self.classes.iter().filter(|(id, _)| early(**id));
        lines.extend(classes.map(|(id, kind)| [1, *id, kind.number()]));
        let places = self.places.iter().filter(|(id, place)| early(**id) || early(**place));
        lines.extend(places.map(|(id, place)| [2, *id, *place]));
        let seen = self.known_days.iter().filter(|(stream, seen)| {
            matches!(stream, Stream::Orders | Stream::Refunds) && *seen < day
        });
        lines.extend(seen.map(|(stream, seen)| [3, *stream as i64, i64::from(*seen)]));
        for ((account, declared), net) in self.declared.iter().filter(|((_, d), _)| *d < day) {
            lines.push([4, *account as i64, i64::from(*declared)]);
            lines.push([5, *account as i64 + (i64::from(*declared) << 8), *net]);
        }
        lines.sort_unstable();
        lines.iter().flatten().for_each(|value| put(*value));
        hex(&hasher.finalize())
    }

    /// True for a line of a document that has, or may have, rows before the day.
    fn begins_before(&self, line: i64, day: i32) -> bool {
        let document = self.documents.get(&split_line_id(line).0);
        document.and_then(|document| document.days).is_none_or(|(from, _)| from < day)
    }

    /// True when order files have rows before the day.
    pub(in crate::reconciliation) fn has_orders_before(&self, day: i32) -> bool {
        self.known_days.iter().any(|(stream, seen)| *stream == Stream::Orders && *seen < day)
    }
}
