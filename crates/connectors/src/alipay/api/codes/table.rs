//! The tables themselves.

use super::{Call, Rule, Verdict};
use crate::error::Act;
use Verdict::{AlreadyDone, Missing, NoBill, Rejected, SlowDown, Unavailable};

fn any(_: Call) -> bool {
    true
}

fn pays(call: Call) -> bool {
    call.takes_money()
}

fn refunds(call: Call) -> bool {
    call == Call::Refund
}

fn cancels(call: Call) -> bool {
    call == Call::Cancel
}

fn bills(call: Call) -> bool {
    call == Call::Bill
}

const fn gateway(code: &'static str, sub_codes: &'static [&'static str], verdict: Verdict) -> Rule {
    Rule { code, sub_codes, calls: any, verdict }
}

const fn business(
    calls: fn(Call) -> bool,
    sub_codes: &'static [&'static str],
    verdict: Verdict,
) -> Rule {
    Rule { code: "", sub_codes, calls, verdict }
}

/// The gateway's own codes. The first row that fits counts.
pub const GATEWAY: &[Rule] = &[
    gateway("20000", &[], Unavailable),
    gateway("20001", &[], Rejected(Act::FixAccount)),
    gateway("40001", &["MISSING-SIGNATURE-KEY", "MISSING-APP-ID"], Rejected(Act::FixAccount)),
    gateway("40001", &[], Rejected(Act::FixRequest)),
    gateway("40002", &["INVALID-TIMESTAMP", "ILLEGAL-TIMESTAMP"], Rejected(Act::FixClock)),
    gateway(
        "40002",
        &[
            "INVALID-SIGNATURE",
            "INVALID-SIGNATURE-TYPE",
            "INVALID-APP-ID",
            "INVALID-DIGEST",
            "INVALID-ENCRYPT*",
            "INVALID-APP-AUTH-TOKEN",
            "FORBIDDEN-API",
            "APP-CERT-EXPIRED",
            "NOT-ONLINE-APP",
            "MISSING-APP-CERT-SN",
            "INVALID-ALIPAY-ROOT-CERT-SN",
        ],
        Rejected(Act::FixAccount),
    ),
    gateway("40002", &[], Rejected(Act::FixRequest)),
    gateway("40003", &[], Rejected(Act::FixAccount)),
    gateway("40005", &[], SlowDown),
    gateway("40006", &[], Rejected(Act::FixAccount)),
];

/// Codes of the calls, all under `40004`. The first row that fits counts.
pub const BUSINESS: &[Rule] = &[
    business(any, &["SYSTEM_ERROR", "SYSTEM_BUSY", "UNKNOWN_ERROR"], Unavailable),
    business(any, &["SYSTEM_RATE_LIMIT", "USER_RATE_LIMIT"], SlowDown),
    business(bills, &["NO_BILL_DATA", "BILL_NOT_EXIST"], NoBill),
    business(bills, &["BILL_DATE_BEFORE_REGISTRATION"], Rejected(Act::GiveUp)),
    // The misspelling is the channel's.
    business(
        bills,
        &["TYPE_NOT_SUPPORTED", "INVAILID_ARGUMENTS", "INVALID_ARGUMENTS"],
        Rejected(Act::FixRequest),
    ),
    business(any, &["INVALID_PARAMETER", "ILLEGAL_ARGUMENT"], Rejected(Act::FixRequest)),
    business(
        Call::is_ledger,
        &["AGREEMENT_CHECK_FAIL", "USER_AGREEMENT_CHECK_FAIL", "ISV_BUSINESS_FAILED"],
        Rejected(Act::FixAccount),
    ),
    business(
        |c| matches!(c, Call::Query | Call::Close | Call::Cancel | Call::RefundQuery),
        &["TRADE_NOT_EXIST"],
        Missing,
    ),
    business(any, &["ENTERPRISE_PAY_BIZ_ERROR"], Rejected(Act::Person)),
    // Close and cancel.
    business(
        |c| c == Call::Close,
        &["TRADE_STATUS_ERROR", "REASON_TRADE_STATUS_INVALID", "REASON_ILLEGAL_STATUS"],
        AlreadyDone,
    ),
    business(cancels, &["SELLER_BALANCE_NOT_ENOUGH"], Rejected(Act::TopUp)),
    business(cancels, &["REASON_TRADE_BEEN_FREEZEN"], Rejected(Act::Person)),
    business(
        Call::ends,
        &[
            "TRADE_HAS_FINISHED",
            "TRADE_CANCEL_TIME_OUT",
            "REASON_TRADE_REFUND_FEE_ERR",
            "CANCEL_NOT_ALLOWED",
        ],
        Rejected(Act::GiveUp),
    ),
    // Refund.
    business(refunds, &["SELLER_BALANCE_NOT_ENOUGH"], Rejected(Act::TopUp)),
    business(
        refunds,
        &["REFUND_AMT_NOT_EQUAL_TOTAL", "REASON_TRADE_REFUND_FEE_ERR", "REFUND_FEE_ERROR"],
        Rejected(Act::GiveUp),
    ),
    // The number stands for another amount: a mistake of ours, never to be tried again.
    business(refunds, &["DISCORDANT_REPEAT_REQUEST"], Rejected(Act::Person)),
    business(refunds, &["TRADE_NOT_EXIST"], Rejected(Act::FixRequest)),
    business(
        refunds,
        &[
            "TRADE_HAS_FINISHED",
            "TRADE_HAS_CLOSE",
            "TRADE_STATUS_ERROR",
            "REASON_TRADE_STATUS_INVALID",
            "TRADE_NOT_ALLOW_REFUND",
            "NOT_ALLOW_PARTIAL_REFUND",
            "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND",
        ],
        Rejected(Act::GiveUp),
    ),
    business(
        refunds,
        &[
            "REASON_TRADE_BEEN_FREEZEN",
            "BUYER_NOT_EXIST",
            "BUYER_ENABLE_STATUS_FORBID",
            "BUYER_ERROR",
            "USER_NOT_MATCH_ERR",
            "REFUND_ACCOUNT_NOT_EXIST",
            "CUSTOMER_VALIDATE_ERROR",
            "CURRENCY_NOT_SUPPORT",
            "TRADE_SETTLE_ERROR",
            "REFUND_CHARGE_ERROR",
            "ALLOC_AMOUNT_VALIDATE_ERROR",
            "REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST",
            "REFUNDALLOC_UNAUTH_LIMIT",
            "OVERDRAFT_*",
        ],
        Rejected(Act::Person),
    ),
    // Precreate and pay.
    business(pays, &["TRADE_HAS_SUCCESS"], AlreadyDone),
    business(
        pays,
        &[
            "TRADE_HAS_CLOSE",
            "CONTEXT_INCONSISTENT",
            "TRADE_STATUS_ERROR",
            "APPLY_PC_MERCHANT_CODE_ERROR",
            "NOW_TIME_AFTER_EXPIRE_TIME_ERROR",
        ],
        Rejected(Act::NewNumber),
    ),
    business(
        pays,
        &[
            "PAYMENT_AUTH_CODE_INVALID",
            "BUYER_BALANCE_NOT_ENOUGH",
            "BUYER_BANKCARD_BALANCE_NOT_ENOUGH",
            "ERROR_BALANCE_PAYMENT_DISABLE",
            "BUYER_ENABLE_STATUS_FORBID",
            "PULL_MOBILE_CASHIER_FAIL",
            "MOBILE_PAYMENT_SWITCH_OFF",
            "USER_FACE_PAYMENT_SWITCH_OFF",
            "PAYMENT_FAIL",
            "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
            "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
            "ERROR_BUYER_CERTIFY_LEVEL_LIMIT",
            "PAYMENT_REQUEST_HAS_RISK",
            "NO_PAYMENT_INSTRUMENTS_AVAILABLE",
            "BUYER_SELLER_EQUAL",
            "TRADE_BUYER_NOT_MATCH",
            "BUYER_NOT_EXIST",
            "PAYER_UNMATCHED",
            "NOT_CERTIFIED_USER",
            "BUYER_NOT_MAINLAND_CERT",
        ],
        Rejected(Act::GiveUp),
    ),
    business(
        pays,
        &[
            "ACCESS_FORBIDDEN",
            "PARTNER_ERROR",
            "SELLER_BEEN_BLOCKED",
            "SELLER_NOT_EXIST",
            "MERCHANT_STATUS_NOT_NORMAL",
            "BEYOND_PAY_RESTRICTION",
            "BEYOND_PER_RECEIPT_*RESTRICTION",
            "MERCHANT_PERM_RECEIPT_*LIMIT",
            "INVALID_RECEIVE_ACCOUNT",
            "RESTRICTED_MERCHANT_INDUSTRY",
            "MERCHANT_AGREEMENT_NOT_EXIST",
            "MERCHANT_AGREEMENT_INVALID",
            "INVALID_STORE_ID",
            "RISK_MERCHANT_IP_NOT_EXIST",
            "SECONDARY_MERCHANT_*",
            "DEFAULT_SETTLE_RULE_NOT_EXIST",
        ],
        Rejected(Act::FixAccount),
    ),
    business(
        pays,
        &[
            "TOTAL_FEE_EXCEED",
            "EXIST_FORBIDDEN_WORD",
            "SUB_GOODS_SIZE_MAX_COUNT",
            "AMOUNT_OR_CURRENCY_ERROR",
            "CURRENCY_NOT_SUPPORT",
            "TRADE_SETTLE_ERROR",
            "PRODUCT_AMOUNT_LIMIT_ERROR",
            "REQUEST_AMOUNT_EXCEED",
            "UN_SUPPORT_TRADE_SCENE",
        ],
        Rejected(Act::FixRequest),
    ),
    business(
        pays,
        &[
            "AUTH_NO_ERROR",
            "AUTH_AMOUNT_NOT_ENOUGH",
            "AUTH_ORDER_*",
            "AGREEMENT_*",
            "CYCLE_PAY_*",
            "ZM_*",
            "OVER_*_DEDUCT*",
        ],
        Rejected(Act::Person),
    ),
];
