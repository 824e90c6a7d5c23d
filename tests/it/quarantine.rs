//! A row set aside is mended, replayed under its own line, and proves its file again.

use backoffice::lists::list_certificates;
use backoffice::proof::{all_hold, verify};
use backoffice::quarantine::{Mended, list_quarantine, mend};
use support::bills::{Sale, alipay_account, alipay_trade, wechat_trade, write};
use support::{BOTH, import_paths, new_book, reader};

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
