//! The dictionary itself.
//!
//! Source: the names of checklist 1.1, the channels' documents as read in 2026-11 (windows of
//! refunds, fees given back), and what is usual among acquirers. What no document and no file said
//! is listed as unconfirmed, value by value.

use super::Field::{self, Aliases, Files, RefundDays, ReturnsFee};
use super::{Arrives, Back, Fee, Holder, Kind, Tender};

/// Terms of an acquirer whose contract nobody has seen.
const TERMS: &[Field] = &[Field::Arrives, Field::Fee, ReturnsFee, RefundDays, Files];

/// A channel that keeps the money and pays it out.
const fn channel(code: &'static str, kind: Kind, days: i32) -> Tender {
    Tender {
        code,
        kind,
        holder: Holder::Channel,
        arrives: Arrives::PaidOut,
        promised_days: Some(days),
        fee: Fee::Rate,
        returns_fee: None,
        refund_days: None,
        back: Back::SameWay,
        files: &[],
        account: "assets:balance",
        aliases: &[],
        unconfirmed: &[],
    }
}

/// A channel known by its files alone: a day's net is paid in one sum, four days later at most.
const fn acquirer(code: &'static str, kind: Kind) -> Tender {
    Tender {
        holder: Holder::Acquirer,
        fee: Fee::Row,
        files: &["settlements_table"],
        unconfirmed: TERMS,
        ..channel(code, kind, 4)
    }
}

/// What a buyer pays from behind a channel.
const fn source(code: &'static str, kind: Kind, aliases: &'static [&'static str]) -> Tender {
    Tender {
        holder: Holder::Carrying,
        arrives: Arrives::Carrying,
        promised_days: None,
        fee: Fee::Carrying,
        back: Back::Carrying,
        account: "",
        aliases,
        ..channel(code, kind, 0)
    }
}

/// What a person records at the till.
const fn by_hand(
    code: &'static str,
    kind: Kind,
    arrives: Arrives,
    account: &'static str,
) -> Tender {
    Tender {
        holder: Holder::Shop,
        arrives,
        fee: Fee::None,
        back: Back::ByHand,
        files: &["till_trade", "till_moves"],
        account,
        ..channel(code, kind, 4)
    }
}

/// A discount: no money comes, and none goes back.
const fn discount(code: &'static str, aliases: &'static [&'static str]) -> Tender {
    Tender {
        holder: Holder::Nobody,
        arrives: Arrives::Never,
        promised_days: None,
        fee: Fee::None,
        back: Back::Never,
        account: "expenses:merchant_discount",
        aliases,
        ..channel(code, Kind::Promotional, 0)
    }
}

/// Every tender: channels first, then what stands behind them; everything unknown comes last.
pub const TENDERS: &[Tender] = &[
    Tender {
        returns_fee: Some(true),
        refund_days: Some(365),
        files: &["wechat_trade_all", "wechat_fund"],
        aliases: &["微信", "微信支付", "wechat", "wechat pay", "weixin"],
        // Second-hand, and a term of the contract rather than a rule; Alipay's too.
        unconfirmed: &[Field::Arrives],
        ..channel("wechat_pay", Kind::Wallet, 2)
    },
    Tender {
        returns_fee: Some(true),
        refund_days: Some(365),
        files: &["alipay_trade", "alipay_account"],
        aliases: &["支付宝", "支付宝钱包", "alipay wallet"],
        // By contract: typically twelve months, older products three.
        unconfirmed: &[Field::Arrives, RefundDays],
        ..channel("alipay", Kind::Wallet, 2)
    },
    Tender {
        // Working days are promised, and the longest holidays last over a week.
        fee: Fee::Row,
        refund_days: Some(330),
        files: &["union_pay_trade", "union_pay_clearing"],
        aliases: &["银联", "中国银联", "云闪付", "银联在线", "unionpay", "quickpass", "闪付"],
        unconfirmed: &[ReturnsFee],
        ..channel("union_pay", Kind::Card, 5)
    },
    Tender {
        fee: Fee::RateAndFixed,
        returns_fee: Some(false),
        files: &["stripe_trade", "stripe_balance"],
        // None for cards in general; some ways of paying have one.
        unconfirmed: &[RefundDays],
        ..channel("stripe", Kind::Card, 5)
    },
    Tender {
        aliases: &["QQ钱包", "QQ支付", "qq wallet", "财付通", "tencent pay", "tenpay"],
        ..acquirer("qq_wallet", Kind::Wallet)
    },
    Tender {
        // Takes no new payments: what it took is given back by hand.
        back: Back::ByHand,
        aliases: &["百度钱包", "百付宝", "度小满", "baidu wallet"],
        ..acquirer("baidu_wallet", Kind::Wallet)
    },
    Tender { aliases: &["易宝", "易宝支付"], ..acquirer("yeepay", Kind::Wallet) },
    Tender { aliases: &["收钱吧", "喔噻"], ..acquirer("shouqianba", Kind::Wallet) },
    Tender { aliases: &["拉卡拉"], ..acquirer("lakala", Kind::Card) },
    Tender { aliases: &["POS", "POS机", "刷卡"], ..acquirer("pos_acquirer", Kind::Card) },
    Tender {
        aliases: &["网银", "网上银行", "网银支付", "online banking"],
        ..acquirer("bank_gateway", Kind::Bank)
    },
    Tender {
        holder: Holder::Courier,
        promised_days: Some(15),
        back: Back::ByHand,
        aliases: &["货到付款", "代收货款", "cod", "cash on delivery"],
        ..acquirer("cod_carrier", Kind::Cash)
    },
    acquirer("own_1", Kind::Wallet),
    acquirer("own_2", Kind::Wallet),
    acquirer("own_3", Kind::Wallet),
    Tender {
        aliases: &["现金"],
        ..by_hand("cash", Kind::Cash, Arrives::WhenBanked, "assets:till:cash")
    },
    Tender {
        holder: Holder::Acquirer,
        fee: Fee::Row,
        aliases: &["签购单", "card slip"],
        unconfirmed: &[Field::Arrives],
        ..by_hand("pos_slip", Kind::Card, Arrives::PaidOut, "assets:till:pos_slip")
    },
    Tender {
        holder: Holder::Bank,
        aliases: &["银行转账", "转账", "汇款", "bank transfer"],
        ..by_hand("bank_transfer", Kind::Bank, Arrives::AtOnce, "assets:till:bank_transfer")
    },
    Tender {
        holder: Holder::Bank,
        aliases: &["企业打款", "对公转账", "corporate remittance"],
        ..by_hand(
            "corporate_remittance",
            Kind::Bank,
            Arrives::AtOnce,
            "assets:till:corporate_remittance",
        )
    },
    Tender {
        promised_days: Some(10),
        fee: Fee::Clearing,
        aliases: &["支票", "汇票", "存款单", "保函", "check", "draft"],
        unconfirmed: &[Field::Fee],
        ..by_hand("cheque", Kind::Bank, Arrives::WhenBanked, "assets:till:cheque")
    },
    Tender {
        promised_days: None,
        back: Back::ToCard,
        // What 创享卡 is, the list that names it does not say.
        aliases: &["储值卡", "预付卡", "充值卡", "会员余额", "创享卡", "prepaid card"],
        unconfirmed: &[Aliases],
        ..by_hand("prepaid_card", Kind::StoredValue, Arrives::Before, "liabilities:stored_value")
    },
    source("wechat_balance", Kind::Wallet, &["零钱", "微信零钱", "CFT", "支付用户零钱"]),
    source("wechat_savings", Kind::Wallet, &["零钱通", "支付用户零钱通"]),
    Tender {
        unconfirmed: &[Aliases],
        ..source("red_packet", Kind::Promotional, &["红包", "微信红包", "red packet"])
    },
    source("alipay_balance", Kind::Wallet, &["ALIPAYACCOUNT", "支付宝余额"]),
    source("yuebao", Kind::Wallet, &["余额宝", "yu'ebao"]),
    Tender {
        unconfirmed: &[Field::Fee], ..source("huabei", Kind::Credit, &["花呗", "蚂蚁花呗"])
    },
    Tender {
        unconfirmed: &[Field::Fee],
        ..source("huabei_instalments", Kind::Credit, &["花呗分期"])
    },
    Tender {
        unconfirmed: &[Aliases],
        ..source("wealth_product", Kind::Wallet, &["理财", "理财产品", "wealth product"])
    },
    Tender {
        unconfirmed: &[Aliases],
        ..source("platform_balance", Kind::Wallet, &["斗鱼", "平台余额"])
    },
    source("debit_card", Kind::Card, &["借记卡", "储蓄卡", "debit card", "savings card"]),
    source("credit_card", Kind::Card, &["贷记卡", "信用卡", "credit card"]),
    source("bank_card", Kind::Card, &["银行卡", "快捷支付", "bank card"]),
    source("platform_coupon", Kind::Promotional, &["平台优惠券", "平台券"]),
    discount("merchant_coupon", &["优惠券", "商家优惠券", "代金券", "coupon"]),
    discount("points", &["积分", "积分抵扣"]),
    Tender {
        holder: Holder::Buyer,
        arrives: Arrives::Agreed,
        promised_days: None,
        fee: Fee::None,
        back: Back::ByHand,
        account: "",
        aliases: &["分期付款", "instalment purchase"],
        ..channel("own_instalments", Kind::Credit, 0)
    },
    Tender {
        arrives: Arrives::Agreed,
        promised_days: None,
        account: "assets:held",
        aliases: &["担保交易"],
        unconfirmed: &[Field::Arrives],
        ..channel("escrow", Kind::Wallet, 0)
    },
    Tender {
        promised_days: None,
        files: &[],
        unconfirmed: &[Field::Arrives, Field::Fee, Aliases],
        ..by_hand("phone_payment", Kind::Wallet, Arrives::Agreed, "")
    },
    Tender {
        unconfirmed: &[Field::Kind, Field::Holder, Field::Arrives, Field::Fee, Field::Back],
        ..source("other", Kind::Wallet, &[])
    },
];
