//! JSON answers. Their shapes are promised in `docs/cli.md`; change both together.

use crate::output::Output;
use crate::problem::Problem;
use crate::show::date;
use backoffice::import::{FileReport, Total};
use backoffice::lists::{BreakRow, CertificateRow};
use backoffice::payouts::{Payout, PayoutLine};
use backoffice::search::Hit;
use backoffice::transactions::{BalanceRow, Transaction};
use messages::Lang;
use serde_json::{Map, Value, json};

/// A list that is written row by row, so that its length does not matter:
/// `{"payouts": [ … ], "next": null}`.
pub struct List {
    rows: u64,
}

impl List {
    /// Begins the list called `name`.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn begin(name: &str, output: &mut Output) -> Result<Self, Problem> {
        output.bytes(format!("{{{:?}: [", name).as_bytes())?;
        Ok(Self { rows: 0 })
    }

    /// Begins the list called `name` inside an object that is open already.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn within(name: &str, output: &mut Output) -> Result<Self, Problem> {
        output.bytes(format!("{name:?}: [").as_bytes())?;
        Ok(Self { rows: 0 })
    }

    /// One row, on a line of its own.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn row(&mut self, row: &Value, output: &mut Output) -> Result<(), Problem> {
        let comma = if self.rows == 0 { "" } else { "," };
        self.rows += 1;
        output.bytes(format!("{comma}\n{row}").as_bytes())
    }

    /// Ends the list; `next` is the cursor to go on with.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn end(self, next: Option<&str>, output: &mut Output) -> Result<(), Problem> {
        output.line(&format!("\n], \"next\": {}}}", json!(next)))
    }
}

/// A payout.
pub fn payout(payout: &Payout) -> Value {
    let row = &payout.row;
    let mut components = Map::new();
    for part in &payout.components {
        components.insert(part.name.clone(), json!(part.amount_minor));
    }
    json!({
        "id": row.id,
        "channel": row.channel,
        "account_no": row.account_no,
        "number": row.number,
        "date": date(row.day),
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "components": components,
        "unexplained_minor": row.unexplained_minor,
        "promised_date": date(row.promised_day),
        "bank_date": row.bank_day.map(date),
        "bank_minor": row.bank_minor,
        "state": row.state,
        "verdict": row.verdict,
        "reviewed_by": row.reviewed_by,
        "reviewed_at_ms": row.reviewed_at_ms,
        "notes": row.notes,
    })
}

/// A row behind a payout.
pub fn payout_line(line: &PayoutLine, currency: &str) -> Value {
    json!({
        "at_ms": line.at_ms,
        "component": line.component,
        "kind_text": line.kind_text,
        "amount_minor": line.amount_minor,
        "currency": currency,
        "fee_minor": line.fee_minor,
        "order_id": line.order_id,
        "channel_ref": line.channel_ref,
        "goods": line.goods,
        "document": line.document,
        "file": line.file_name,
        "line": line.line_no,
    })
}

/// A trade-bill row.
pub fn transaction(row: &Transaction) -> Value {
    json!({
        "id": row.id,
        "channel": row.channel,
        "account_no": row.account_no,
        "at_ms": row.at_ms,
        "day": date(row.day),
        "kind": row.kind,
        "status": row.status,
        "order_id": row.order_id,
        "payment_id": row.payment_id,
        "merchant_refund_id": row.merchant_refund_id,
        "goods": row.goods,
        "currency": row.currency,
        "order_minor": row.order_minor,
        "settled_minor": row.settled_minor,
        "fee_minor": row.fee_minor,
        "scene": row.scene,
        "paying_bank": row.paying_bank,
        "source": row.source,
        "confirm": row.confirm,
        "back_minor": row.back_minor,
        "document": row.document,
        "line": row.line_no,
    })
}

/// A line that was searched for.
pub fn hit(hit: &Hit) -> Value {
    json!({
        "id": hit.id,
        "payout": hit.payout,
        "day": date(hit.day),
        "channel": hit.channel,
        "title": hit.title,
        "number": hit.number,
        "amount_minor": hit.amount_minor,
        "currency": hit.currency,
        "matched": hit.matched,
        "document": hit.document,
        "file": hit.file_name,
        "line": hit.line_no,
    })
}

/// A move of the balance.
pub fn balance_row(row: &BalanceRow) -> Value {
    json!({
        "id": row.id,
        "channel": row.channel,
        "account_no": row.account_no,
        "at_ms": row.at_ms,
        "day": date(row.day),
        "kind": row.kind,
        "kind_text": row.kind_text,
        "channel_ref": row.channel_ref,
        "payment_id": row.payment_id,
        "merchant_ref": row.merchant_ref,
        "remark": row.remark,
        "currency": row.currency,
        "amount_minor": row.amount_minor,
        "balance_minor": row.balance_minor,
        "document": row.document,
        "line": row.line_no,
    })
}

/// A discrepancy with its reason in the reader's language.
pub fn break_row(row: &BreakRow, lang: Lang) -> Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "records": row.records,
        "field": row.field,
        "expected": row.expected,
        "found": row.found,
        "effect_minor": row.effect_minor,
        "currency": row.currency,
        "day": date(row.day),
        "account": row.account,
        "reason": backoffice::dto::reason_text(&row.kind, &row.field, lang),
        "document": row.line.map(|(document, _)| document),
        "line": row.line.map(|(_, line)| line),
        "state": row.state,
        "act": row.act,
        "decided_by": row.decided_by,
        "decided_at_ms": row.decided_at_ms,
        "why": backoffice::dto::why_text(&row.why, lang),
        "decision": row.decision_id,
        "notes": row.notes,
        "age_days": row.age_days,
        "suggestion": row.suggestion,
    })
}

/// A certificate.
pub fn certificate(row: &CertificateRow) -> Value {
    json!({
        "channel": row.channel,
        "account_no": row.account_no,
        "stream": row.stream,
        "day": date(row.day),
        "verdict": row.verdict,
        "broken_row": row.first_broken().map(|(document, line, code)| {
            json!({ "document": document, "line": line, "code": code })
        }),
        "checks": row.checks,
    })
}

/// What became of a file.
pub fn file(file: &FileReport) -> Value {
    let problems = file
        .problems
        .iter()
        .map(|note| json!({ "line": note.line, "code": note.code, "detail": note.detail }));
    json!({
        "path": file.path,
        "document": file.document,
        "kind": file.kind,
        "state": file.state,
        "rows_read": file.rows_read,
        "rows_new": file.rows_new,
        "rows_known": file.rows_known,
        "rows_changed": file.rows_changed,
        "quarantined": file.quarantined,
        "totals": file.totals.iter().map(total).collect::<Vec<_>>(),
        "problems": problems.collect::<Vec<_>>(),
        "unknown_columns": file.unknown_columns,
        "reason": file.reason,
        "detail": file.detail,
    })
}

fn total(total: &Total) -> Value {
    if is_count(&total.name) {
        return json!({
            "name": total.name,
            "expected": total.expected,
            "found": total.found,
            "holds": total.holds,
            "line": total.line,
        });
    }
    json!({
        "name": total.name,
        "expected_minor": total.expected,
        "found_minor": total.found,
        "currency": total.currency,
        "holds": total.holds,
        "line": total.line,
    })
}

/// True for a total that counts rows; the others are amounts.
pub fn is_count(name: &str) -> bool {
    let counts = name.ends_with("count") || name.ends_with("笔数");
    counts || name.starts_with("count:") || name.starts_with("row") || name == "line_chain"
}
