use super::*;
use crate::bill::TradeRows;

fn kind(text: &str) -> Result<FileKind, FileProblem> {
    detect(text.as_bytes())
}

fn hint(bytes: &[u8]) -> Option<String> {
    match detect(bytes) {
        Err(FileProblem::Unknown { hint }) => hint,
        other => panic!("{other:?}"),
    }
}

#[test]
fn channel_bills_are_known_by_their_first_line() {
    let all = include_bytes!("../../fixtures/wechat_pay/trade_all.csv");
    let refund = include_bytes!("../../fixtures/wechat_pay/trade_refund.csv");
    let fund = include_bytes!("../../fixtures/wechat_pay/fund_basic_1.csv");
    for (bytes, rows) in [(&all[..], TradeRows::All), (&refund[..], TradeRows::Refunds)] {
        let found = detect(bytes).unwrap();
        assert_eq!(found, FileKind::WechatTrade { rows, old_layout: false });
    }
    assert_eq!(detect(fund).unwrap(), FileKind::WechatFund);
    let old = "交易时间,商户号,微信订单号,商户订单号,交易状态,总金额,微信退款单号,手续费\n";
    assert_eq!(
        kind(old).unwrap(),
        FileKind::WechatTrade { rows: TradeRows::All, old_layout: true }
    );
    let gbk = encoding_rs::GBK.encode("#支付宝账务明细查询,,,\r\n#账号：[2088]\r\n").0;
    assert_eq!(detect(&gbk).unwrap(), FileKind::AlipayAccount);
    assert_eq!(kind("#支付宝业务汇总查询\n").unwrap(), FileKind::AlipayTradeSummary);
}

#[test]
fn bank_statements_are_known_by_their_content() {
    for (text, expected) in [
        ("OFXHEADER:100\r\nDATA:OFXSGML\r\n\r\n<OFX><SIGNONMSGSRSV1>", FileKind::BankOfx),
        ("<?xml version=\"1.0\"?>\n<?OFX OFXHEADER=\"200\"?>\n<OFX>", FileKind::BankOfx),
        ("{1:F01ICBKCNBJAXXX0000000000}{2:I940}{4:\r\n:20:X\r\n:25:1\r\n", FileKind::BankMt940),
        (":20:STMT\r\n:25:6222\r\n:28C:1/1\r\n:60F:C260101CNY0,\r\n", FileKind::BankMt940),
        (
            "<?xml version=\"1.0\"?>\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">",
            FileKind::BankCamt053,
        ),
        ("\u{FEFF}<Document><BkToCstmrStmt><GrpHdr>", FileKind::BankCamt053),
        ("订单号,下单时间,支付时间\nA1,2026-04-14 10:00:00,\n", FileKind::Table { target: None }),
        ("账号;日期;金额\n1;2026-04-14;1,00\n", FileKind::Table { target: None }),
        ("账号,交易日期,交易时间,借方金额\n", FileKind::Table { target: None }),
    ] {
        assert_eq!(kind(text).unwrap(), expected, "{text}");
    }
    let utf16: Vec<u8> =
        "日期\t金额\n2026-04-14\t1.00\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [&[0xFF, 0xFE][..], &utf16].concat();
    assert_eq!(detect(&bytes).unwrap(), FileKind::Table { target: None });
}

#[test]
fn look_alikes_are_refused_with_the_reason() {
    let personal_old = "支付宝交易记录明细查询\n账号:[a@b.c]\n起始日期:[…]\n---交易记录明细列表---\n\
        交易号                  ,商家订单号               ,交易创建时间              ,付款时间                ,\
        最近修改时间              ,交易来源地     ,类型              ,交易对方            ,商品名称                ,\
        金额（元）   ,收/支     ,交易状态    ,服务费（元）   ,成功退款（元）  ,备注                  ,资金状态     ,\n";
    let personal_new = "------------------------\n导出信息：\n姓名：某\n\n\
        交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,\n";
    let web = "入账时间,账务类型,收入（+元）,支出（-元）,账户余额（元）,服务费（元）,支付渠道,签约产品,\
        对方账户,对方名称,银行订单号,商品名称,备注,业务基础订单号,业务订单号,业务账单来源,业务描述,付款备注,支付宝流水号\n";
    let wechat = "微信支付账单明细,,,,,,,,\n微信昵称：[x],,,\n\n\
        交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注\n";
    for (text, expected) in [
        (personal_old, "alipay_personal_export"),
        (personal_new, "alipay_personal_export"),
        (web, "alipay_web_export"),
        (wechat, "wechat_personal_export"),
    ] {
        assert_eq!(hint(text.as_bytes()).as_deref(), Some(expected));
        let gbk = encoding_rs::GB18030.encode(text).0;
        assert_eq!(hint(&gbk).as_deref(), Some(expected), "GBK");
    }
    for (bytes, expected) in [
        (&b" \r\n"[..], "empty"),
        (b"<!DOCTYPE html><html><body>502</body></html>", "html"),
        (b"{\"code\":\"NO_STATEMENT_EXIST\"}", "json"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "old_excel"),
        (b"\x00\x01\x02\x03\x04\x05,\x06\n\x07,\x08\n", "binary"),
        (b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">", "camt054"),
    ] {
        assert_eq!(hint(bytes).as_deref(), Some(expected));
    }
    assert_eq!(hint("你好，世界".as_bytes()), None);
}
