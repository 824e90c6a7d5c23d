//! The words of the fund bill.
//!
//! Documented by the channel: 交易, 扣除交易手续费, 退款, 退款关闭, 退还交易手续费; 扫码充值 is in
//! a published sample. The channel names payouts, splits, freezes and charges nowhere: their
//! words are expectations, marked by not being `confirmed`.

use crate::kinds::{Flow, KindRule, KindTable};
use domain::BalanceKind;

/// The program's rules for 业务名称 and 业务类型, in the order they are tried.
fn rules() -> Vec<KindRule> {
    use BalanceKind::*;
    vec![
        KindRule::word("交易", Flow::In, Payment).confirmed(),
        // The channel does not say under which 业务名称 fees stand, so the type alone decides.
        KindRule::word("扣除交易手续费", Flow::Out, PaymentFee).confirmed(),
        KindRule::word("退款", Flow::Out, Refund).confirmed(),
        KindRule::word("退还交易手续费", Flow::In, RefundFee).confirmed(),
        KindRule::word("退款关闭", Flow::In, RefundClosed).confirmed(),
        KindRule::word("扫码充值", Flow::In, TopUp).confirmed(),
        KindRule::word("充值", Flow::In, TopUp),
        KindRule::word("自动提现", Flow::Out, Payout),
        KindRule::word("提现", Flow::Out, Payout),
        KindRule::word("提现退回", Flow::In, PayoutReturned),
        // A payout's own word with money coming in can only be the bank sending it back.
        KindRule::word("自动提现", Flow::In, PayoutReturned),
        KindRule::word("提现", Flow::In, PayoutReturned),
        KindRule::word("提现手续费", Flow::Any, PayoutFee),
        KindRule::word("分账", Flow::Out, SplitPaid).under("分账"),
        KindRule::word("分账回退", Flow::In, SplitReturned).under("分账"),
        // The bill has one word for every reason; the one that is documented is a split, for which
        // the channel freezes the net amount of the sale. Nothing says that it is another.
        KindRule::word("资金冻结", Flow::Out, Held).under("冻结"),
        KindRule::word("资金解冻", Flow::In, Released).under("冻结"),
        KindRule::word("技术服务费", Flow::Any, AccountCharge).under("账户"),
        KindRule::word("工具服务费", Flow::Any, AccountCharge).under("账户"),
        KindRule::word("企业付款", Flow::Any, TransferOut).under("企业付款"),
        KindRule::word("调账", Flow::Any, Adjustment).under("调账"),
    ]
}

/// The program's table; a book adds its own rules with [`KindTable::add`].
pub fn table() -> KindTable {
    KindTable::new(rules())
}
