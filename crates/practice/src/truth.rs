//! The answers: what a careful reader of the files must find.

use crate::options::Kind;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

macro_rules! components {
    ($($(#[$doc:meta])* $name:ident $code:literal,)*) => {
        /// A part of a payout, in the order statements show them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Component {
            $($(#[$doc])* $name,)*
        }

        impl Component {
            /// Every component.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code: `sales`, `fees_returned`…
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

components! {
    /// Order totals.
    Sales "sales",
    /// Own discounts (−), and those taken back with a refund (+).
    MerchantDiscounts "merchant_discounts",
    /// What refunds asked for (−), and closed refunds that came back (+).
    Refunds "refunds",
    /// Fees of sales (−).
    Fees "fees",
    /// Fees given back (+).
    FeesReturned "fees_returned",
    /// Shares paid to others (−).
    CommissionSplit "commission_split",
    /// Shares given back (+).
    SplitReturned "split_returned",
    /// Frozen (−).
    Held "held",
    /// No longer frozen (+).
    Released "released",
    /// Charges outside trades (−).
    AccountCharges "account_charges",
    /// Paid in (+).
    TopUps "top_ups",
    /// Paid to others (−).
    TransfersOut "transfers_out",
    /// Corrections, and payouts that came back (±).
    Adjustments "adjustments",
    /// What the payout before left (±).
    CarriedIn "carried_in",
    /// What this payout leaves, negative when it leaves something.
    CarriedOut "carried_out",
    /// Fee of the payout (−).
    PayoutFee "payout_fee",
    /// What no row of the files tells (±).
    Unexplained "unexplained",
}

/// The parts of a payout: they sum to its amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Components([i64; 17]);

impl Components {
    /// One part, fen.
    pub fn get(&self, component: Component) -> i64 {
        self.0[component as usize]
    }

    /// All parts together.
    pub fn sum(&self) -> i64 {
        self.0.iter().sum()
    }

    pub(crate) fn add(&mut self, component: Component, amount: i64) {
        self.0[component as usize] += amount;
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

impl Serialize for Components {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for component in Component::ALL {
            map.serialize_entry(component.code(), &self.get(*component))?;
        }
        map.end()
    }
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PayoutTruth {
    /// `wechat_pay`, `alipay`.
    pub channel: &'static str,
    /// The shop's number there.
    pub account_no: &'static str,
    /// The channel's number of the payout.
    pub number: String,
    /// Day of the payout row.
    pub date: String,
    /// What left the balance, fen, positive.
    pub amount_minor: i64,
    /// What it is made of, as the files show it.
    pub components: Components,
    /// Day it reached the bank; `None` when it did not, or not yet.
    pub bank_date: Option<String>,
    /// What reached the bank for this payout, fen.
    pub bank_amount_minor: Option<i64>,
}

/// A planted problem, or a cut-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Kind of break.
    pub kind: Kind,
    /// Primary record: `payment:4200…`.
    pub record: String,
    /// Account it is about.
    pub account_no: &'static str,
    /// Day of the primary record.
    pub day: String,
    /// The field that differs.
    pub field: &'static str,
    /// What it should be; money in signed minor units.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// Money effect, minor units; negative when the merchant is short of it.
    pub effect_minor: i64,
}

/// What a completeness certificate must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// `wechat_pay`, `alipay`.
    pub channel: &'static str,
    /// The shop's number there.
    pub account_no: &'static str,
    /// `trade`, `fund`.
    pub stream: &'static str,
    /// The day.
    pub day: String,
    /// `complete`: all there, or proven empty. `incomplete`: file or row lost. `contradictory`: the
    /// file's rows and balances do not add up.
    pub verdict: &'static str,
}

/// A closing balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceTruth {
    /// `wechat_pay`, `alipay`, `bank`.
    pub channel: &'static str,
    /// Account number.
    pub account_no: &'static str,
    /// Balance after the last day, fen.
    pub balance_minor: i64,
}

/// Everything that moved on one account: `opening + Σ components + returned − paid_out = closing`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerTruth {
    /// `wechat_pay`, `alipay`, `bank`.
    pub channel: &'static str,
    /// Account number.
    pub account_no: &'static str,
    /// Before the first day.
    pub opening_minor: i64,
    /// All rows but payouts and returned payouts, by component; for the bank zero.
    pub components: Components,
    /// All payouts; for the bank everything that left it.
    pub paid_out_minor: i64,
    /// Payouts that came back; for the bank everything that arrived.
    pub returned_minor: i64,
    /// After the last day.
    pub closing_minor: i64,
}

/// The truth file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// Seed of the run.
    pub seed: u64,
    /// Number of days.
    pub days: u32,
    /// Orders a day.
    pub size: u32,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Closing balances.
    pub accounts: Vec<BalanceTruth>,
    /// Every payout, by day and account.
    pub payouts: Vec<PayoutTruth>,
    /// Every problem, by day.
    pub problems: Vec<Problem>,
    /// A certificate for each day of each bill.
    pub certificates: Vec<Certificate>,
    /// Sums of each account.
    pub ledger: Vec<LedgerTruth>,
}
