//! What the book keeps of a document beside its lines.

use super::Run;
use super::entry::Counts;
use crate::error::Error;
use crate::reconciliation::StoredCheck;
use connectors::bill::{Balances, Closing, FileKind, TradeRows};
use connectors::table::Mapping;
use domain::Stream;
use std::collections::BTreeMap;
use store::bulk::{Cell, Loader, TableSpec};

static LINE_MARK: TableSpec = TableSpec::new("line_mark", &["document_id", "bytes"]);

impl Run<'_, '_> {
    pub(super) fn insert_document(
        &mut self,
        id: i64,
        raw: i64,
        number: usize,
        name: &str,
        kind: &FileKind,
    ) -> Result<(), Error> {
        self.loader.execute(
            "insert into document (id, raw_document_id, entry_no, entry_name, kind, stream, \
             rows_read, rows_new, rows_known, rows_changed, rows_quarantined, checks, \
             unknown_columns) values ($1, $2, $3, $4, $5, '', 0, 0, 0, 0, 0, '[]', '[]')",
            &[
                Cell::Int(id),
                Cell::Int(raw),
                Cell::Int(number as i64),
                Cell::Text(name),
                Cell::Text(kind.code()),
            ],
        )?;
        Ok(())
    }

    pub(super) fn close_document(
        &mut self,
        saved: &Saved<'_>,
        closing: &Closing,
    ) -> Result<(), Error> {
        let stored = StoredClosing::of(
            closing,
            is_whole(saved.kind, closing) && saved.counts.quarantined == 0,
        );
        stored.write(&mut self.loader, saved.document)?;
        let columns = serde_json::to_string(&closing.unknown_columns).unwrap_or_default();
        let mapping = saved.mapping.and_then(|m| serde_json::to_string(m).ok()).unwrap_or_default();
        let opt = |value: Option<i64>| value.map_or(Cell::Null, Cell::Int);
        let counts = saved.counts;
        self.loader.execute(
            "update document set stream = $2, account_id = $3, from_day = $4, to_day = $5, \
             rows_read = $6, rows_new = $7, rows_known = $8, rows_changed = $9, \
             rows_quarantined = $10, unknown_columns = $11, mapping = $12, issued_at_ms = $13, \
             mark_by_fetch = $14 where id = $1",
            &[
                Cell::Int(saved.document),
                Cell::Text(saved.stream.code()),
                opt(saved.account),
                opt(saved.days.map(|(from, _)| i64::from(from))),
                opt(saved.days.map(|(_, to)| i64::from(to))),
                Cell::Int(closing.rows_read as i64),
                Cell::Int(counts.new as i64),
                Cell::Int(counts.known as i64),
                Cell::Int(counts.changed as i64),
                Cell::Int(counts.quarantined as i64),
                Cell::Text(&columns),
                Cell::Text(&mapping),
                opt(closing.issued_at_ms),
                Cell::Int(i64::from(saved.mark_by_fetch)),
            ],
        )?;
        if !closing.marks.is_empty() {
            let marks = [Cell::Int(saved.document), Cell::Blob(&closing.marks)];
            self.loader.insert(&LINE_MARK, &marks)?;
        }
        Ok(())
    }
}

/// What a file says of itself, as the book keeps it.
pub(crate) struct StoredClosing {
    checks: String,
    totals: String,
    balances: Vec<Balances>,
    whole: bool,
}

impl StoredClosing {
    pub(crate) fn of(closing: &Closing, whole: bool) -> Self {
        let checks: Vec<StoredCheck> = closing.checks.iter().map(StoredCheck::from).collect();
        let checks = serde_json::to_string(&checks).unwrap_or_default();
        let totals: BTreeMap<&str, i64> =
            closing.totals.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let totals = serde_json::to_string(&totals).unwrap_or_default();
        Self { checks, totals, balances: closing.balances.clone(), whole }
    }

    /// # Errors
    /// The database's.
    pub(crate) fn write(&self, loader: &mut Loader<'_>, document: i64) -> Result<(), Error> {
        loader.execute(
            "update document set checks = $2, totals = $3, whole = $4 where id = $1",
            &[
                Cell::Int(document),
                Cell::Text(&self.checks),
                Cell::Text(&self.totals),
                Cell::Int(i64::from(self.whole)),
            ],
        )?;
        let id = [Cell::Int(document)];
        loader.execute("delete from document_balance where document_id = $1", &id)?;
        for balances in &self.balances {
            loader.execute(
                "insert into document_balance \
                 (document_id, currency, opening_minor, closing_minor) values ($1, $2, $3, $4)",
                &[
                    Cell::Int(document),
                    Cell::Text(balances.currency.code()),
                    Cell::Int(balances.opening_minor),
                    Cell::Int(balances.closing_minor),
                ],
            )?;
        }
        Ok(())
    }
}

/// What is written of a document once it is read.
pub(super) struct Saved<'a> {
    pub document: i64,
    pub kind: &'a FileKind,
    pub stream: Stream,
    pub account: Option<i64>,
    pub days: Option<(i32, i32)>,
    pub counts: &'a Counts,
    pub mapping: Option<&'a Mapping>,
    /// When it was made is when it was fetched.
    pub mark_by_fetch: bool,
}

pub(super) fn announced_days(closing: &Closing, seen: Option<(i32, i32)>) -> Option<(i32, i32)> {
    match closing.days {
        announced if closing.days_announced => announced.map(|(from, to)| (from.days(), to.days())),
        days => seen.or_else(|| days.map(|(from, to)| (from.days(), to.days()))),
    }
}

pub(super) fn stream_of(kind: &FileKind, mapping: Option<&Mapping>) -> Stream {
    use connectors::bill::TableTarget;
    match kind {
        FileKind::WechatTrade { .. }
        | FileKind::AlipayTrade
        | FileKind::AlipayTradeSummary
        | FileKind::UnionPayTrade { .. }
        | FileKind::StripeTrade { .. }
        | FileKind::TillTrade { .. } => Stream::Trade,
        FileKind::WechatFund
        | FileKind::AlipayAccount
        | FileKind::AlipayAccountSummary
        | FileKind::UnionPayClearing { .. }
        | FileKind::UnionPayAdjustment { .. }
        | FileKind::StripeBalance { .. }
        | FileKind::TillMoves { .. } => Stream::Fund,
        FileKind::BankOfx | FileKind::BankMt940 | FileKind::BankCamt053 => Stream::Bank,
        FileKind::ShopOrders => Stream::Orders,
        FileKind::Table { target } => match target.or(mapping.map(|m| m.target)) {
            Some(TableTarget::Orders) => Stream::Orders,
            Some(TableTarget::Refunds) => Stream::Refunds,
            Some(TableTarget::Settlements) => Stream::Trade,
            Some(TableTarget::Moves) => Stream::Fund,
            _ => Stream::Bank,
        },
    }
}

/// True for a bill that holds every line of the days it covers: no filter, no part of a day. Only
/// such a bill can say, by leaving it out, that a line is gone.
pub(crate) fn is_whole(kind: &FileKind, closing: &Closing) -> bool {
    match kind {
        FileKind::WechatTrade { rows: TradeRows::All, .. }
        | FileKind::WechatFund
        | FileKind::UnionPayTrade { .. }
        | FileKind::UnionPayClearing { .. } => true,
        // Its days are those that it covers whole.
        FileKind::StripeTrade { .. } | FileKind::StripeBalance { .. } => true,
        FileKind::AlipayTrade | FileKind::AlipayAccount => {
            closing.days_announced && !closing.part_of_day
        }
        _ => false,
    }
}
