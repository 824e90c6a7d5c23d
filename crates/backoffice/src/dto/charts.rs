//! Charts as they cross to the window.

use super::ReportQuery;
use crate::charts::{ChartOf, Drawing};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What shall be drawn.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "chart", rename_all = "snake_case")]
#[ts(export)]
pub enum ChartQuery {
    /// What a payout is made of.
    Waterfall {
        /// Its id.
        payout: String,
    },
    /// Where the money is.
    MoneyMap,
    /// Payouts on their way.
    Expected,
    /// Money over time by one clock.
    Series {
        /// Clock code.
        clock: String,
        /// Grain code.
        grain: String,
        /// Days and channel.
        query: ReportQuery,
    },
    /// Why two clocks differ.
    Bridge {
        /// First clock.
        from: String,
        /// Second clock.
        to: String,
        /// Days and channel.
        query: ReportQuery,
    },
    /// Payments by weekday and hour.
    Heat {
        /// Days and channel.
        query: ReportQuery,
    },
}

/// A chart as a drawing for paper.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChartView {
    /// What it is of; fit for a file's name.
    pub title: String,
    /// The drawing as SVG.
    pub svg: String,
}

impl ChartQuery {
    /// The same in the words of the use case.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a clock, a grain, a day or a channel that is none.
    pub fn chart(&self) -> Result<ChartOf, Error> {
        Ok(match self {
            Self::Waterfall { payout } => ChartOf::Waterfall(payout.clone()),
            Self::MoneyMap => ChartOf::MoneyMap,
            Self::Expected => ChartOf::Expected,
            Self::Series { clock, grain, query } => {
                let (clock, grain) = (ReportQuery::clock(clock)?, ReportQuery::grain(grain)?);
                ChartOf::Series(clock, grain, query.span()?)
            }
            Self::Bridge { from, to, query } => {
                let (from, to) = (ReportQuery::clock(from)?, ReportQuery::clock(to)?);
                ChartOf::Bridge(from, to, query.span()?)
            }
            Self::Heat { query } => ChartOf::Heat(query.span()?),
        })
    }
}

impl From<Drawing> for ChartView {
    fn from(drawing: Drawing) -> Self {
        Self { title: drawing.title, svg: drawing.svg }
    }
}
