use super::*;
use crate::bill::{Fact, Row};
use crate::table::{Confidence, Preview, ReadOptions, preview, read};
use proptest::prelude::*;
use std::io::Write;
use zip::write::SimpleFileOptions;

const CONTENT_TYPES: &str = include_str!("../../../fixtures/table/workbook/content-types.xml");
const RELS: &str = include_str!("../../../fixtures/table/workbook/rels.xml");
const WORKBOOK: &str = include_str!("../../../fixtures/table/workbook/workbook.xml");
const WORKBOOK_RELS: &str = include_str!("../../../fixtures/table/workbook/workbook-rels.xml");
// Style 1 is a date, style 2 a date with time.
const STYLES: &str = include_str!("../../../fixtures/table/workbook/styles.xml");

fn workbook(rows: &str) -> Vec<u8> {
    workbook_with(rows, |_, text| text.to_string())
}

/// Every part passes through `change` with its position.
fn workbook_with(rows: &str, change: impl Fn(usize, &str) -> String) -> Vec<u8> {
    let sheet = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{rows}\
         </sheetData></worksheet>"
    );
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS),
        ("xl/styles.xml", STYLES),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, text)) in parts.into_iter().enumerate() {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(change(at, text).as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn text_cell(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

fn number_cell(at: &str, style: u8, number: &str) -> String {
    format!("<c r=\"{at}\" s=\"{style}\"><v>{number}</v></c>")
}

fn row(number: u32, cells: &[String]) -> String {
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

/// The practice shop's bank header in row 3, under two rows of preamble.
fn bank_rows(serial: String) -> String {
    let names = [
        "账号",
        "交易日期",
        "交易时间",
        "借方金额",
        "贷方金额",
        "余额",
        "对方户名",
        "摘要",
        "流水号",
        "币种",
    ];
    let header: Vec<String> = names
        .iter()
        .zip('A'..='J')
        .map(|(name, column)| text_cell(&format!("{column}3"), name))
        .collect();
    let cells = [
        text_cell("A4", "6222020000001234567"),
        number_cell("B4", 1, "46127"),
        number_cell("C4", 2, "0.21527777777777779"),
        number_cell("E4", 0, "1234.05"),
        number_cell("F4", 0, "0.30000000000000004"),
        text_cell("G4", "财付通"),
        text_cell("H4", "0415_1900000109"),
        serial,
        text_cell("J4", "CNY"),
    ];
    row(1, &[text_cell("A1", "某银行")]) + &row(3, &header) + &row(4, &cells)
}

fn look(bytes: &[u8]) -> Result<Preview, FileProblem> {
    let mut source = bytes;
    preview(&mut source, &ReadOptions::default())
}

#[test]
fn a_workbook_row_reads_like_the_same_row_as_text() {
    let bytes = workbook(&bank_rows(number_cell("I4", 0, "202604150001")));
    let seen = look(&bytes).unwrap();
    let suggestion = seen.suggestion.unwrap();
    assert_eq!(suggestion.confidence, Confidence::Certain);
    assert_eq!(seen.sheets, ["明细"]);
    assert_eq!(seen.delimiter, None);
    let mut rows: Vec<Row> = Vec::new();
    let mut source = bytes.as_slice();
    let closing = read(&mut source, &suggestion.mapping, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(closing.rows_read, 1);
    assert_eq!(rows[0].line_no, 4);
    let Ok(Fact::Bank(line)) = &rows[0].fact else { panic!("{:?}", rows[0]) };
    assert_eq!(line.booked_on.to_string(), "2026-04-15");
    assert_eq!(line.booked_at_ms, domain::parse_channel_time("2026-04-15 05:10:00"));
    assert_eq!((line.amount_minor, line.balance_after_minor), (123_405, Some(30)));
    assert_eq!(line.bank_ref, "202604150001");
}

#[test]
fn a_long_number_that_lost_its_digits_in_the_workbook_is_not_taken_for_a_reference() {
    let bytes = workbook(&bank_rows(number_cell("I4", 0, "4200000000202604150")));
    let seen = look(&bytes).unwrap();
    let problem = seen.rows[0].fact.as_ref().unwrap_err();
    assert_eq!(problem.code, "number_lost_digits");
    let bytes = workbook(&bank_rows(text_cell("I4", "4200000000202604150")));
    assert!(look(&bytes).unwrap().rows[0].fact.is_ok());
}

#[test]
fn a_workbook_bomb_is_refused_before_it_is_unpacked() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..64 {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20);
    match look(&bytes) {
        Err(FileProblem::TooLarge { what, .. }) => assert_eq!(what, "the packing ratio"),
        other => panic!("{other:?}"),
    }
    // The same with a directory that lies about the size.
    let mut lying = bytes.clone();
    let size = (64u32 << 20).to_le_bytes();
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&1000u32.to_le_bytes());
        }
    }
    assert!(matches!(
        look(&lying),
        Err(FileProblem::TooLarge { .. } | FileProblem::Damaged { .. })
    ));
}

#[test]
fn a_cell_in_the_last_corner_costs_no_memory() {
    let rows = row(1, &[text_cell("A1", "日期"), text_cell("B1", "金额")])
        + &row(1_048_576, &[text_cell("A1048576", "2026-04-15")]);
    assert_eq!(look(&workbook(&rows)).unwrap().columns.len(), 2);
    let wide = row(1, &[text_cell("A1", "日期"), text_cell("XFD1", "金额")]);
    assert!(matches!(look(&workbook(&wide)), Err(FileProblem::TooLarge { .. })));
}

#[test]
fn an_absurd_cell_address_is_damage_not_a_crash() {
    let rows = row(1, &[text_cell("ABCDEFGHIJ1", "x"), text_cell("A99999999999999999999", "y")]);
    let refused = look(&workbook(&rows));
    assert!(
        matches!(refused, Err(FileProblem::Damaged { .. } | FileProblem::TooLarge { .. })),
        "{refused:?}"
    );
}

proptest! {
    #[test]
    fn a_sheet_with_anything_inside_is_a_problem_not_a_panic(
        part in 0usize..8, at in 0usize..2000, cut in 0usize..40,
        inside in "[<>/=\"rsctv:A-Z0-9.e-]{0,40}",
    ) {
        let change = |number: usize, text: &str| {
            if number != part.min(5) {
                return text.to_string();
            }
            let whole = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at));
            let at = whole(at % text.len()).unwrap();
            let rest = whole((at + cut).min(text.len())).unwrap();
            format!("{}{inside}{}", &text[..at], &text[rest..])
        };
        let _ = look(&workbook_with(&bank_rows(number_cell("I4", 0, "2026")), change));
    }

    #[test]
    fn a_damaged_workbook_is_a_problem_not_a_panic(
        at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000,
    ) {
        let mut bytes = workbook(&bank_rows(number_cell("I4", 0, "202604150001")));
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = look(&bytes);
        bytes.truncate(cut.max(4));
        let _ = look(&bytes);
    }
}

/// Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_rows_are_read_in_a_couple_of_seconds() {
    let header = bank_rows(text_cell("I4", "B1"));
    let mut rows = header;
    for n in 5..100_005u32 {
        rows += &row(
            n,
            &[
                text_cell(&format!("A{n}"), "6222020000001234567"),
                number_cell(&format!("B{n}"), 1, "46127"),
                number_cell(&format!("E{n}"), 0, &format!("{}.{:02}", n % 5000 + 1, n % 100)),
                text_cell(&format!("G{n}"), "财付通支付科技有限公司"),
                text_cell(&format!("H{n}"), "0415_1900000109"),
                text_cell(&format!("I{n}"), &format!("B{n}")),
                text_cell(&format!("J{n}"), "CNY"),
            ],
        );
    }
    let bytes = workbook(&rows);
    let mapping = look(&bytes).unwrap().suggestion.unwrap().mapping;
    let begun = std::time::Instant::now();
    let mut good = 0;
    let mut source = bytes.as_slice();
    read(&mut source, &mapping, &mut |row| {
        good += u32::from(row.fact.is_ok());
        ControlFlow::Continue(())
    })
    .unwrap();
    println!("{good} rows, {} MB packed in {:?}", bytes.len() >> 20, begun.elapsed());
    assert_eq!(good, 100_001);
}
