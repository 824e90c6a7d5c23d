//! Statements to look at and to test with: the worked payout and a period of any length.

use documents::{
    Arrival, Clock, Company, Completeness, ComponentRow, Line, Note, PayoutHead, PayoutRow, Source,
    Statement, StatementKind, Verdict, Zone,
};
use domain::payout::{Component, Components};
use domain::{BalanceKind, BusinessDate, Channel, Currency, Period};
use messages::Lang;

fn day(month: u32, day: u32) -> BusinessDate {
    BusinessDate::from_ymd(2026, month, day).expect("the samples use days that exist")
}

fn company(lang: Lang) -> Company {
    let (name, lines) = match lang {
        Lang::Zh => (
            "杭州西湖龙井茶业有限公司",
            ["统一社会信用代码 91330106MA2XYZ1234", "浙江省杭州市西湖区龙井路 8 号"],
        ),
        Lang::En => (
            "West Lake Longjing Tea Co., Ltd.",
            ["Unified social credit code 91330106MA2XYZ1234", "8 Longjing Road, Hangzhou"],
        ),
    };
    Company { name: name.to_owned(), id_lines: lines.map(str::to_owned).to_vec() }
}

fn rows(parts: &Components) -> Vec<ComponentRow> {
    parts
        .listed()
        .map(|(component, amount_minor, rows)| ComponentRow { component, amount_minor, rows })
        .collect()
}

fn source(from: &str) -> Source {
    Source {
        data_version: 412,
        state_hash: "5f3d0c0a6a1b8f0f2d8e4c7b9a1032547698badcfe10325476f0e1d2c3b4a596".to_owned(),
        generated_from: from.to_owned(),
    }
}

/// The worked payout of 344.14 yuan.
pub fn golden_payout(lang: Lang) -> Statement {
    let mut parts = Components::default();
    let mut lines = Vec::new();
    let goods = match lang {
        Lang::Zh => ["龙井明前特级 250g", "九曲红梅 100g", "茶样一份", "手作茶具套装", "书签"],
        Lang::En => ["Longjing 250 g", "Jiuqu Hongmei 100 g", "Tea sample", "Tea set", "Bookmark"],
    };
    let at = domain::parse_channel_time("2026-04-14 09:12:31").expect("a time");
    let sales = [(12800, 77), (3999, 24), (500, 3), (25600, 154), (99, 1)];
    for (index, ((gross, fee), goods)) in (0i64..).zip(sales.into_iter().zip(goods)) {
        parts.add(Component::Sales, gross);
        parts.add(Component::Fees, -fee);
        lines.push(line(at + index * 4_321_000, BalanceKind::Payment, index, goods, gross, -fee));
    }
    let remark = |zh: &str, en: &str| if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() };
    let more = [
        (Component::Refunds, BalanceKind::Refund, -5000, remark("部分退款", "Partial refund")),
        (Component::FeesReturned, BalanceKind::RefundFee, 30, String::new()),
        (
            Component::AccountCharges,
            BalanceKind::AccountCharge,
            -100,
            remark("工具服务费", "Tool service fee"),
        ),
        (
            Component::CommissionSplit,
            BalanceKind::SplitPaid,
            -1280,
            remark("分账:茶农合作社", "Split: growers"),
        ),
        (Component::Held, BalanceKind::Held, -3975, remark("分账冻结", "Frozen for a split")),
        (Component::Released, BalanceKind::Released, 2000, remark("解冻", "Released")),
    ];
    for (index, (component, kind, amount, text)) in (5i64..).zip(more) {
        parts.add(component, amount);
        lines.push(line(at + index * 4_321_000, kind, index, &text, amount, 0));
    }
    parts.close(34_414);
    Statement {
        lang,
        company: company(lang),
        kind: StatementKind::Payout(PayoutHead {
            channel: Channel::WechatPay,
            account_no: "1900000109".to_owned(),
            number: "10000401202604150000000000001".to_owned(),
            left_on: day(4, 15),
            promised_on: Some(day(4, 16)),
            arrival: Some(Arrival {
                booked_on: day(4, 15),
                amount_minor: 34_414,
                account_tail: "8812".to_owned(),
            }),
        }),
        clock: Clock::Booked,
        zone: Zone::CHINA,
        currency: Currency::CNY,
        components: rows(&parts),
        total_minor: 34_414,
        completeness: Completeness { verdict: Verdict::Complete, note: String::new() },
        payouts: Vec::new(),
        lines,
        notes: vec![Note {
            code: "remark".to_owned(),
            record: "fund:4200000000202604140000000000".to_owned(),
            detail: remark(
                "手续费逐笔四舍五入合计 2.59;按总额计算为 2.58,相差 1 分,不是差错。",
                "Fees rounded row by row come to 2.59; on the total they would be 2.58. \
                 One fen by rounding, not an error.",
            ),
            effect_minor: None,
        }],
        source: source("1900000109-fund-2026-04-14.csv, 1900000109-trade-2026-04-14.csv"),
        channel_names: Vec::new(),
    }
}

fn line(
    at_ms: i64,
    kind: BalanceKind,
    index: i64,
    goods: &str,
    gross_minor: i64,
    fee_minor: i64,
) -> Line {
    Line {
        at_ms,
        kind,
        order_no: format!("SO20260414{:06}", 4021 + index),
        channel_no: format!("42000012342026{:014}", 4_140_000_000 + index * 7919),
        goods: goods.to_owned(),
        gross_minor,
        fee_minor,
        net_minor: gross_minor + fee_minor,
        evidence_file: "1900000109-fund-2026-04-14.csv".to_owned(),
        evidence_line: 6 + index as u32,
    }
}

/// A period with `count` payments, spread over payouts of WeChat Pay and Alipay.
pub fn period(lang: Lang, channel: Option<Channel>, count: usize) -> Statement {
    let mut parts = Components::default();
    let start = domain::parse_channel_time("2026-04-01 00:00:00").expect("a time");
    let step = 30 * 86_400_000 / (count.max(1) as i64 + 1);
    let names = match lang {
        Lang::Zh => ["龙井明前特级 250g", "九曲红梅礼盒(精装,附手提袋)", "茶样一份", "茶具"],
        Lang::En => ["Longjing 250 g", "Jiuqu Hongmei gift box with bag", "Sample", "Tea set"],
    };
    let mut lines = Vec::with_capacity(count);
    let mut payouts: Vec<PayoutRow> = Vec::new();
    for index in 0..count as i64 {
        let gross = 1_000 + (index * 7_919) % 98_000;
        let refund = index % 17 == 16;
        let (kind, gross) =
            if refund { (BalanceKind::Refund, -gross) } else { (BalanceKind::Payment, gross) };
        let fee = -(gross * 6 + 500 * gross.signum()) / 1000;
        let component = if refund { Component::Refunds } else { Component::Sales };
        parts.add(component, gross);
        parts.add(if refund { Component::FeesReturned } else { Component::Fees }, fee);
        let at = start + (index + 1) * step;
        lines.push(line(at, kind, index, names[index as usize % 4], gross, fee));
        let left_on = BusinessDate::of_ms(at).plus_days(1);
        let of =
            channel.unwrap_or([Channel::WechatPay, Channel::Alipay][left_on.days() as usize % 2]);
        match payouts.last_mut().filter(|last| last.left_on == left_on) {
            Some(last) => last.amount_minor += gross + fee,
            None => payouts.push(PayoutRow {
                left_on,
                channel: of,
                account_no: if of == Channel::Alipay { "2088101117955611" } else { "1900000109" }
                    .to_owned(),
                number: format!("1000040120260401{:012}", payouts.len() + 1),
                amount_minor: gross + fee,
                unexplained_minor: 0,
                arrived_on: Some(left_on.plus_days(1)),
            }),
        }
    }
    let total_minor = payouts.iter().map(|row| row.amount_minor).sum();
    parts.close(total_minor);
    Statement {
        lang,
        company: company(lang),
        kind: StatementKind::Period {
            period: Period { from: day(4, 1), until: day(5, 1) },
            channel,
            account_no: channel.map(|_| "1900000109".to_owned()),
        },
        clock: Clock::Booked,
        zone: Zone::CHINA,
        currency: Currency::CNY,
        components: rows(&parts),
        total_minor,
        completeness: Completeness {
            verdict: Verdict::Waiting,
            note: match lang {
                Lang::Zh => "4 月 30 日账单应于 5 月 1 日 10:00 出具",
                Lang::En => "The bill of 30 April is due on 1 May, 10:00",
            }
            .to_owned(),
        },
        payouts,
        lines,
        notes: Vec::new(),
        source: source("60 files, 2026-04-01 to 2026-04-30"),
        channel_names: Vec::new(),
    }
}
