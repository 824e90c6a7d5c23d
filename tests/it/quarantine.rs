//! A row set aside is mended, replayed under its own line, and proves its file again.

use backoffice::import::{FileState, ImportOptions, mapping_of};
use backoffice::lists::list_certificates;
use backoffice::proof::{all_hold, verify};
use backoffice::quarantine::{Mended, list_quarantine, mend, page_quarantine};
use support::bills::{Sale, alipay_account, alipay_trade, ofx, wechat_trade, write};
use support::{BOTH, Kind, import_paths, import_with, new_book, reader};

fn sales() -> Vec<Sale> {
    (1..=5).map(|no| Sale { no, minor: 1000 + i64::from(no) * 7, fee: 6 }).collect()
}

#[test]
fn a_mended_row_stands_under_its_line_and_the_day_is_complete_again() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let bills = [
            (alipay_trade(&sales(), 5), "10.21,10.21", "1O.21,10.21"),
            (alipay_account(&sales(), 5), "10.21,0.00", "1O.21,0.00"),
            (wechat_trade(&sales()), "`CNY,`10.21", "`CNY,`1O.21"),
        ];
        for (text, good, bad) in bills {
            let path = write(folder.path(), "bill.csv", &text.replacen(good, bad, 1));
            let test = new_book(kind);
            let report = import_paths(&test.book, &[path]);
            assert_eq!(report.files[0].quarantined, 1, "{report:?}");
            let verdicts = |book| -> Vec<String> {
                let rows = list_certificates(&mut reader(book), None, None).expect("certificates");
                rows.into_iter().map(|row| row.verdict).collect()
            };
            assert_eq!(verdicts(&test.book), ["incomplete"]);
            let rows = list_quarantine(&mut reader(&test.book), true, (0, 0), 10).expect("rows");
            assert_eq!(rows.len(), 1);
            let row = &rows[0];
            let wrong = mend(&test.book, row.document, row.line, &row.raw, 1).expect("an answer");
            assert!(matches!(wrong, Mended::StillWrong { .. }), "{wrong:?}");
            let mended = row.raw.replacen("1O.21", "10.21", 1);
            let done = mend(&test.book, row.document, row.line, &mended, 1).expect("an answer");
            assert_eq!(done, Mended::Booked);
            assert!(mend(&test.book, row.document, row.line, &mended, 1).is_err(), "only once");
            assert_eq!(verdicts(&test.book), ["complete"]);
            let open = list_quarantine(&mut reader(&test.book), true, (0, 0), 10).expect("rows");
            assert_eq!(open, []);
            let all = list_quarantine(&mut reader(&test.book), false, (0, 0), 10).expect("rows");
            assert!(all[0].mended_by.is_some());
            let findings = verify(&mut reader(&test.book)).expect("a check");
            assert!(all_hold(&findings), "{findings:?}");

            // The mended book says what the good file would have said.
            let whole = new_book(kind);
            let path = write(folder.path(), "good.csv", &text);
            import_paths(&whole.book, &[path]);
            let sums = |book| backoffice::ledger::trial_balance(&mut reader(book), None).unwrap();
            assert_eq!(sums(&test.book), sums(&whole.book));
        }
    }
}

#[test]
fn the_only_row_of_a_bill_once_mended_gives_the_bill_its_day() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let text = wechat_trade(&sales()[..1]).replacen("`CNY,`10.07", "`CNY,`1O.07", 1);
        let test = new_book(kind);
        import_paths(&test.book, &[write(folder.path(), "bill.csv", &text)]);
        let rows = list_quarantine(&mut reader(&test.book), true, (0, 0), 10).expect("rows");
        assert_eq!(rows.len(), 1);
        let mended = rows[0].raw.replacen("1O.07", "10.07", 1);
        let done = mend(&test.book, rows[0].document, rows[0].line, &mended, 1);
        assert_eq!(done.expect("an answer"), Mended::Booked);
        let found = list_certificates(&mut reader(&test.book), None, None).expect("certificates");
        let verdicts: Vec<&str> = found.iter().map(|row| row.verdict.as_str()).collect();
        assert_eq!(verdicts, ["complete"]);
    }
}

/// Bank lines of the book: day, amount, number.
fn bank_lines(book: &store::Book) -> Vec<(i64, i64, String)> {
    let mut lines = Vec::new();
    reader(book)
        .query(
            "select day, amount_minor, bank_ref from bank_line order by day, amount_minor, id",
            &[],
            |row| {
                lines.push((row.int(0)?, row.int(1)?, row.text(2)?.to_owned()));
                Ok(())
            },
        )
        .expect("bank lines");
    lines
}

/// An OFX file, an MT940 message and a camt.053 document of the same three lines; two of them are
/// equal, and have no number.
fn statements() -> [(&'static str, String, [&'static str; 4]); 3] {
    let lines = [("20260305", 1234, "x"), ("20260306", 5500, "x"), ("20260305", 1234, "x")];
    let text = ofx(("20260305", "20260306"), &lines);
    let mt940 = ":20:S\r\n:25:62220001\r\n:28C:1/1\r\n:60F:C260304CNY100,00\r\n\
                 :61:2603050305C12,34NTRFNONREF\r\n:86:x\r\n:61:2603060306C55,00NTRFNONREF\r\n\
                 :86:x\r\n:61:2603050305C12,34NTRFNONREF\r\n:86:x\r\n\
                 :62F:C260306CNY179,68\r\n-\r\n";
    let entry = |day: &str, amount: &str| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\
             <BookgDt><Dt>{day}</Dt></BookgDt></Ntry>"
        )
    };
    // As many banks write it: all on one line.
    let camt = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><Stmt>\
         <Acct><Id><Othr><Id>62220001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>{}{}{}\
         </Stmt></BkToCstmrStmt></Document>",
        entry("2026-03-05", "12.34"),
        entry("2026-03-06", "55.00"),
        entry("2026-03-05", "12.34"),
    );
    [
        ("bank.ofx", text, ["<TRNAMT>12.34", "<TRNAMT>1Z.34", "1Z.34", "12.34"]),
        ("bank.sta", mt940.to_owned(), [":2603050305C", ":2699050305C", "269905", "260305"]),
        ("bank.xml", camt, ["\"CNY\">12.34", "\"CNY\">1Z.34", "1Z.34", "12.34"]),
    ]
}

#[test]
fn a_row_of_every_bank_statement_is_mended_and_an_equal_line_is_a_fact_of_its_own() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text, [good, bad, wrong, right]) in statements() {
            let whole = new_book(kind);
            let good_file = write(folder.path(), name, &text);
            let report = import_paths(&whole.book, std::slice::from_ref(&good_file));
            assert_eq!(report.files[0].state, FileState::Booked, "{report:?}");
            let wanted = bank_lines(&whole.book);
            assert_eq!(wanted.len(), 3, "{name}: two equal lines are two facts");

            let test = new_book(kind);
            let damaged = text.replacen(good, bad, 1);
            let file = write(folder.path(), &format!("bad-{name}"), &damaged);
            let report = import_paths(&test.book, &[file]);
            assert_eq!(report.files[0].quarantined, 1, "{name}: {report:?}");
            let rows = list_quarantine(&mut reader(&test.book), true, (0, 0), 10).expect("rows");
            let row = &rows[0];
            let again = mend(&test.book, row.document, row.line, &row.raw, 1).expect("an answer");
            assert!(matches!(again, Mended::StillWrong { .. }), "{name}: {again:?}");
            let right = row.raw.replacen(wrong, right, 1);
            assert_ne!(right, row.raw);
            let done = mend(&test.book, row.document, row.line, &right, 1).expect("an answer");
            assert_eq!(done, Mended::Booked, "{name}: {right}");
            assert_eq!(bank_lines(&test.book), wanted, "{name}");
            let findings = verify(&mut reader(&test.book)).expect("a check");
            assert!(all_hold(&findings), "{findings:?}");
            let report = import_paths(&test.book, &[good_file]);
            let file = &report.files[0];
            assert_eq!((file.rows_new, file.rows_known), (0, 3), "{name}: the same again is known");
        }
    }
}

#[test]
fn a_mended_line_of_a_table_that_equals_another_is_a_fact_of_its_own() {
    let text = "交易日期,摘要,交易金额,对方户名\n2026-03-05,x,12.34,甲\n2026-03-05,x,12.34,甲\n\
                2026-03-06,y,55.00,乙\n";
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let good_file = write(folder.path(), "bank.csv", text);
        let whole = new_book(kind);
        let columns = r#"{"target":"bank","columns":{"交易日期":"booked_on","摘要":"memo",
            "交易金额":"amount","对方户名":"counterparty"}}"#;
        let mapping = Some(mapping_of(columns).expect("a mapping"));
        let options = ImportOptions { mapping, ..ImportOptions::default() };
        let report = import_with(&whole.book, std::slice::from_ref(&good_file), &options);
        assert_eq!(report.files[0].state, FileState::Booked, "{report:?}");
        assert_eq!(bank_lines(&whole.book).len(), 3);
        let test = new_book(kind);
        let damaged = text.replacen("12.34", "1Z.34", 1);
        import_with(&test.book, &[write(folder.path(), "bad.csv", &damaged)], &options);
        let rows = list_quarantine(&mut reader(&test.book), true, (0, 0), 10).expect("rows");
        let right = rows[0].raw.replacen("1Z", "12", 1);
        let done = mend(&test.book, rows[0].document, rows[0].line, &right, 1);
        assert_eq!(done.expect("an answer"), Mended::Booked);
        assert_eq!(bank_lines(&test.book), bank_lines(&whole.book));
        let report = import_with(&test.book, &[good_file], &options);
        assert_eq!((report.files[0].rows_new, report.files[0].rows_known), (0, 3));
    }
}

#[test]
fn every_row_set_aside_is_on_some_page_and_each_page_tells_how_many_there_are() {
    let sales: Vec<Sale> = (1..=12).map(|no| Sale { no, minor: 1007, fee: 6 }).collect();
    let text = wechat_trade(&sales).replace("`CNY,`10.07", "`CNY,`1O.07");
    let folder = tempfile::tempdir().expect("a folder");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let test = new_book(kind);
        import_paths(&test.book, &[write(folder.path(), "bill.csv", &text)]);
        let (mut lines, mut cursor) = (Vec::new(), None);
        loop {
            let page = page_quarantine(&mut reader(&test.book), true, cursor.as_deref(), 5);
            let page = page.expect("a page");
            assert_eq!(page.total, 12);
            lines.extend(page.rows.iter().map(|row| row.line));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(lines, (2..=13).collect::<Vec<u32>>());
        let bad = page_quarantine(&mut reader(&test.book), true, Some("x"), 5);
        assert_eq!(bad.expect_err("no cursor").code(), "bad_input");
    }
}
