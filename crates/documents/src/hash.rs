//! The content hash: SHA-256 over one canonical serialisation of the statement.
//!
//! Every field is written in the order of its struct: texts with their length in front, numbers
//! as eight bytes, lists with their length, options with a mark. So two statements share a hash
//! only when they say the same.

use crate::statement::{
    Arrival, Line, Note, PayoutHead, PayoutRow, Statement, StatementKind, TEMPLATE_VERSION,
};
use domain::BusinessDate;
use sha2::{Digest, Sha256};

/// SHA-256 of all that the statement says and of the template version.
///
/// It does not depend on the file format: PDF, XLSX and CSV of one statement share it.
pub fn content_hash(statement: &Statement) -> [u8; 32] {
    let mut canon = Canon(Sha256::new());
    canon.text("suanpan-statement");
    canon.number(i64::from(TEMPLATE_VERSION));
    canon.statement(statement);
    canon.0.finalize().into()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

struct Canon(Sha256);

impl Canon {
    fn number(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.0.update([0]),
            Some(value) => {
                self.0.update([1]);
                write(self, value);
            }
        }
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.count(items.len());
        for item in items {
            write(self, item);
        }
    }

    fn day(&mut self, day: BusinessDate) {
        self.number(i64::from(day.days()));
    }

    fn statement(&mut self, s: &Statement) {
        self.text(s.lang.code());
        self.text(&s.company.name);
        self.list(&s.company.id_lines, |c, line| c.text(line));
        self.kind(&s.kind);
        self.text(s.clock.code());
        self.number(i64::from(s.zone.offset_minutes));
        self.text(s.currency.code());
        self.list(&s.components, |c, row| {
            c.text(row.component.code());
            c.number(row.amount_minor);
            c.number(i64::from(row.rows));
        });
        self.number(s.total_minor);
        self.text(s.completeness.verdict.code());
        self.text(&s.completeness.note);
        self.list(&s.payouts, Self::payout);
        self.list(&s.lines, Self::line);
        self.list(&s.notes, Self::note);
        self.0.update(s.source.data_version.to_be_bytes());
        self.text(&s.source.state_hash);
        self.text(&s.source.generated_from);
        // A statement without such a name is what it was before there were any.
        if !s.channel_names.is_empty() {
            self.list(&s.channel_names, |c, (channel, name)| {
                c.text(channel.code());
                c.text(name);
            });
        }
    }

    fn kind(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Payout(head) => {
                self.text("payout");
                self.head(head);
            }
            StatementKind::Period { period, channel, account_no } => {
                self.text("period");
                self.day(period.from);
                self.day(period.until);
                self.option(*channel, |c, channel| c.text(channel.code()));
                self.option(account_no.as_deref(), Self::text);
            }
        }
    }

    fn head(&mut self, head: &PayoutHead) {
        self.text(head.channel.code());
        self.text(&head.account_no);
        self.text(&head.number);
        self.day(head.left_on);
        self.option(head.promised_on, Self::day);
        self.option(head.arrival.as_ref(), |c, arrival: &Arrival| {
            c.day(arrival.booked_on);
            c.number(arrival.amount_minor);
            c.text(&arrival.account_tail);
        });
    }

    fn payout(&mut self, row: &PayoutRow) {
        self.day(row.left_on);
        self.text(row.channel.code());
        self.text(&row.account_no);
        self.text(&row.number);
        self.number(row.amount_minor);
        self.number(row.unexplained_minor);
        self.option(row.arrived_on, Self::day);
    }

    fn line(&mut self, line: &Line) {
        self.number(line.at_ms);
        self.text(line.kind.code());
        self.text(&line.order_no);
        self.text(&line.channel_no);
        self.text(&line.goods);
        self.number(line.gross_minor);
        self.number(line.fee_minor);
        self.number(line.net_minor);
        self.text(&line.evidence_file);
        self.number(i64::from(line.evidence_line));
    }

    fn note(&mut self, note: &Note) {
        self.text(&note.code);
        self.text(&note.record);
        self.text(&note.detail);
        self.option(note.effect_minor, Self::number);
    }
}
