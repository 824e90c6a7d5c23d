//! Double entry: accounts, postings, and the rules that turn a line into a balanced entry.
//!
//! An entry is a pure function of the line that caused it and of the rule book's version, so it is
//! not stored: it can be written out again from the line at any time, always the same.

use crate::reconcile::SettlementItem;
use crate::{BalanceKind, BankLine, Channel, Currency, SettlementKind, SettlementLine};
use std::fmt;

/// Version of the posting rules below; a change of any rule raises it.
pub const RULE_BOOK_VERSION: u32 = 2;

/// A place in the default chart of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The merchant's balance at a channel.
    Balance,
    /// Earned, not yet on the balance.
    Pending,
    /// Set aside for a split, in escrow, as the least a payout leaves.
    Held,
    /// A payout that left and has not arrived.
    InTransit,
    /// An account at a bank.
    Bank,
    /// What was sold, at order totals.
    Sales,
    /// What buyers asked back.
    SalesRefunds,
    /// Discounts the merchant bears.
    MerchantDiscount,
    /// Fees taken by a channel.
    ChannelFees,
    /// Fees given back by a channel.
    FeesReturned,
    /// Shares paid to split receivers, less shares given back.
    CommissionSplit,
    /// Charges outside trades.
    AccountCharges,
    /// What payouts cost.
    PayoutFees,
    /// The merchant's own money paid into the channel, and money paid out to others.
    OwnTransfers,
    /// Corrections by the channel.
    Adjustments,
    /// Kind not known yet.
    Suspense,
    /// What holders of prepaid cards can still spend: one account, whatever they paid with.
    StoredValue,
    /// Frozen by a channel until it lets go.
    Frozen,
}

impl Role {
    /// Every place.
    pub const ALL: [Self; 18] = [
        Self::Balance,
        Self::Pending,
        Self::Held,
        Self::InTransit,
        Self::Bank,
        Self::Sales,
        Self::SalesRefunds,
        Self::MerchantDiscount,
        Self::ChannelFees,
        Self::FeesReturned,
        Self::CommissionSplit,
        Self::AccountCharges,
        Self::PayoutFees,
        Self::OwnTransfers,
        Self::Adjustments,
        Self::Suspense,
        Self::StoredValue,
        Self::Frozen,
    ];

    /// Account name before the scope, in the five-class form that hledger reads.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Balance => "assets:balance",
            Self::Pending => "assets:pending",
            Self::Held => "assets:held",
            Self::InTransit => "assets:in_transit",
            Self::Bank => "assets:bank",
            Self::Sales => "revenues:sales",
            Self::SalesRefunds => "revenues:sales_refunds",
            Self::MerchantDiscount => "expenses:merchant_discount",
            Self::ChannelFees => "expenses:channel_fees",
            Self::FeesReturned => "expenses:fees_returned",
            Self::CommissionSplit => "expenses:commission_split",
            Self::AccountCharges => "expenses:account_charges",
            Self::PayoutFees => "expenses:payout_fees",
            Self::OwnTransfers => "equity:own_transfers",
            Self::Adjustments => "revenues:adjustments",
            Self::Suspense => "equity:suspense",
            Self::StoredValue => "liabilities:stored_value",
            Self::Frozen => "assets:frozen",
        }
    }
}

/// The merchant's account a line belongs to: channel, number there, and which of its accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The channel.
    pub channel: Channel,
    /// The merchant's number at the channel, or the bank account number.
    pub account_no: String,
    /// `basic`, `operation`, `fees`; at Stripe the currency, `usd`.
    pub fund_account: String,
}

impl Scope {
    /// The currency of the account's balance. Stripe keeps one for each, and names them by it; the
    /// balances of all others are of the yuan.
    pub fn currency(&self) -> Currency {
        match self.channel {
            Channel::Stripe => Currency::from_code(&self.fund_account).unwrap_or(Currency::CNY),
            _ => Currency::CNY,
        }
    }

    /// The ledger account of `role` for this scope: `assets:balance:wechat_pay:1900000109`.
    pub fn account(&self, role: Role) -> String {
        let mut name = match role {
            // Money on its way may be claimed by a bank line that names only the channel.
            Role::InTransit => return in_transit(self.channel),
            Role::StoredValue => return role.prefix().to_owned(),
            Role::Bank => format!("{}:{}", role.prefix(), self.account_no),
            // What lies in the shop's own hands, not at a channel.
            Role::Balance if self.channel.is_by_hand() => {
                format!("assets:till:{}:{}", self.channel, self.account_no)
            }
            _ => format!("{}:{}:{}", role.prefix(), self.channel, self.account_no),
        };
        if self.fund_account != "basic" && self.channel != Channel::Bank {
            name.push(':');
            name.push_str(&self.fund_account);
        }
        name
    }
}

fn in_transit(channel: Channel) -> String {
    format!("{}:{}", Role::InTransit.prefix(), channel)
}

/// One leg. Positive is a debit, negative a credit, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub role: Role,
    /// Debit (+) or credit (−).
    pub amount_minor: i64,
    /// Set on the transit leg of a bank line: the channel whose payout it is.
    pub channel: Option<Channel>,
}

impl Posting {
    /// The full account name of this leg for a line of `scope`.
    pub fn account(&self, scope: &Scope) -> String {
        match self.channel {
            Some(channel) => in_transit(channel),
            None => scope.account(self.role),
        }
    }
}

/// A balanced set of legs of one currency, caused by one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Currency of every leg.
    pub currency: Currency,
    legs: [Option<Posting>; 4],
}

impl LedgerEntry {
    /// Legs that move nothing are left out.
    ///
    /// # Panics
    /// When debits and credits differ: a posting rule is wrong, and no such entry may leave here.
    fn balanced(currency: Currency, legs: &[(Role, i64)]) -> Self {
        let mut entry = Self { currency, legs: [None; 4] };
        let mut slots = entry.legs.iter_mut();
        let mut sum = 0_i64;
        for &(role, amount_minor) in legs.iter().filter(|(_, amount)| *amount != 0) {
            sum += amount_minor;
            let slot = slots.next().expect("no posting rule has more than four legs");
            *slot = Some(Posting { role, amount_minor, channel: None });
        }
        assert_eq!(sum, 0, "debits equal credits in every posting rule");
        entry
    }

    /// The legs, debits positive.
    pub fn legs(&self) -> impl Iterator<Item = &Posting> {
        self.legs.iter().flatten()
    }
}

/// The amounts of a trade-bill row that posting needs, signed as in [`SettlementLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementAmounts {
    /// Payment or refund.
    pub kind: SettlementKind,
    /// Currency of all three.
    pub currency: Currency,
    /// Order total or refund asked for.
    pub order_minor: i64,
    /// Settled amount.
    pub settled_minor: i64,
    /// Fee.
    pub fee_minor: i64,
}

impl From<&SettlementLine> for SettlementAmounts {
    fn from(line: &SettlementLine) -> Self {
        Self {
            kind: line.kind,
            currency: line.currency,
            order_minor: line.order_amount_minor,
            settled_minor: line.settled_minor,
            fee_minor: line.fee_minor,
        }
    }
}

impl From<&SettlementItem> for SettlementAmounts {
    fn from(item: &SettlementItem) -> Self {
        Self {
            kind: item.kind,
            currency: item.currency,
            order_minor: item.order_minor,
            settled_minor: item.settled_minor,
            fee_minor: item.fee_minor,
        }
    }
}

/// The entry of a trade-bill row.
///
/// A payment: pending, fees and own discounts against sales. A refund is the same with every sign
/// turned: the amounts are signed, so one rule serves both.
pub fn post_settlement(amounts: SettlementAmounts) -> LedgerEntry {
    let SettlementAmounts { kind, currency, order_minor, settled_minor, fee_minor } = amounts;
    let (gross_role, fee_role) = match kind {
        SettlementKind::Payment => (Role::Sales, Role::ChannelFees),
        SettlementKind::Refund | SettlementKind::Revoked => {
            (Role::SalesRefunds, Role::FeesReturned)
        }
    };
    LedgerEntry::balanced(
        currency,
        &[
            (Role::Pending, settled_minor + fee_minor),
            (fee_role, -fee_minor),
            (Role::MerchantDiscount, order_minor - settled_minor),
            (gross_role, -order_minor),
        ],
    )
}

/// The entry of a fund-bill row: the balance against what its kind names.
///
/// `fee_minor` is the fee inside the amount, signed by effect. That of a sale or a refund is booked
/// from its trade-bill row; any other is a leg of its own.
pub fn post_balance(
    kind: BalanceKind,
    amount_minor: i64,
    fee_minor: i64,
    currency: Currency,
) -> LedgerEntry {
    let other = balance_role(kind);
    let (fee_role, fee_minor) = match (kind, other) {
        (_, Role::Pending) => (Role::ChannelFees, 0),
        (BalanceKind::Payout, _) => (Role::PayoutFees, fee_minor),
        _ => (Role::ChannelFees, fee_minor),
    };
    LedgerEntry::balanced(
        currency,
        &[(Role::Balance, amount_minor), (other, fee_minor - amount_minor), (fee_role, -fee_minor)],
    )
}

/// Where the other leg of a fund-bill row of this kind goes.
pub fn balance_role(kind: BalanceKind) -> Role {
    match kind {
        BalanceKind::Payment
        | BalanceKind::PaymentFee
        | BalanceKind::Refund
        | BalanceKind::RefundFee
        | BalanceKind::RefundClosed => Role::Pending,
        BalanceKind::SplitPaid | BalanceKind::SplitReturned => Role::CommissionSplit,
        BalanceKind::Held | BalanceKind::Released => Role::Held,
        BalanceKind::Frozen | BalanceKind::Unfrozen => Role::Frozen,
        BalanceKind::AccountCharge => Role::AccountCharges,
        BalanceKind::TopUp | BalanceKind::TransferOut => Role::OwnTransfers,
        BalanceKind::Payout | BalanceKind::PayoutReturned => Role::InTransit,
        BalanceKind::PayoutFee => Role::PayoutFees,
        BalanceKind::Adjustment => Role::Adjustments,
        BalanceKind::Unknown => Role::Suspense,
        BalanceKind::StoredValue => Role::StoredValue,
    }
}

/// The entry of a bank line: the bank against the transit account of the channel it comes from,
/// or against suspense when it names no channel.
pub fn post_bank(line: &BankLine) -> LedgerEntry {
    let payer = paying_channel(&line.counterparty, &line.memo);
    let role = if payer.is_some() { Role::InTransit } else { Role::Suspense };
    let mut entry = LedgerEntry::balanced(
        line.currency,
        &[(Role::Bank, line.amount_minor), (role, -line.amount_minor)],
    );
    for leg in entry.legs.iter_mut().flatten().filter(|leg| leg.role == Role::InTransit) {
        leg.channel = payer;
    }
    entry
}

/// The channel a bank line's texts name as payer.
///
/// Source: posting texts collected in the channel documents; a bank's wording is not promised.
pub fn paying_channel(counterparty: &str, memo: &str) -> Option<Channel> {
    const NAMES: &[(&str, Channel)] = &[
        ("财付通", Channel::WechatPay),
        ("微信支付", Channel::WechatPay),
        ("支付宝", Channel::Alipay),
        ("Alipay", Channel::Alipay),
        ("中国银联", Channel::UnionPay),
        ("STRIPE", Channel::Stripe),
        ("Stripe", Channel::Stripe),
    ];
    let hit = |name: &str| counterparty.contains(name) || memo.contains(name);
    let named = NAMES.iter().find(|(name, _)| hit(name)).map(|(_, channel)| *channel);
    let defined = || {
        let pays = |channel: &Channel| {
            channel.definition().is_some_and(|known| known.payers.iter().any(|name| hit(name)))
        };
        Channel::ALL.into_iter().find(pays)
    };
    named.or_else(defined)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.channel, self.account_no)?;
        if self.fund_account != "basic" && !self.fund_account.is_empty() {
            write!(f, ":{}", self.fund_account)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn legs(entry: &LedgerEntry) -> Vec<(Role, i64)> {
        entry.legs().map(|leg| (leg.role, leg.amount_minor)).collect()
    }

    #[test]
    fn a_payment_and_its_fund_rows_leave_nothing_pending() {
        let sale = post_settlement(SettlementAmounts {
            kind: SettlementKind::Payment,
            currency: Currency::CNY,
            order_minor: 990,
            settled_minor: 890,
            fee_minor: -5,
        });
        assert_eq!(
            legs(&sale),
            [
                (Role::Pending, 885),
                (Role::ChannelFees, 5),
                (Role::MerchantDiscount, 100),
                (Role::Sales, -990)
            ]
        );
        let pending: i64 = [
            sale,
            post_balance(BalanceKind::Payment, 890, 0, Currency::CNY),
            post_balance(BalanceKind::PaymentFee, -5, 0, Currency::CNY),
        ]
        .iter()
        .flat_map(legs)
        .filter(|(role, _)| *role == Role::Pending)
        .map(|(_, amount)| amount)
        .sum();
        assert_eq!(pending, 0);
    }

    #[test]
    fn a_refund_turns_every_sign_of_a_payment() {
        let refund = post_settlement(SettlementAmounts {
            kind: SettlementKind::Refund,
            currency: Currency::CNY,
            order_minor: -300,
            settled_minor: -300,
            fee_minor: 2,
        });
        assert_eq!(
            legs(&refund),
            [(Role::Pending, -298), (Role::FeesReturned, -2), (Role::SalesRefunds, 300)]
        );
    }
    #[test]
    fn what_is_frozen_and_what_is_held_stand_on_accounts_of_their_own() {
        for (kind, account) in [
            (BalanceKind::Held, "assets:held"),
            (BalanceKind::Released, "assets:held"),
            (BalanceKind::Frozen, "assets:frozen"),
            (BalanceKind::Unfrozen, "assets:frozen"),
        ] {
            assert_eq!(balance_role(kind).prefix(), account);
        }
    }

    #[test]
    fn a_fee_inside_a_row_outside_trades_is_a_leg_of_its_own() {
        let usd = Currency::from_code("usd").unwrap();
        let dispute = post_balance(BalanceKind::Adjustment, -3000, -1500, usd);
        assert_eq!(
            legs(&dispute),
            [(Role::Balance, -3000), (Role::Adjustments, 1500), (Role::ChannelFees, 1500)]
        );
        let instant = post_balance(BalanceKind::Payout, -10_100, -100, usd);
        assert_eq!(
            legs(&instant),
            [(Role::Balance, -10_100), (Role::InTransit, 10_000), (Role::PayoutFees, 100)]
        );
        let sale = post_balance(BalanceKind::Payment, 9680, -320, usd);
        assert_eq!(legs(&sale), [(Role::Balance, 9680), (Role::Pending, -9680)]);
    }
}
