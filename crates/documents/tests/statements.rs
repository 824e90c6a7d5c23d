//! Statements as their readers get them: looked at with the tools readers use.

#[path = "../examples/samples/mod.rs"]
mod samples;

use calamine::{Data, Reader, Xlsx};
use documents::{DocumentError, Statement, content_hash, render_csv, render_pdf, render_xlsx};
use domain::Channel;
use domain::payout::Component;
use messages::Lang;
use samples::{golden_payout, period};
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

/// Runs a program on the bytes as a file and gives what it prints.
fn with_tool(program: &str, bytes: &[u8], args: &dyn Fn(&Path) -> Vec<String>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statement.pdf");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new(program)
        .args(args(&path))
        .output()
        .unwrap_or_else(|error| panic!("{program} (poppler-utils, qpdf) is needed: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn pdf_text(bytes: &[u8]) -> String {
    with_tool("pdftotext", bytes, &|path| {
        vec!["-layout".into(), path.display().to_string(), "-".into()]
    })
}

fn page_count(bytes: &[u8]) -> usize {
    let info = with_tool("pdfinfo", bytes, &|path| vec![path.display().to_string()]);
    let line = info.lines().find(|line| line.starts_with("Pages:")).unwrap();
    line.trim_start_matches("Pages:").trim().parse().unwrap()
}

fn assert_sound(bytes: &[u8]) {
    let said = with_tool("qpdf", bytes, &|path| vec!["--check".into(), path.display().to_string()]);
    assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_worked_payout_can_be_read_searched_and_copied_in_both_languages() {
    for (lang, words) in [
        (
            Lang::Zh,
            ["到账对账单", "杭州西湖龙井茶业有限公司", "龙井明前特级 250g", "入账", "微信支付"],
        ),
        (Lang::En, ["Payout statement", "West Lake", "Longjing 250 g", "booking", "WeChat Pay"]),
    ] {
        let statement = golden_payout(lang);
        let pdf = render_pdf(&statement).unwrap();
        assert_sound(&pdf);
        assert!(pdf.len() < 150_000, "{} bytes", pdf.len());
        let text = pdf_text(&pdf);
        let hash = hex(&content_hash(&statement));
        let figures = [
            "344.14",
            "429.98",
            "-2.59",
            "-50.00",
            "+0.30",
            "-39.75",
            "0.00",
            "UTC+08:00",
            "8812",
            "4200001234202600004140000000",
            "fund-2026-04-14.csv:6",
            &hash,
        ];
        for wanted in words.into_iter().chain(figures) {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
        let pages = page_count(&pdf);
        assert_eq!(text.matches(&hash[..16]).count(), pages + 1, "the hash is in every foot");
    }
}

#[test]
fn what_is_unexplained_is_printed_even_when_it_is_nothing() {
    let text = pdf_text(&render_pdf(&golden_payout(Lang::Zh)).unwrap());
    assert!(text.contains("未解释 0.00"), "{text}");
    let mut open = golden_payout(Lang::Zh);
    open.components.last_mut().unwrap().amount_minor = -100;
    open.total_minor -= 100;
    let text = pdf_text(&render_pdf(&open).unwrap());
    assert!(text.contains("未解释 -1.00"), "{text}");
    assert!(text.contains("银行差额") && text.contains("+1.00"), "{text}");
}

#[test]
fn a_chinese_statement_says_its_total_in_words_beside_the_figures() {
    let text = pdf_text(&render_pdf(&golden_payout(Lang::Zh)).unwrap());
    assert!(text.contains("大写：人民币叁佰肆拾肆圆壹角肆分"), "{text}");
    let text = pdf_text(&render_pdf(&golden_payout(Lang::En)).unwrap());
    assert!(!text.contains('圆') && !text.contains("In words"), "{text}");
}

#[test]
fn the_same_data_gives_the_same_bytes_and_other_data_another_hash() {
    let statement = golden_payout(Lang::Zh);
    let again = statement.clone();
    assert_eq!(render_pdf(&statement).unwrap(), render_pdf(&again).unwrap());
    assert_eq!(render_xlsx(&statement).unwrap(), render_xlsx(&again).unwrap());
    assert_eq!(render_csv(&statement).unwrap(), render_csv(&again).unwrap());
    let mut other = statement.clone();
    other.lines[3].evidence_line += 1;
    assert_ne!(content_hash(&statement), content_hash(&other));
    // Text may not slip from one field into the next.
    let (mut left, mut right) = (statement.clone(), statement);
    (left.lines[0].order_no, left.lines[0].channel_no) = ("ab".into(), "c".into());
    (right.lines[0].order_no, right.lines[0].channel_no) = ("a".into(), "bc".into());
    assert_ne!(content_hash(&left), content_hash(&right));
}

#[test]
fn the_content_hash_of_the_worked_payout_is_known() {
    // It changes with the template version only; another change here is a mistake.
    let hash = hex(&content_hash(&golden_payout(Lang::Zh)));
    assert_eq!(hash, "4c6664865a6a606d6676c9b9ff59c12592c1cc736d1612ca3a2bb1117d659482");
}

#[test]
fn components_stand_in_their_order() {
    let text = pdf_text(&render_pdf(&golden_payout(Lang::En)).unwrap());
    let listed = text.split("Components").nth(1).unwrap();
    let names = ["Sales", "Refunds", "Fees", "Fees returned", "Split shares paid", "Held"];
    let at: Vec<usize> = names.iter().map(|name| listed.find(name).unwrap()).collect();
    assert!(at.is_sorted(), "{at:?}");
}

#[test]
fn a_statement_that_does_not_add_up_is_not_made() {
    let refused = |change: fn(&mut Statement)| {
        let mut statement = golden_payout(Lang::Zh);
        change(&mut statement);
        let error = render_pdf(&statement).unwrap_err();
        assert!(render_xlsx(&statement).is_err() && render_csv(&statement).is_err());
        error
    };
    let error = refused(|s| s.components[0].amount_minor += 1);
    assert!(matches!(error, DocumentError::ComponentSum { .. }), "{error}");
    let error = refused(|s| s.total_minor -= 1);
    assert!(matches!(error, DocumentError::ComponentSum { .. }), "{error}");
    let error = refused(|s| s.components.swap(0, 1));
    assert!(matches!(error, DocumentError::ComponentOrder), "{error}");
    let error = refused(|s| s.components.retain(|row| row.component != Component::Unexplained));
    assert!(matches!(error, DocumentError::UnexplainedMissing), "{error}");
    let error = refused(|s| s.lines[2].net_minor += 1);
    assert!(matches!(error, DocumentError::LineSum { index: 2 }), "{error}");
    let mut statement = period(Lang::Zh, None, 60);
    statement.payouts.pop();
    let error = render_pdf(&statement).unwrap_err();
    assert!(matches!(error, DocumentError::PayoutSum { .. }), "{error}");
}

#[test]
fn a_long_statement_repeats_its_heads_and_numbers_its_pages() {
    let statement = period(Lang::Zh, Some(Channel::WechatPay), 500);
    let pdf = render_pdf(&statement).unwrap();
    assert_sound(&pdf);
    let (text, pages) = (pdf_text(&pdf), page_count(&pdf));
    assert!((15..=25).contains(&pages), "{pages}");
    for page in 1..=pages {
        assert!(text.contains(&format!("第 {page} 页 / 共 {pages} 页")), "{page}");
    }
    assert!(text.matches("订单号 / 渠道单号").count() >= pages - 3, "heads are repeated");
    assert_eq!(text.matches("SO20260414").count(), 500, "every line is there once");
}

#[test]
fn a_company_statement_sums_its_channels() {
    let statement = period(Lang::En, None, 60);
    let text = pdf_text(&render_pdf(&statement).unwrap());
    assert!(text.contains("By channel") && text.contains("Alipay"), "{text}");
    assert!(text.contains("The bill of 30 April is due on 1 May, 10:00"), "{text}");
}

/// A payout whose every text is hostile.
fn hostile() -> Statement {
    let mut statement = golden_payout(Lang::Zh);
    statement.company.name = "极".repeat(300);
    statement.company.id_lines = vec!["\u{202e}gnorw\0\u{1}\n<b>&amp;".into(); 9];
    statement.lines[0].goods = "=HYPERLINK(\"http://x\",\"y\")".into();
    statement.lines[1].goods = "\t@SUM(A1)".into();
    statement.lines[2].goods = "😀👨‍👩‍👧 tea \u{10ffff}".into();
    statement.lines[3].goods = "x".repeat(40_000);
    statement.lines[4].goods = "a,\"b\"\r\nc".into();
    statement.lines[5].order_no = "1".repeat(64);
    statement.lines[6].evidence_file = "很长的文件名".repeat(40);
    statement.lines[7].goods = "مرحبا ) ( \\ >".into();
    statement.notes[0].record = "y".repeat(500);
    statement.notes[0].code = "=cmd".into();
    statement
}

#[test]
fn hostile_texts_break_no_document_and_missing_characters_are_listed() {
    let statement = hostile();
    let pdf = render_pdf(&statement).unwrap();
    assert_sound(&pdf);
    let text = pdf_text(&pdf);
    assert!(text.contains("U+1F600 ×1"), "{text}");
    assert!(text.contains('□') && text.contains("344.14"));
    assert!(!text.contains('\u{202e}'));
    let rows = with_csv(&render_csv(&statement).unwrap());
    let texts: Vec<&str> = rows.iter().map(|row| row[5].as_str()).collect();
    assert!(texts.contains(&"'=HYPERLINK(\"http://x\",\"y\")"), "{texts:?}");
    assert!(texts.contains(&"' @SUM(A1)") && texts.contains(&"a,\"b\"  c"), "{texts:?}");
    render_xlsx(&statement).unwrap();
}

fn with_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    assert!(bytes.starts_with("\u{feff}".as_bytes()), "sheet programs need the mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[3..]);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_table_has_plain_amounts_iso_dates_and_unharmed_numbers() {
    let rows = with_csv(&render_csv(&golden_payout(Lang::En)).unwrap());
    assert!(rows.iter().all(|row| row.len() == 13));
    let line = rows.iter().find(|row| row[0] == "Balance transactions").unwrap();
    assert_eq!(line[1], "2026-04-14T09:12:31+08:00");
    assert_eq!(line[4], "'4200001234202600004140000000");
    assert_eq!(&line[6..9], ["128.00", "-0.77", "127.23"]);
    let total = rows.iter().find(|row| row[2] == "Paid out").unwrap();
    assert_eq!(total[8], "344.14");
}

#[test]
fn the_workbook_has_typed_numbers_and_dates_and_no_formula() {
    let mut statement = golden_payout(Lang::En);
    statement.lines[0].goods = "=1+1".into();
    let bytes = render_xlsx(&statement).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.clone())).unwrap();
    let range = book.worksheet_range("Balance transactions").unwrap();
    let row: Vec<Data> = range.rows().nth(1).unwrap().to_vec();
    assert!(matches!(row[0], Data::DateTime(_)), "{:?}", row[0]);
    assert_eq!(row[3], Data::String("4200001234202600004140000000".into()));
    assert_eq!(row[4], Data::String("=1+1".into()));
    assert_eq!(row[7], Data::Float(127.23));
    let sum = range.rows().next_back().unwrap().to_vec();
    assert_eq!(sum[7], Data::Float(344.14));

    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut xml = String::new();
        part.read_to_string(&mut xml).unwrap();
        assert!(!xml.contains("<f>"), "a formula in part {index}");
    }
}
