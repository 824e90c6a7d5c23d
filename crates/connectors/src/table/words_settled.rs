//! Header words and cell words of tables of settlements.

use super::mapping::Field;
use domain::SettlementKind;

/// Header words of the fields, the likelier first.
pub(super) const HEADERS: &[(Field, &[&str])] = &[
    (
        Field::TradeNo,
        &[
            "交易流水号",
            "平台订单号",
            "系统订单号",
            "易宝流水号",
            "收钱吧订单号",
            "支付流水号",
            "交易参考号",
            "参考号",
            "系统参考号",
            "检索参考号",
            "运单号",
            "流水号",
            "tradeno",
            "transactionid",
            "referenceno",
            "rrn",
        ],
    ),
    (
        Field::OriginalNo,
        &["原交易流水号", "原交易参考号", "原流水号", "原平台订单号", "originaltransactionid"],
    ),
    (
        Field::TradedAt,
        &["交易时间", "支付时间", "完成时间", "签收时间", "交易日期", "交易日期时间", "tradetime"],
    ),
    (Field::Kind, &["交易类型", "业务类型", "类型", "收支类型", "transactiontype", "type"]),
    (
        Field::Amount,
        &["交易金额", "订单金额", "支付金额", "代收金额", "代收货款", "收款金额", "金额", "amount"],
    ),
    (Field::Fee, &["手续费", "交易手续费", "商户手续费", "服务费", "代收手续费", "fee"]),
    (
        Field::Net,
        &["结算金额", "清算金额", "入账金额", "到账金额", "应结金额", "净额", "实收金额", "net"],
    ),
    (
        Field::AccountNo,
        &["商户号", "商户编号", "商家编号", "商户代码", "客户编码", "merchantno", "mid"],
    ),
    (
        Field::OrderId,
        &["商户订单号", "商户流水号", "商户单号", "订单号", "merchantorderno", "orderid"],
    ),
    (Field::RefundId, &["商户退款单号", "退款单号", "refundid"]),
    (Field::Underlying, &["支付方式", "付款方式", "支付渠道", "卡类型", "发卡行", "paymethod"]),
    (Field::UnderlyingNo, &["渠道订单号", "支付源订单号", "第三方流水号", "channeltradeno"]),
    (Field::UnderlyingFee, &["渠道手续费", "支付源手续费", "通道手续费", "channelfee"]),
    (Field::Scene, &["交易场景", "支付场景", "交易方式", "scene"]),
    (Field::Terminal, &["终端号", "门店", "门店名称", "终端编号", "terminalno"]),
    (Field::Status, &["交易状态", "状态", "status"]),
    (Field::Goods, &["商品名称", "商品", "goods"]),
    (Field::Buyer, &["卡号", "付款账号", "付款人", "收件人", "cardno"]),
    (Field::Currency, &["币种", "currency"]),
    (Field::Memo, &["备注", "摘要", "remark"]),
];

/// Words of sales and refunds in a table of settlements.
pub(super) const KINDS: &[(&str, SettlementKind)] = &[
    ("消费", SettlementKind::Payment),
    ("支付", SettlementKind::Payment),
    ("收款", SettlementKind::Payment),
    ("交易", SettlementKind::Payment),
    ("签收", SettlementKind::Payment),
    ("预授权完成", SettlementKind::Payment),
    ("payment", SettlementKind::Payment),
    ("sale", SettlementKind::Payment),
    ("退款", SettlementKind::Refund),
    ("退货", SettlementKind::Refund),
    ("消费撤销", SettlementKind::Refund),
    ("撤单", SettlementKind::Refund),
    ("撤销", SettlementKind::Refund),
    ("refund", SettlementKind::Refund),
];
