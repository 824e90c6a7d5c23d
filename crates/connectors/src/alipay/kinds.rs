//! The words of the account bill.
//!
//! 业务描述 carries a number that outlives rewording, so it is tried before 业务类型. The channel
//! calls the words an open list; those marked `confirmed` were seen in published merchant files.

use crate::kinds::{Flow, KindRule, KindTable};
use domain::BalanceKind;

/// The program's rules, in the order they are tried.
fn rules() -> Vec<KindRule> {
    use BalanceKind::*;
    vec![
        KindRule::code("0010001", Flow::In, Payment).confirmed(),
        KindRule::code("0020001", Flow::Out, Refund).confirmed(),
        KindRule::code("0020002", Flow::Out, Refund).confirmed(),
        KindRule::code("0020011", Flow::Out, Refund).confirmed(),
        // 技术费: the same number when the fee is taken and when it is given back.
        KindRule::code("0030003", Flow::Out, PaymentFee).of_payment(true).confirmed(),
        KindRule::code("0030003", Flow::In, RefundFee).of_payment(true),
        KindRule::code("0030003", Flow::Any, AccountCharge).of_payment(false),
        KindRule::word("在线支付", Flow::In, Payment).confirmed(),
        KindRule::word("交易付款", Flow::In, Payment).confirmed(),
        KindRule::word("交易退款", Flow::Out, Refund).confirmed(),
        KindRule::word("收费", Flow::Out, PayoutFee).saying("提现"),
        KindRule::word("收费", Flow::Out, PaymentFee).of_payment(true).confirmed(),
        KindRule::word("收费", Flow::Any, AccountCharge).of_payment(false),
        KindRule::word("退费", Flow::In, RefundFee).of_payment(true),
        KindRule::word("退费", Flow::In, AccountCharge).of_payment(false),
        KindRule::word("提现", Flow::Out, Payout).confirmed(),
        // A withdrawal that comes in can only be one that failed.
        KindRule::word("提现", Flow::In, PayoutReturned),
        KindRule::word("其它", Flow::In, PayoutReturned).saying("提现退回"),
        KindRule::word("其它", Flow::In, PayoutReturned).saying("提现失败"),
        KindRule::word("其他", Flow::In, PayoutReturned).saying("提现退回"),
        KindRule::word("其他", Flow::In, PayoutReturned).saying("提现失败"),
        KindRule::word("充值", Flow::In, TopUp).confirmed(),
        KindRule::word("转账", Flow::Out, TransferOut).confirmed(),
        KindRule::word("分账", Flow::Out, SplitPaid),
        KindRule::word("交易分账", Flow::Out, SplitPaid),
        KindRule::word("分账退回", Flow::In, SplitReturned),
        KindRule::word("冻结", Flow::Out, Frozen),
        KindRule::word("解冻", Flow::In, Unfrozen),
        KindRule::word("调账", Flow::Any, Adjustment),
    ]
}

/// The program's table; a book adds its own rules with [`KindTable::add`].
pub fn table() -> KindTable {
    KindTable::new(rules())
}
