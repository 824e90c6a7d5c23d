//! How a payment was made, as far as its row says: confirmed how, from what, in how many terms, and
//! through whom behind an aggregator. What a row does not say stays unsaid.

use crate::fee::FeePart;
use crate::money::parse_minor;
use crate::tender::{Tender, plain, source_of};
use crate::{Channel, Family};

/// The part of a fee that the wallet behind an aggregator keeps.
pub const UNDERLYING_FEE: &str = "underlying_fee";
/// The part of a fee that an aggregator keeps for itself.
pub const AGGREGATOR_FEE: &str = "aggregator_fee";
/// The part of a fee that is the price of selling in terms.
pub const INSTALMENT_FEE: &str = "instalment_fee";
/// The rest of a fee that has [`INSTALMENT_FEE`] in it.
pub const SERVICE_FEE: &str = "service_fee";
/// The further column with the number a payment has at the wallet behind an aggregator.
pub const UNDERLYING_NO: &str = "underlying:no";
/// The further column with UnionPay's kind of purchase.
pub const UNION_PAY_KIND: &str = "交易子类";

/// Columns that name terms and what they cost, with the decimal places of the price.
const TERMS: [(&str, &str, u32); 2] =
    [("花呗分期数", "花呗分期手续费", 2), ("分期付款期数", "分期付款附加手续费", 0)];

/// How a buyer confirmed a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// The shop scanned the code on the buyer's phone.
    PaymentCode,
    /// The buyer scanned the shop's code.
    Qr,
    /// By the buyer's face.
    Face,
    /// Without a password, by an earlier permission.
    PasswordFree,
}

impl Confirm {
    /// The stable code used in JSON and texts.
    pub fn code(self) -> &'static str {
        match self {
            Self::PaymentCode => "payment_code",
            Self::Qr => "qr",
            Self::Face => "face",
            Self::PasswordFree => "password_free",
        }
    }

    /// What the channel's word for the scene says; `None` where it says nothing about it.
    ///
    /// Source: WeChat Pay's open list of trade types (2026-11); Chinese words say it themselves.
    pub fn of_scene(channel: Channel, scene: &str) -> Option<Self> {
        let scene = plain(scene);
        match (channel, scene.as_str()) {
            (Channel::WechatPay, "micropay") => return Some(Self::PaymentCode),
            (Channel::WechatPay, "native") => return Some(Self::Qr),
            (Channel::WechatPay, "face" | "facepay") => return Some(Self::Face),
            _ => {}
        }
        const WORDS: [(&str, Confirm); 9] = [
            ("免密", Confirm::PasswordFree),
            ("刷脸", Confirm::Face),
            ("人脸", Confirm::Face),
            ("付款码", Confirm::PaymentCode),
            ("条码", Confirm::PaymentCode),
            ("b扫c", Confirm::PaymentCode),
            ("c扫b", Confirm::Qr),
            ("扫码", Confirm::Qr),
            ("二维码", Confirm::Qr),
        ];
        WORDS.into_iter().find(|(word, _)| scene.contains(word)).map(|(_, confirm)| confirm)
    }
}

/// A payment in terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalments {
    /// How many.
    pub terms: u16,
    /// What they cost, as printed, never negative; `None` where nothing is printed.
    pub fee_minor: Option<i64>,
    /// True when the row's own sum proves that it was taken from the shop. Where it does not, the
    /// row does not say who bears it.
    pub borne_by_shop: bool,
}

/// A payment at the wallet behind an aggregator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underlying {
    /// The wallet, where it is a channel.
    pub channel: Option<Channel>,
    /// Its name as the aggregator writes it.
    pub text: String,
    /// The number the payment has there; empty where the row names none.
    pub number: String,
    /// What the wallet keeps of it, signed by effect; `None` where the row does not tell it apart.
    pub fee_minor: Option<i64>,
}

/// All of that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paid {
    /// What the buyer paid from; the dictionary's last tender where nobody knows the text.
    pub source: Option<&'static Tender>,
    /// How it was confirmed.
    pub confirm: Option<Confirm>,
    /// Its terms.
    pub instalments: Option<Instalments>,
    /// The wallet behind an aggregator.
    pub underlying: Option<Underlying>,
}

impl Paid {
    /// What a row of a trade bill says: its scene, what was paid from, and its further columns.
    pub fn of(channel: Channel, scene: &str, from: &str, extra: &[(String, String)]) -> Self {
        let column = |wanted: &str| {
            let found = extra.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        };
        let part = |wanted: &str| {
            let mut parts = extra.iter().filter_map(|(n, v)| FeePart::of_column(n, v));
            parts.find(|part| part.name == wanted).map(|part| part.amount_minor)
        };
        let source = source_of(channel, from);
        let by_kind = || match (channel, column(UNION_PAY_KIND)) {
            (Channel::UnionPay, Some("06")) => Some(Confirm::PaymentCode),
            (Channel::UnionPay, Some("07")) => Some(Confirm::Qr),
            _ => None,
        };
        let instalments = TERMS.iter().find_map(|(terms, fee, decimals)| {
            let terms = column(terms)?.parse().ok().filter(|terms| *terms > 0)?;
            let fee = column(fee).and_then(|text| parse_minor(text, *decimals).ok());
            Some(Instalments {
                terms,
                fee_minor: fee.map(i64::abs),
                borne_by_shop: part(INSTALMENT_FEE).is_some(),
            })
        });
        let aggregates =
            channel.definition().is_some_and(|known| known.family == Family::Aggregator);
        let number = column(UNDERLYING_NO).unwrap_or_default();
        let underlying = (aggregates && !(from.is_empty() && number.is_empty())).then(|| {
            let channel = source.and_then(Tender::channel).filter(|of| *of != channel);
            let (text, number) = (from.to_owned(), number.to_owned());
            Underlying { channel, text, number, fee_minor: part(UNDERLYING_FEE) }
        });
        let confirm = Confirm::of_scene(channel, scene).or_else(by_kind);
        Self { source, confirm, instalments, underlying }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extra(columns: &[(&str, &str)]) -> Vec<(String, String)> {
        columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn how_a_payment_was_confirmed_is_said_only_where_the_row_says_it() {
        let said = |channel, scene| Confirm::of_scene(channel, scene).map(Confirm::code);
        assert_eq!(said(Channel::WechatPay, "MICROPAY"), Some("payment_code"));
        assert_eq!(said(Channel::WechatPay, "NATIVE"), Some("qr"));
        assert_eq!(said(Channel::WechatPay, "FACE"), Some("face"));
        assert_eq!(said(Channel::WechatPay, "JSAPI"), None);
        assert_eq!(said(Channel::Alipay, "NATIVE"), None, "a word of another channel");
        assert_eq!(said(Channel::Alipay, "无线支付"), None);
        assert_eq!(said(Channel::Alipay, "免密代扣"), Some("password_free"));
        assert_eq!(said(Channel::Alipay, "刷脸支付"), Some("face"));
        let kind = |value| Paid::of(Channel::UnionPay, "0001", "", &extra(&[("交易子类", value)]));
        assert_eq!(kind("06").confirm, Some(Confirm::PaymentCode));
        assert_eq!(kind("07").confirm, Some(Confirm::Qr));
        assert_eq!(kind("01").confirm, None);
    }

    #[test]
    fn terms_are_read_and_who_bears_them_only_where_the_sum_proves_it() {
        let of = |columns: &[(&str, &str)]| {
            Paid::of(Channel::Alipay, "", "", &extra(columns)).instalments
        };
        let terms = [("花呗分期数", "3"), ("花呗分期手续费", "-0.30")];
        let told = Instalments { terms: 3, fee_minor: Some(30), borne_by_shop: false };
        assert_eq!(of(&terms), Some(told.clone()));
        let proven = [terms[0], terms[1], ("fee:instalment_fee", "-30")];
        assert_eq!(of(&proven), Some(Instalments { borne_by_shop: true, ..told }));
        assert_eq!(of(&[("花呗分期数", "0")]), None);
        let card = Paid::of(
            Channel::UnionPay,
            "",
            "",
            &extra(&[("分期付款期数", "12"), ("分期付款附加手续费", "000000000150")]),
        );
        let told = Instalments { terms: 12, fee_minor: Some(150), borne_by_shop: false };
        assert_eq!(card.instalments, Some(told));
    }

    #[test]
    fn behind_an_aggregator_both_numbers_and_both_fees_are_kept() {
        let yeepay = Channel::from_code("yeepay").unwrap();
        let columns = extra(&[("underlying:no", "4200"), ("fee:underlying_fee", "-38")]);
        let paid = Paid::of(yeepay, "", "微信支付", &columns);
        let found = paid.underlying.unwrap();
        assert_eq!((found.channel, found.number.as_str()), (Some(Channel::WechatPay), "4200"));
        assert_eq!((found.fee_minor, paid.source.map(|s| s.code)), (Some(-38), Some("wechat_pay")));
        let unknown = Paid::of(yeepay, "", "月光宝盒", &[]);
        let found = unknown.underlying.unwrap();
        assert_eq!((found.channel, found.text.as_str()), (None, "月光宝盒"));
        assert_eq!(unknown.source.map(|s| s.code), Some("other"));
        assert_eq!(Paid::of(Channel::WechatPay, "", "ICBC_DEBIT", &[]).underlying, None);
    }
}
