//! Columns of the trade bill and their names through the years.

use crate::bill::{FileKind, TradeRows};

/// Columns the program knows; the position in `Columns::at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Col {
    Time,
    AppId,
    Merchant,
    SubMerchant,
    Device,
    PaymentId,
    OrderId,
    Payer,
    Scene,
    State,
    Bank,
    Currency,
    Settled,
    Coupon,
    RefundAsked,
    RefundDone,
    RefundId,
    MerchantRefundId,
    Refunded,
    CouponRefunded,
    RefundType,
    RefundState,
    Goods,
    Attach,
    Fee,
    Rate,
    OrderTotal,
    RefundTotal,
    RateNote,
}

pub(super) const COLUMNS: usize = 29;

/// Header names, newest first; the older ones are those of the 24-column layout.
pub(super) const NAMES: &[(&str, Col)] = &[
    ("交易时间", Col::Time),
    ("公众账号ID", Col::AppId),
    ("商户号", Col::Merchant),
    ("特约商户号", Col::SubMerchant),
    ("子商户号", Col::SubMerchant),
    ("设备号", Col::Device),
    ("微信订单号", Col::PaymentId),
    ("商户订单号", Col::OrderId),
    ("用户标识", Col::Payer),
    ("交易类型", Col::Scene),
    ("交易状态", Col::State),
    ("付款银行", Col::Bank),
    ("货币种类", Col::Currency),
    ("应结订单金额", Col::Settled),
    ("总金额", Col::Settled),
    ("代金券金额", Col::Coupon),
    ("代金券或立减优惠金额", Col::Coupon),
    ("企业红包金额", Col::Coupon),
    ("退款申请时间", Col::RefundAsked),
    ("退款成功时间", Col::RefundDone),
    ("微信退款单号", Col::RefundId),
    ("商户退款单号", Col::MerchantRefundId),
    ("退款金额", Col::Refunded),
    ("充值券退款金额", Col::CouponRefunded),
    ("代金券或立减优惠退款金额", Col::CouponRefunded),
    ("企业红包退款金额", Col::CouponRefunded),
    ("退款类型", Col::RefundType),
    ("退款状态", Col::RefundState),
    ("商品名称", Col::Goods),
    ("商户数据包", Col::Attach),
    ("手续费", Col::Fee),
    ("费率", Col::Rate),
    ("订单金额", Col::OrderTotal),
    ("申请退款金额", Col::RefundTotal),
    ("费率备注", Col::RateNote),
];

/// Summed columns with the names their sums have in the summary.
pub(super) const SUMS: &[(Col, &str, &[&str])] = &[
    (Col::Settled, "sum:应结订单总金额", &["应结订单总金额", "总交易额"]),
    (Col::Refunded, "sum:退款总金额", &["退款总金额", "总退款金额"]),
    (
        Col::CouponRefunded,
        "sum:充值券退款总金额",
        &["充值券退款总金额", "总代金券或立减优惠退款金额", "总企业红包退款金额"],
    ),
    (Col::Fee, "sum:手续费总金额", &["手续费总金额"]),
    (Col::OrderTotal, "sum:订单总金额", &["订单总金额"]),
    (Col::RefundTotal, "sum:申请退款总金额", &["申请退款总金额"]),
];

/// What the header says about the file; `None` when it is not a trade bill.
pub(crate) fn kind_of(names: &[String]) -> Option<FileKind> {
    let has = |name: &str| names.iter().any(|found| found == name);
    if !["交易时间", "微信订单号", "商户订单号", "交易状态"].into_iter().all(has)
    {
        return None;
    }
    let rows = if has("退款申请时间") {
        TradeRows::Refunds
    } else if has("微信退款单号") {
        TradeRows::All
    } else {
        TradeRows::Payments
    };
    Some(FileKind::WechatTrade { rows, old_layout: !has("应结订单金额") })
}
