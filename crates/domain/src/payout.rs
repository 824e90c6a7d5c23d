//! A payout explained: typed components that sum to the amount paid.

/// What a payout is made of, in the order every screen and page shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Order totals of the payments inside.
    Sales,
    /// Discounts the merchant bears.
    MerchantDiscounts,
    /// What buyers got back, at the amounts asked for.
    Refunds,
    /// Fees taken.
    Fees,
    /// Fees given back on refunds.
    FeesReturned,
    /// Shares paid to split receivers.
    CommissionSplit,
    /// Shares given back.
    SplitReturned,
    /// Frozen.
    Held,
    /// No longer frozen.
    Released,
    /// Charges outside trades.
    AccountCharges,
    /// Paid in by the merchant.
    TopUps,
    /// Paid out to others.
    TransfersOut,
    /// Corrections by the channel.
    Adjustments,
    /// Balance left by the payout before.
    CarriedIn,
    /// Balance left for the next payout.
    CarriedOut,
    /// What this payout cost.
    PayoutFee,
    /// Paid less everything above. Computed, never plugged; must be 0.
    Unexplained,
}

impl Component {
    /// Every component, in order.
    pub const ALL: [Self; 17] = [
        Self::Sales,
        Self::MerchantDiscounts,
        Self::Refunds,
        Self::Fees,
        Self::FeesReturned,
        Self::CommissionSplit,
        Self::SplitReturned,
        Self::Held,
        Self::Released,
        Self::AccountCharges,
        Self::TopUps,
        Self::TransfersOut,
        Self::Adjustments,
        Self::CarriedIn,
        Self::CarriedOut,
        Self::PayoutFee,
        Self::Unexplained,
    ];

    /// The stable name used in JSON and documents.
    pub fn code(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::MerchantDiscounts => "merchant_discounts",
            Self::Refunds => "refunds",
            Self::Fees => "fees",
            Self::FeesReturned => "fees_returned",
            Self::CommissionSplit => "commission_split",
            Self::SplitReturned => "split_returned",
            Self::Held => "held",
            Self::Released => "released",
            Self::AccountCharges => "account_charges",
            Self::TopUps => "top_ups",
            Self::TransfersOut => "transfers_out",
            Self::Adjustments => "adjustments",
            Self::CarriedIn => "carried_in",
            Self::CarriedOut => "carried_out",
            Self::PayoutFee => "payout_fee",
            Self::Unexplained => "unexplained",
        }
    }

    /// The component with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.code() == code)
    }
}

/// Signed amounts by component, minor units, with the number of rows behind each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Components {
    amounts: [i64; 17],
    rows: [u32; 17],
}

impl Components {
    /// Adds one row's part.
    pub fn add(&mut self, component: Component, amount_minor: i64) {
        if amount_minor != 0 {
            self.amounts[component as usize] += amount_minor;
            self.rows[component as usize] += 1;
        }
    }

    /// Counts a row that adds to no component by an amount: one of unknown kind.
    pub fn count(&mut self, component: Component) {
        self.rows[component as usize] += 1;
    }

    /// Moves an amount between two components without counting a row.
    pub fn shift(&mut self, component: Component, amount_minor: i64) {
        self.amounts[component as usize] += amount_minor;
    }

    /// Sets one component as it was stored.
    pub fn set(&mut self, component: Component, amount_minor: i64, rows: u32) {
        self.amounts[component as usize] = amount_minor;
        self.rows[component as usize] = rows;
    }

    /// The amount of one component.
    pub fn get(&self, component: Component) -> i64 {
        self.amounts[component as usize]
    }

    /// How many rows make it up.
    pub fn rows(&self, component: Component) -> u32 {
        self.rows[component as usize]
    }

    /// Adds all of another.
    pub fn absorb(&mut self, other: &Self) {
        for (amount, more) in self.amounts.iter_mut().zip(other.amounts) {
            *amount += more;
        }
        for (rows, more) in self.rows.iter_mut().zip(other.rows) {
            *rows += more;
        }
    }

    /// Everything but `unexplained`.
    pub fn typed_sum(&self) -> i64 {
        self.amounts.iter().sum::<i64>() - self.get(Component::Unexplained)
    }

    /// Sets `unexplained` to what `paid_minor` and the typed components leave open.
    pub fn close(&mut self, paid_minor: i64) {
        self.amounts[Component::Unexplained as usize] = paid_minor - self.typed_sum();
    }

    /// Components that are not zero, in order; `unexplained` always, since it must be seen.
    pub fn listed(&self) -> impl Iterator<Item = (Component, i64, u32)> + '_ {
        Component::ALL.into_iter().filter_map(|component| {
            let amount = self.get(component);
            (amount != 0 || component == Component::Unexplained).then_some((
                component,
                amount,
                self.rows(component),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_payout_is_explained_to_the_last_fen() {
        let mut parts = Components::default();
        for sale in [12800, 3999, 500, 25600, 99] {
            parts.add(Component::Sales, sale);
        }
        for fee in [77, 24, 3, 154, 1] {
            parts.add(Component::Fees, -fee);
        }
        parts.add(Component::Refunds, -5000);
        parts.add(Component::FeesReturned, 30);
        parts.add(Component::AccountCharges, -100);
        parts.add(Component::CommissionSplit, -1280);
        parts.add(Component::Held, -3975);
        parts.add(Component::Released, 2000);
        parts.close(34414);
        assert_eq!(parts.get(Component::Unexplained), 0);
        assert_eq!(parts.typed_sum(), 34414);
        parts.close(34314);
        assert_eq!(parts.get(Component::Unexplained), -100);
    }
}
