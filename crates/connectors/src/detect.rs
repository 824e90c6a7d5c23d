//! What a file is, from its first bytes. Names and extensions decide nothing.

use crate::bill::{FileKind, FileProblem};
use crate::cells;
use crate::wechat_pay::{header_names, trade_bill};
use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// How much of a file [`detect`] wants to see.
pub const HEAD: usize = 64 << 10;
/// A table's header stands within its first lines.
const LINES: usize = 40;

/// Says what a file is by its first [`HEAD`] unpacked bytes (fewer when it is shorter).
///
/// # Errors
/// [`FileProblem::Unknown`], with a hint for known look-alikes: `empty`, `html`, `json`, `pdf`,
/// `picture`, `archive`, `old_excel`, `alipay_personal_export`, `alipay_web_export`,
/// `wechat_personal_export`, `wechat_recharge_refund`, `camt052`, `camt054`, `binary`.
pub fn detect(head: &[u8]) -> Result<FileKind, FileProblem> {
    if head.iter().all(u8::is_ascii_whitespace) {
        return refuse("empty");
    }
    if let Some(hint) = magic(head) {
        return refuse(hint);
    }
    let text = decode(head);
    if text.starts_with(crate::stripe::archive::MARK) {
        let currency = crate::stripe::balance_file::currency_of(&text);
        return match currency {
            Some(currency) => Ok(FileKind::StripeBalance { currency }),
            None => Err(FileProblem::Damaged { detail: "the first line".to_owned() }),
        };
    }
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if let Some(kind) = alipay_title(start) {
        return Ok(kind);
    }
    if crate::shops::archive::is_archive(start) {
        return Ok(FileKind::ShopOrders);
    }
    if let Some(found) = crate::till::channel_of(start) {
        return found.map(|channel| FileKind::TillMoves { channel });
    }
    if let Some(found) = by_header(start) {
        return found;
    }
    if let Some(found) = bank_statement(start) {
        return found;
    }
    if start.starts_with('{') || start.starts_with("[{") {
        // MT940 also begins with a brace, and is found above.
        return refuse("json");
    }
    if start.contains('\0') || control_share(start) {
        return refuse("binary");
    }
    if looks_like_table(start) {
        return Ok(FileKind::Table { target: None });
    }
    Err(FileProblem::Unknown { hint: None })
}

fn refuse<T>(hint: &str) -> Result<T, FileProblem> {
    Err(FileProblem::Unknown { hint: Some(hint.to_string()) })
}

/// True for the beginning of a compressed container.
pub(crate) fn is_container(head: &[u8]) -> bool {
    matches!(magic(head), Some("archive"))
}

fn magic(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &'static str); 11] = [
        (b"PK\x03\x04", "archive"),
        (b"PK\x05\x06", "archive"),
        (b"\x1F\x8B", "archive"),
        (b"7z\xBC\xAF\x27\x1C", "archive"),
        (b"Rar!", "archive"),
        (b"\xFD7zXZ", "archive"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old_excel"),
        (b"%PDF", "pdf"),
        (b"\x89PNG", "picture"),
        (b"\xFF\xD8\xFF", "picture"),
        (b"GIF8", "picture"),
    ];
    known.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, hint)| *hint)
}

/// The head as text. A character cut at the end is dropped.
fn decode(head: &[u8]) -> Cow<'_, str> {
    match head {
        [0xFF, 0xFE, ..] => return UTF_16LE.decode(head).0,
        [0xFE, 0xFF, ..] => return UTF_16BE.decode(head).0,
        [1..=255, 0, 1..=255, 0, ..] => return UTF_16LE.decode(head).0,
        [0, 1..=255, 0, 1..=255, ..] => return UTF_16BE.decode(head).0,
        _ => {}
    }
    match std::str::from_utf8(head) {
        Ok(text) => Cow::Borrowed(text),
        Err(cut) if cut.error_len().is_none() => {
            Cow::Borrowed(std::str::from_utf8(&head[..cut.valid_up_to()]).unwrap_or(""))
        }
        Err(_) => GB18030.decode_without_bom_handling(head).0,
    }
}

fn alipay_title(start: &str) -> Option<FileKind> {
    let title = start.lines().next()?.trim_start_matches(['"', '#', ' ', '\t']);
    [
        (crate::alipay::trade::TITLE, FileKind::AlipayTrade),
        (crate::alipay::summaries::TRADE_TITLE, FileKind::AlipayTradeSummary),
        (crate::alipay::account::TITLE, FileKind::AlipayAccount),
        (crate::alipay::summaries::ACCOUNT_TITLE, FileKind::AlipayAccountSummary),
    ]
    .into_iter()
    .find(|(words, _)| title.starts_with(words))
    .map(|(_, kind)| kind)
}

/// WeChat Pay bills and the exports that look like bills, by their column headers.
fn by_header(start: &str) -> Option<Result<FileKind, FileProblem>> {
    for (index, line) in start.lines().take(LINES).enumerate() {
        if !line.contains(',') && !line.contains('\t') {
            continue;
        }
        let names = header_names(line);
        // The bills themselves begin with their header; exports have a preamble.
        if index == 0 {
            if let Some(kind) = trade_bill::kind_of(&names) {
                let known = names.iter().any(|name| name == "手续费");
                let recharge = names.iter().any(|name| name == "返还手续费");
                return Some(if recharge && !known {
                    refuse("wechat_recharge_refund")
                } else {
                    Ok(kind)
                });
            }
            if has(&names, &["记账时间", "资金流水单号", "业务类型", "收支类型"])
            {
                return Some(Ok(FileKind::WechatFund));
            }
        }
        let names: Vec<String> =
            line.split([',', '\t']).map(|name| cells::normal(name.trim_matches('"'))).collect();
        for (hint, columns) in LOOK_ALIKES {
            if has(&names, columns) {
                return Some(refuse(hint));
            }
        }
    }
    None
}

/// Exports people try instead of the merchant's bills.
const LOOK_ALIKES: &[(&str, &[&str])] = &[
    ("alipay_personal_export", &["交易号", "商家订单号", "交易创建时间", "交易对方", "资金状态"]),
    ("alipay_personal_export", &["交易时间", "交易分类", "交易对方", "收/支", "商家订单号"]),
    ("alipay_web_export", &["入账时间", "账务类型", "签约产品", "支付宝流水号"]),
    ("alipay_web_export", &["入账时间", "账务类型", "账户余额(元)", "业务基础订单号"]),
    ("wechat_personal_export", &["交易时间", "交易对方", "收/支", "当前状态", "交易单号"]),
];

fn has(names: &[String], wanted: &[&str]) -> bool {
    wanted.iter().all(|wanted| names.iter().any(|name| name == wanted))
}

fn bank_statement(start: &str) -> Option<Result<FileKind, FileProblem>> {
    let opening = head_of(start, 4096);
    let upper = opening.to_ascii_uppercase();
    if upper.starts_with("OFXHEADER") || upper.contains("<?OFX") || upper.contains("<OFX>") {
        return Some(Ok(FileKind::BankOfx));
    }
    if opening.starts_with('<') {
        for (mark, found) in [
            ("camt.053", Ok(FileKind::BankCamt053)),
            ("<BkToCstmrStmt>", Ok(FileKind::BankCamt053)),
            ("camt.052", refuse("camt052")),
            ("camt.054", refuse("camt054")),
        ] {
            if opening.contains(mark) {
                return Some(found);
            }
        }
        if upper.starts_with("<!DOCTYPE HTML") || upper.contains("<HTML") {
            return Some(refuse("html"));
        }
    }
    let tag =
        |name: &str| opening.lines().any(|line| line.trim_start_matches("{4:").starts_with(name));
    let blocks = opening.starts_with("{1:F01") && opening.contains("{4:");
    let plain = tag(":20:") && (tag(":25:") || tag(":60F:") || tag(":60M:") || tag(":28C:"));
    (plain || blocks).then_some(Ok(FileKind::BankMt940))
}

/// At most `limit` bytes from the start, cut between characters.
fn head_of(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Text files have next to no control characters.
fn control_share(text: &str) -> bool {
    let strange = |c: &char| {
        (c.is_control() && !matches!(c, '\t' | '\r' | '\n')) || *c == char::REPLACEMENT_CHARACTER
    };
    let (mut seen, mut bad) = (0usize, 0usize);
    for c in text.chars().take(8192) {
        seen += 1;
        bad += usize::from(strange(&c));
    }
    bad * 100 > seen
}

/// Two lines or more that one delimiter cuts into at least two cells.
fn looks_like_table(text: &str) -> bool {
    [',', '\t', ';', '|'].into_iter().any(|delimiter| {
        let cut = |line: &&str| line.matches(delimiter).count() >= 1;
        let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LINES);
        let whole: Vec<&str> = lines.collect();
        whole.len() >= 2 && whole.iter().filter(|line| cut(line)).count() * 2 >= whole.len()
    }) || (text.lines().nth(1).is_none() && text.matches([',', '\t']).count() >= 2)
}

#[cfg(test)]
mod tests;
