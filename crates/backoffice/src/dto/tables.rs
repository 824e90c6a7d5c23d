//! Lists that are given away or added up, as they cross to the window.

use super::convert::money;
use super::lists::{channel, sort};
use super::{Amount, BankQuery, OrderQuery, PayoutFilter, PayoutStatus};
use crate::error::Error;
use crate::lists::BreakFilter;
use crate::payouts;
use crate::tables::{List, TableSum};
use domain::reconcile::BreakState;
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
        /// `newest`, `oldest`, `largest`, `smallest`.
        sort: Option<String>,
    },
    /// Bank lines.
    Bank {
        /// What they are narrowed to.
        query: BankQuery,
    },
    /// Orders.
    Orders {
        /// What they are narrowed to.
        query: OrderQuery,
    },
}

impl PayoutFilter {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a channel or an order that is none, and for a status that no list
    /// is narrowed to.
    pub fn filter(&self) -> Result<payouts::PayoutFilter, Error> {
        let open_only = match self.status {
            None => false,
            Some(PayoutStatus::Question) => true,
            Some(_) => {
                let reason = "only open questions can be asked for".to_owned();
                return Err(Error::BadInput { field: "status", reason });
            }
        };
        Ok(payouts::PayoutFilter {
            open_only,
            channel: channel(self.channel.as_deref())?,
            sort: sort(self.sort.as_deref())?,
            ..payouts::PayoutFilter::default()
        })
    }
}

/// What a list of breaks is narrowed to, in the words of the use case.
///
/// # Errors
/// [`Error::BadInput`] for a state or an order that is none.
pub fn break_filter(
    state: Option<&str>,
    kind: Option<&str>,
    order: Option<&str>,
) -> Result<BreakFilter, Error> {
    let code = state.filter(|code| !code.is_empty());
    let reason = |code: &str| code.chars().take(40).collect();
    let known = |code| {
        let bad = || Error::BadInput { field: "state", reason: reason(code) };
        BreakState::from_code(code).ok_or_else(bad)
    };
    Ok(BreakFilter {
        state: code.map(known).transpose()?,
        kind: kind.map(str::to_owned),
        // Whoever asks for this kind wants to see it.
        with_carried: kind == Some("cut_off"),
        sort: sort(order)?,
        ..BreakFilter::default()
    })
}

impl ListQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for what a filter cannot be.
    pub fn list(&self) -> Result<List, Error> {
        Ok(match self {
            Self::Payouts { filter } => List::Payouts(filter.filter()?),
            Self::Bank { query } => List::Bank(query.filter()?),
            Self::Orders { query } => List::Orders(query.filter()?),
            Self::Breaks { state, kind, sort } => {
                let filter = break_filter(state.as_deref(), kind.as_deref(), sort.as_deref())?;
                List::Breaks(filter)
            }
        })
    }
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
