//! Columns of the business details and their spellings.

pub(super) const TRADE_NO: usize = 0;
pub(super) const ORDER_NO: usize = 1;
pub(super) const KIND: usize = 2;
pub(super) const GOODS: usize = 3;
pub(super) const CREATED: usize = 4;
pub(super) const FINISHED: usize = 5;
pub(super) const STORE_NO: usize = 6;
pub(super) const STORE: usize = 7;
pub(super) const OPERATOR: usize = 8;
pub(super) const TERMINAL: usize = 9;
pub(super) const PAYER: usize = 10;
pub(super) const ORDER_AMOUNT: usize = 11;
pub(super) const RECEIVED: usize = 12;
pub(super) const RED_PACKET: usize = 13;
pub(super) const POINTS: usize = 14;
pub(super) const ALIPAY_DISCOUNT: usize = 15;
pub(super) const OWN_DISCOUNT: usize = 16;
pub(super) const REFUND_NO: usize = 17;
pub(super) const FEE: usize = 18;
pub(super) const ROYALTY: usize = 19;
pub(super) const REMARK: usize = 20;
pub(super) const NET: usize = 21;
pub(super) const SCENE: usize = 22;
pub(super) const FIRST_KEPT: usize = 23;
pub(super) const TERMS_FEE: usize = 28;

/// Columns with their spellings, unit taken off. Those from [`FIRST_KEPT`] have no field of
/// their own and are kept as they are when they say anything.
pub(super) const NAMES: &[&[&str]] = &[
    &["支付宝交易号"],
    &["商户订单号"],
    &["业务类型"],
    &["商品名称"],
    &["创建时间"],
    &["完成时间"],
    &["门店编号"],
    &["门店名称"],
    &["操作员"],
    &["终端号"],
    &["对方账户"],
    &["订单金额"],
    &["商家实收"],
    &["支付宝红包"],
    &["集分宝", "集分宝抵扣"],
    &["支付宝优惠"],
    &["商家优惠"],
    &["退款批次号/请求号", "退款批次号"],
    &["服务费"],
    &["分润"],
    &["备注"],
    &["实收净额"],
    &["交易方式"],
    &["券核销金额"],
    &["券名称"],
    &["商家红包消费金额"],
    &["卡消费金额"],
    &["商户识别号"],
    &["花呗分期手续费"],
    &["花呗分期数"],
];

pub(super) const NEEDED: [usize; 6] = [TRADE_NO, ORDER_NO, KIND, FINISHED, ORDER_AMOUNT, RECEIVED];
pub(super) const AMOUNTS: [usize; 9] =
    [ORDER_AMOUNT, RECEIVED, RED_PACKET, POINTS, ALIPAY_DISCOUNT, OWN_DISCOUNT, FEE, ROYALTY, NET];
