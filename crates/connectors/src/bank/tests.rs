use super::*;
use crate::bill::{Check, Fact, FileProblem, Row};
use encoding_rs::GB18030;
use proptest::prelude::*;
use std::io::{BufRead, BufReader};

type Reader = fn(&mut dyn BufRead, Sink<'_>) -> Result<Closing, FileProblem>;

fn read_by(reader: Reader, bytes: &[u8]) -> Result<(Closing, Vec<Row>), FileProblem> {
    let mut rows = Vec::new();
    // A small buffer cuts every field somewhere.
    let mut source = BufReader::with_capacity(7, bytes);
    let closing = reader(&mut source, &mut |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    Ok((closing, rows))
}

fn lines(rows: &[Row]) -> Vec<BankLine> {
    rows.iter()
        .map(|row| match &row.fact {
            Ok(Fact::Bank(line)) => line.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn extra<'l>(line: &'l BankLine, name: &str) -> Option<&'l str> {
    line.extra.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

const MT940: &str = include_str!("../../fixtures/bank/two-statements.mt940");

#[test]
fn an_mt940_file_with_two_statements_is_read() {
    let (closing, rows) = read_by(mt940::read, MT940.as_bytes()).unwrap();
    let lines = lines(&rows);
    let amounts: Vec<i64> = lines.iter().map(|line| line.amount_minor).collect();
    assert_eq!(amounts, [25_000, -50, -5000, 50]);
    assert_eq!(lines[0].booked_on.to_string(), "2026-01-02");
    assert_eq!(extra(&lines[0], "value_date"), Some("2025-12-31"));
    assert_eq!(lines[0].memo, "0415_1900000109 财付通");
    assert_eq!(lines[0].counterparty, "财付通支付科技有限公司");
    assert_eq!(lines[0].bank_ref, "B20260102001");
    assert_eq!(lines[1].memo, "手续费 扣收");
    assert_eq!(lines[3].counterparty, "某供应商");
    assert_eq!(rows[0].line_no, 6);
    assert_eq!(closing.account_no.as_deref(), Some("6222020000001234567"));
    assert_eq!(closing.balances, Balances::yuan(Some((100_000, 120_000))));
    let codes: Vec<&str> = closing.checks.iter().map(|check| check.code.as_str()).collect();
    assert_eq!(codes, ["closing_balance", "closing_balance:2", "opening_balance:2"]);
    assert!(closing.checks.iter().all(Check::holds), "{:?}", closing.checks);
    let (from, to) = closing.days.unwrap();
    assert_eq!((from.to_string(), to.to_string()), ("2026-01-02".into(), "2026-01-04".into()));
}

#[test]
fn an_mt940_file_in_gbk_is_the_same_file() {
    let (bytes, _, _) = GB18030.encode(MT940);
    let (_, utf8) = read_by(mt940::read, MT940.as_bytes()).unwrap();
    let (_, gbk) = read_by(mt940::read, &bytes).unwrap();
    assert_eq!(utf8, gbk);
}

#[test]
fn an_mt940_statement_that_does_not_add_up_is_told() {
    let text = MT940.replace("C250,00", "C251,00");
    let (closing, _) = read_by(mt940::read, text.as_bytes()).unwrap();
    let broken = closing.checks.iter().find(|check| !check.holds()).unwrap();
    assert_eq!((broken.expected, broken.found), (120_000, 120_100));
    assert!(broken.line_no.is_some());
    // A comma is the decimal sign, never a group: this is 1.234, which no fen can hold.
    let text = MT940.replace("C250,00", "C1,234");
    let (_, rows) = read_by(mt940::read, text.as_bytes()).unwrap();
    assert_eq!(rows[0].fact.as_ref().unwrap_err().code, "bad_amount");
}

#[test]
fn an_mt940_file_without_its_end_is_refused() {
    let cut = MT940.split(":62F:").next().unwrap();
    let refused = read_by(mt940::read, cut.as_bytes());
    assert!(matches!(refused, Err(FileProblem::Truncated { .. })));
    let refused = read_by(mt940::read, b"hello\nworld\n");
    assert!(matches!(refused, Err(FileProblem::Unknown { .. })));
}

const OFX1: &str = include_str!("../../fixtures/bank/sgml.ofx");

#[test]
fn an_ofx_file_with_unclosed_tags_is_read() {
    let (closing, rows) = read_by(ofx::read, OFX1.as_bytes()).unwrap();
    let good = lines(&rows[..2]);
    assert_eq!(good[0].amount_minor, 123_450);
    assert_eq!(good[0].booked_at_ms, domain::parse_channel_time("2026-04-15 05:10:00"));
    assert_eq!(good[0].memo, "0415_1900000109 A & B <x> R&D");
    assert_eq!(good[0].counterparty, "财付通支付科技有限公司");
    assert_eq!(good[1].amount_minor, -3450);
    assert_eq!((good[1].booked_at_ms, good[1].bank_ref.as_str()), (None, "B2"));
    assert_eq!(extra(&good[1], "trntype"), Some("DEBIT"));
    assert_eq!(rows[2].fact.as_ref().unwrap_err().code, "bad_time");
    assert!(closing.days_announced);
    assert_eq!(closing.balances, Balances::yuan(Some((100_000, 220_000))));
    assert_eq!(closing.rows_read, 3);
}

#[test]
fn an_ofx_file_as_xml_reads_the_same_as_sgml() {
    let xml = include_str!("../../fixtures/bank/xml.ofx");
    let (closing, rows) = read_by(ofx::read, xml.as_bytes()).unwrap();
    let line = &lines(&rows)[0];
    assert_eq!(line.memo, "支付宝提现 2026<041>5");
    assert_eq!((line.account_no.as_str(), line.bank_ref.as_str()), ("622", "X1"));
    assert_eq!(closing.balances, Balances::yuan(Some((0, 500))));
}

#[test]
fn an_ofx_header_names_the_character_set() {
    let text = OFX1.replace("CHARSET:1252", "CHARSET:936");
    let (bytes, _, _) = GB18030.encode(&text);
    let (_, rows) = read_by(ofx::read, &bytes).unwrap();
    assert_eq!(lines(&rows[1..2])[0].memo, "房租");
}

#[test]
fn an_ofx_zone_that_is_none_sets_its_row_aside() {
    for zone in ["6222020000000001234567", "-9223372036854775807", "+-8", "15", "8.-5"] {
        let text = OFX1.replacen("[+8:CST]", &format!("[{zone}]"), 1);
        assert_ne!(text, OFX1);
        let (_, rows) = read_by(ofx::read, text.as_bytes()).unwrap();
        assert_eq!(rows[0].fact.as_ref().unwrap_err().code, "bad_time", "{zone}");
        assert!(rows[1].fact.is_ok(), "{zone}");
    }
}

#[test]
fn hostile_ofx_is_refused() {
    let cut = &OFX1[..OFX1.len() - 30];
    assert!(matches!(read_by(ofx::read, cut.as_bytes()), Err(FileProblem::Truncated { .. })));
    let dtd = "<?xml version=\"1.0\"?><!DOCTYPE OFX [<!ENTITY x SYSTEM \"file:///x\">]><OFX></OFX>";
    assert!(matches!(read_by(ofx::read, dtd.as_bytes()), Err(FileProblem::Damaged { .. })));
    let mut endless = b"<OFX><MEMO>".to_vec();
    endless.resize(3 << 20, b'x');
    assert!(matches!(read_by(ofx::read, &endless), Err(FileProblem::TooLarge { .. })));
    assert!(matches!(read_by(ofx::read, b"<html></html>"), Err(FileProblem::Unknown { .. })));
}

fn camt(version: &str, entries: &str) -> String {
    include_str!("../../fixtures/bank/camt-frame.xml")
        .replace("{version}", version)
        .replace("{entries}", entries)
}

const ENTRIES_02: &str = include_str!("../../fixtures/bank/camt-entries.xml");

#[test]
fn a_camt_statement_is_read_with_its_batch_as_one_row() {
    let text = camt("02", ENTRIES_02);
    let (closing, rows) = read_by(camt053::read, text.as_bytes()).unwrap();
    let lines = lines(&rows);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].amount_minor, 20_000);
    assert_eq!(lines[0].memo, "0415_1900000109 A & B!");
    assert_eq!(lines[0].counterparty, "财付通支付科技有限公司");
    assert_eq!((lines[0].bank_ref.as_str(), lines[0].account_no.len()), ("B1", 19));
    assert_eq!(lines[0].booked_at_ms, domain::parse_channel_time("2026-04-15 05:10:00"));
    assert_eq!(lines[1].amount_minor, -5000);
    assert_eq!(lines[1].memo, "工资 代发");
    assert_eq!(extra(&lines[1], "payments"), Some("2"));
    assert_eq!(closing.balances, Balances::yuan(Some((100_000, 115_000))));
    assert!(closing.checks.iter().all(Check::holds), "{:?}", closing.checks);
    assert!(closing.checks.iter().any(|check| check.code == "batch:B2"));
    assert!(closing.totals.contains(&("entries_not_booked".to_string(), 1)));
    assert!(closing.days_announced);
}

#[test]
fn every_camt_version_from_02_to_08_is_read_and_others_are_named() {
    let new = ENTRIES_02
        .replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
        .replace("<Sts>PDNG</Sts>", "<Sts><Cd>PDNG</Cd></Sts>")
        .replace("<Nm>", "<Pty><Nm>")
        .replace("</Nm>", "</Nm></Pty>");
    let (_, old) = read_by(camt053::read, camt("02", ENTRIES_02).as_bytes()).unwrap();
    for version in ["03", "04", "05", "06", "07", "08"] {
        let (_, rows) = read_by(camt053::read, camt(version, &new).as_bytes()).unwrap();
        assert_eq!(lines(&rows), lines(&old), "{version}");
    }
    for (text, name) in [
        (camt("99", ""), "camt_other_version"),
        (camt("02", "").replace("camt.053.001.02", "camt.052.001.02"), "camt_other_message"),
    ] {
        match read_by(camt053::read, text.as_bytes()) {
            Err(FileProblem::Unknown { hint }) => assert_eq!(hint.as_deref(), Some(name)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn hostile_xml_is_refused() {
    let dtd = camt("02", "")
        .replace("<Document", "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Document");
    assert!(matches!(read_by(camt053::read, dtd.as_bytes()), Err(FileProblem::Damaged { .. })));
    let entity = camt("02", "<Ntry><Amt Ccy=\"CNY\">&x;</Amt></Ntry>");
    assert!(matches!(read_by(camt053::read, entity.as_bytes()), Err(FileProblem::Damaged { .. })));
    let deep = camt("02", &"<a>".repeat(100));
    assert!(matches!(read_by(camt053::read, deep.as_bytes()), Err(FileProblem::TooLarge { .. })));
    let wide = camt("02", &format!("<Ntry><Amt Ccy=\"{}", "x".repeat(3 << 20)));
    assert!(matches!(read_by(camt053::read, wide.as_bytes()), Err(FileProblem::TooLarge { .. })));
    let whole = camt("02", ENTRIES_02);
    for end in [whole.len() - 5, whole.len() / 2, 400] {
        let cut = whole.as_bytes()[..end].to_vec();
        let refused = read_by(camt053::read, &cut);
        assert!(
            matches!(refused, Err(FileProblem::Truncated { .. } | FileProblem::Encoding { .. })),
            "{end}: {refused:?}"
        );
    }
}

#[test]
fn a_cancelled_reading_stops_in_every_format() {
    let camt = camt("02", ENTRIES_02);
    let files: [(Reader, &[u8]); 3] = [
        (mt940::read, MT940.as_bytes()),
        (ofx::read, OFX1.as_bytes()),
        (camt053::read, camt.as_bytes()),
    ];
    for (reader, bytes) in files {
        let mut source = bytes;
        let stopped = reader(&mut source, &mut |_| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(FileProblem::Stopped)));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_statement_or_a_problem(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for reader in [mt940::read as Reader, ofx::read, camt053::read] {
            let _ = read_by(reader, &bytes);
        }
    }

    #[test]
    fn a_statement_with_anything_inside_never_panics(
        at in 0usize..2000,
        inside in "[<>/:?&;!A-Z0-9,.一-十\\-\n ]{0,60}",
    ) {
        let camt = camt("02", ENTRIES_02);
        let files: [(Reader, &str); 3] =
            [(mt940::read, MT940), (ofx::read, OFX1), (camt053::read, &camt)];
        for (reader, text) in files {
            let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let mixed = format!("{}{inside}{}", &text[..at], &text[at..]);
            let _ = read_by(reader, mixed.as_bytes());
        }
    }
}

/// Run with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn a_hundred_thousand_entries_are_read_in_a_couple_of_seconds() {
    let mt940 = MT940.split(":62F:").next().unwrap().to_string()
        + &":61:2604150415C1,00NTRFX//R1\r\n:86:0415_1900000109\r\n".repeat(100_000)
        + ":62F:C260430CNY0,\r\n-}\r\n";
    let entry = OFX1.split_once("<STMTTRN>").unwrap().1.split_once("</STMTTRN>").unwrap().0;
    let entries = format!("<STMTTRN>{entry}</STMTTRN>").repeat(100_000);
    let ofx = OFX1.replacen("</BANKTRANLIST>", &format!("{entries}</BANKTRANLIST>"), 1);
    let camt = camt("08", &ENTRIES_02.repeat(50_000));
    let files: [(&str, Reader, String); 3] =
        [("mt940", mt940::read, mt940), ("ofx", ofx::read, ofx), ("camt053", camt053::read, camt)];
    for (name, reader, text) in files {
        let begun = std::time::Instant::now();
        let mut source = text.as_bytes();
        let closing = reader(&mut source, &mut |_| ControlFlow::Continue(())).unwrap();
        let took = begun.elapsed();
        println!("{name}: {} rows, {} MB in {took:?}", closing.rows_read, text.len() >> 20);
        assert!(took.as_secs() < 10);
    }
}
