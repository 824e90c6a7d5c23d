//! Table layouts known by name.
//!
//! Bank layouts follow the headers seen in the banks' own exports (unconfirmed: banks publish no
//! description and change them without notice), so a layout found here is a suggestion that a
//! person confirms. Only our own practice shop's are certain.

use super::mapping::Field;
use crate::bill::TableTarget;

/// A layout known by its whole header.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) target: TableTarget,
    /// Headers in the table's order; with the field each becomes.
    pub(crate) columns: &'static [(&'static str, Option<Field>)],
    /// True when the header is ours and the mapping needs no confirmation.
    pub(crate) certain: bool,
    /// Rows with this column empty belong to the row before.
    pub(crate) skip_if_empty: &'static [&'static str],
}

use Field::{
    AccountNo, Amount, Balance, BankRef, BookedOn, BookedTime, Buyer, ClosedAt, Counterparty,
    Credit, Currency, Debit, Direction, Goods, Memo, OrderId, OrderedAt, PaidAt, RefundId,
    RequestedAt, Status,
};

/// Known layouts. A table has one when all these headers are present (all and no other, for a
/// certain one).
pub(crate) const LAYOUTS: &[Layout] = &[
    Layout {
        name: "practice_orders",
        target: TableTarget::Orders,
        columns: &[
            ("订单号", Some(OrderId)),
            ("下单时间", Some(OrderedAt)),
            ("支付时间", Some(PaidAt)),
            ("关闭时间", Some(ClosedAt)),
            ("状态", Some(Status)),
            ("应付金额", Some(Amount)),
            ("币种", Some(Currency)),
            ("支付渠道", Some(Field::Channel)),
            ("商品", Some(Goods)),
            ("买家", Some(Buyer)),
        ],
        certain: true,
        skip_if_empty: &[],
    },
    Layout {
        name: "practice_refunds",
        target: TableTarget::Refunds,
        columns: &[
            ("退款单号", Some(RefundId)),
            ("订单号", Some(OrderId)),
            ("申请时间", Some(RequestedAt)),
            ("退款金额", Some(Amount)),
            ("币种", Some(Currency)),
            ("状态", Some(Status)),
        ],
        certain: true,
        skip_if_empty: &[],
    },
    Layout {
        name: "practice_bank",
        target: TableTarget::Bank,
        columns: &[
            ("账号", Some(AccountNo)),
            ("交易日期", Some(BookedOn)),
            ("交易时间", Some(BookedTime)),
            ("借方金额", Some(Debit)),
            ("贷方金额", Some(Credit)),
            ("余额", Some(Balance)),
            ("对方户名", Some(Counterparty)),
            ("摘要", Some(Memo)),
            ("流水号", Some(BankRef)),
            ("币种", Some(Currency)),
        ],
        certain: true,
        skip_if_empty: &[],
    },
    Layout {
        name: "icbc_business",
        target: TableTarget::Bank,
        columns: &[
            ("凭证号", None),
            ("本方账号", Some(AccountNo)),
            ("对方账号", None),
            ("交易时间", Some(BookedOn)),
            ("借/贷", None),
            ("借方发生额", Some(Debit)),
            ("贷方发生额", Some(Credit)),
            ("摘要", Some(Memo)),
            ("用途", Some(Memo)),
            ("对方单位名称", Some(Counterparty)),
            ("余额", Some(Balance)),
            ("个性化信息", Some(Memo)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "icbc_personal",
        target: TableTarget::Bank,
        columns: &[
            ("交易日期", Some(BookedOn)),
            ("摘要", Some(Memo)),
            ("记账金额(收入)", Some(Credit)),
            ("记账金额(支出)", Some(Debit)),
            ("记账币种", Some(Currency)),
            ("余额", Some(Balance)),
            ("对方户名", Some(Counterparty)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "cmb_business",
        target: TableTarget::Bank,
        columns: &[
            ("交易日", Some(BookedOn)),
            ("交易时间", Some(BookedTime)),
            ("起息日", None),
            ("借方金额", Some(Debit)),
            ("贷方金额", Some(Credit)),
            ("余额", Some(Balance)),
            ("摘要", Some(Memo)),
            ("流水号", Some(BankRef)),
            ("收/付方名称", Some(Counterparty)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "cmb_personal",
        target: TableTarget::Bank,
        columns: &[
            ("交易日期", Some(BookedOn)),
            ("交易时间", Some(BookedTime)),
            ("收入", Some(Credit)),
            ("支出", Some(Debit)),
            ("余额", Some(Balance)),
            ("交易类型", None),
            ("交易备注", Some(Memo)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "ccb_business",
        target: TableTarget::Bank,
        columns: &[
            ("账号", Some(AccountNo)),
            ("交易时间", Some(BookedOn)),
            ("借方发生额(支取)", Some(Debit)),
            ("贷方发生额(收入)", Some(Credit)),
            ("余额", Some(Balance)),
            ("币种", Some(Currency)),
            ("对方户名", Some(Counterparty)),
            ("摘要", Some(Memo)),
            ("备注", Some(Memo)),
            ("账户明细编号-交易流水号", Some(BankRef)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "ccb_personal",
        target: TableTarget::Bank,
        columns: &[
            ("摘要", Some(Memo)),
            ("币别", Some(Currency)),
            ("交易日期", Some(BookedOn)),
            ("交易金额", Some(Amount)),
            ("账户余额", Some(Balance)),
            ("交易地点/附言", Some(Memo)),
            ("对方账号与户名", Some(Counterparty)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "abc_business",
        target: TableTarget::Bank,
        columns: &[
            ("交易时间", Some(BookedOn)),
            ("收入金额", Some(Credit)),
            ("支出金额", Some(Debit)),
            ("账户余额", Some(Balance)),
            ("对方户名", Some(Counterparty)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "abc_personal",
        target: TableTarget::Bank,
        columns: &[
            ("交易日期", Some(BookedOn)),
            ("交易时间", Some(BookedTime)),
            ("交易金额", Some(Amount)),
            ("本次余额", Some(Balance)),
            ("对方户名", Some(Counterparty)),
            ("交易摘要", Some(Memo)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
    Layout {
        name: "shopify_orders",
        target: TableTarget::Orders,
        columns: &[
            ("Name", Some(OrderId)),
            ("Email", Some(Buyer)),
            ("Financial Status", Some(Status)),
            ("Paid at", Some(PaidAt)),
            ("Currency", Some(Currency)),
            ("Total", Some(Amount)),
            ("Created at", Some(OrderedAt)),
            ("Lineitem name", Some(Goods)),
            ("Payment Method", Some(Field::Channel)),
            ("Cancelled at", Some(ClosedAt)),
        ],
        certain: false,
        // An order with several items repeats its name; only the first row has the total.
        skip_if_empty: &["Total"],
    },
    Layout {
        name: "woocommerce_orders",
        target: TableTarget::Orders,
        columns: &[
            ("order_id", Some(OrderId)),
            ("order_date", Some(OrderedAt)),
            ("status", Some(Status)),
            ("order_total", Some(Amount)),
            ("payment_method", Some(Field::Channel)),
        ],
        certain: false,
        skip_if_empty: &["order_total"],
    },
    Layout {
        name: "direction_bank",
        target: TableTarget::Bank,
        columns: &[
            ("交易日期", Some(BookedOn)),
            ("借贷标志", Some(Direction)),
            ("交易金额", Some(Amount)),
            ("账户余额", Some(Balance)),
        ],
        certain: false,
        skip_if_empty: &[],
    },
];
