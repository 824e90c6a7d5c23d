//! Lists that are given away or added up, as they cross to the window.

use super::convert::money;
use super::{Amount, BankQuery, PayoutFilter};
use crate::tables::TableSum;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A list that is not of transactions, with what it is narrowed to.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "list")]
#[ts(export)]
pub enum ListQuery {
    /// Payouts.
    Payouts {
        /// What they are narrowed to.
        filter: PayoutFilter,
    },
    /// Breaks.
    Breaks {
        /// State code.
        state: Option<String>,
        /// Kind code.
        kind: Option<String>,
    },
    /// Bank lines.
    Bank {
        /// What they are narrowed to.
        query: BankQuery,
    },
}

/// What rows of a list add up to in one column and currency.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListSum {
    /// `amount`; of payouts `paid` and `unexplained`.
    pub column: String,
    /// Rows.
    #[ts(type = "number")]
    pub count: i64,
    /// Their sum.
    pub amount: Amount,
}

impl From<TableSum> for ListSum {
    fn from(sum: TableSum) -> Self {
        let amount = money(sum.amount_minor, &sum.currency);
        Self { column: sum.column.to_owned(), count: sum.count, amount }
    }
}
