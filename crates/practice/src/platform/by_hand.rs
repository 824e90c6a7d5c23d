//! What a merchant's cards come to, told without a call: what was fetched is held against it.

use super::{Platform, stripe, union_pay};
use serde_json::Value;

impl Platform {
    /// UnionPay's files of the clearing days that are ready by now, oldest first: the name and the
    /// bytes, as the merchant's bank hands them over.
    pub fn union_pay_files(&self) -> Vec<(String, Vec<u8>)> {
        union_pay::files(&self.world, (self.world.settings.clock)())
    }

    /// One of Stripe's lists, whole, newest first, as far as it has happened; of a payout's own
    /// balance transactions where one is named. What a balance transaction comes from stands in
    /// it. `None` for a list that Stripe does not have.
    pub fn stripe_list(&self, kind: &str, payout: Option<&str>) -> Option<Value> {
        stripe::told(&self.world, (self.world.settings.clock)(), kind, payout)
    }

    /// Stripe's balance as it stands.
    pub fn stripe_balance(&self) -> Value {
        stripe::balance(&self.world, (self.world.settings.clock)())
    }

    /// Stripe's number of the account.
    pub fn stripe_account(&self) -> &'static str {
        stripe::ACCOUNT
    }
}
