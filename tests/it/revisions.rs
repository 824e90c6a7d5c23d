//! Later revisions of a day's bill: added, removed and changed lines become correcting entries,
//! whatever order the files came in.

use backoffice::decisions::{Actor, history, undo};
use backoffice::import::{FileState, ImportOptions};
use backoffice::ledger::{AccountBalance, trial_balance};
use backoffice::lists::{CertificateRow, list_certificates};
use backoffice::proof::{all_hold, state_hash, verify};
use backoffice::revisions::{choose_bill, list_revisions};
use backoffice::transactions::{
    Source, TransactionFilter, list_balance_rows, list_transactions, totals,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::path::PathBuf;
use support::bills::{
    Sale, alipay_account, alipay_trade, alipay_trade_summary, wechat_trade, write,
};
use support::{BOTH, Kind, import_paths, import_with, new_book, reader};

const TESTER: Actor<'static> = Actor { name: "tester", at_ms: 1 };

fn sales(count: u32) -> Vec<Sale> {
    (1..=count).map(|no| Sale { no, minor: 1000 + i64::from(no) * 7, fee: 6 }).collect()
}

fn balances(book: &store::Book) -> Vec<AccountBalance> {
    let mut rows = trial_balance(&mut reader(book), None).expect("a trial balance");
    rows.retain(|row| (row.debit_minor, row.credit_minor) != (0, 0));
    rows
}

fn certificate(book: &store::Book, stream: &str) -> CertificateRow {
    let mut rows = list_certificates(&mut reader(book), None, None).expect("certificates");
    rows.retain(|row| row.stream == stream);
    assert_eq!(rows.len(), 1, "one day of {stream}");
    rows.remove(0)
}

fn check<'a>(row: &'a CertificateRow, code: &str) -> Option<&'a serde_json::Value> {
    row.checks.as_array()?.iter().find(|check| check["code"] == code)
}

/// What a revision does to the bill before it: sales left out, sales with other figures.
fn revised(kept: &[bool], changed: &[bool]) -> Vec<Sale> {
    let all = sales(kept.len() as u32);
    let kept = all.into_iter().zip(kept).zip(changed).filter(|((_, kept), _)| **kept);
    kept.map(|((sale, _), changed)| match changed {
        true => Sale { minor: sale.minor - 5, ..sale },
        false => sale,
    })
    .collect()
}

#[test]
fn the_latest_revision_counts_in_any_order_of_the_files() {
    // As many as asked for by PROPTEST_CASES, where somebody asks.
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    for (kind, cases) in [(Kind::Sqlite, asked.unwrap_or(24)), (Kind::Postgres, 4)] {
        let mut runner = TestRunner::new(Config { cases, ..Config::default() });
        // Few sales make bills that are alike in all or in part; many, bills that differ in each.
        let flags = |sales| proptest::collection::vec(prop::bool::weighted(0.8), sales);
        let revisions = (2..9_usize)
            .prop_flat_map(move |n| proptest::collection::vec((flags(n), flags(n)), 2..4));
        let strategy = revisions.prop_flat_map(|revisions| {
            let order: Vec<usize> = (0..2 * revisions.len()).collect();
            (Just(revisions), Just(order).prop_shuffle())
        });
        runner
            .run(&strategy, |(revisions, order)| {
                latest_counts(kind, &revisions, &order);
                Ok(())
            })
            .expect("the latest revision counts");
    }
}

#[test]
fn a_bill_given_out_twice_after_its_revision_leaves_the_day_complete() {
    let kept = vec![true; 3];
    let first = (kept.clone(), vec![false, true, false]);
    let later = (kept, vec![false; 3]);
    for kind in BOTH {
        latest_counts(kind, &[first.clone(), later.clone(), later.clone()], &[0, 1, 2, 3, 4, 5]);
        // The last export is like the first one: the one between them was the odd one.
        latest_counts(kind, &[first.clone(), later.clone(), first.clone()], &[3, 1, 5, 0, 2, 4]);
    }
}

#[test]
fn a_row_that_two_bills_tell_differently_makes_only_its_day_contradictory_in_any_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = sales(4);
    let mut other = all.clone();
    other[1].minor += 100;
    // Parts of the day, so that neither is a revision of the other.
    let part = |sales: &[Sale]| alipay_account(sales, 5).replace("06日 00:00:00", "05日 23:00:00");
    let one = write(folder.path(), "one.csv", &part(&all));
    let two = write(folder.path(), "two.csv", &part(&other));
    for kind in BOTH {
        for files in [[&one, &two], [&two, &one]] {
            let test = new_book(kind);
            for file in files {
                import_paths(&test.book, std::slice::from_ref(file));
            }
            let day = certificate(&test.book, "fund");
            assert_eq!(day.verdict, "contradictory");
            let row = check(&day, "row_differs").expect("the certificate names the row");
            assert!([7, 8, 9, 10].contains(&row["line_no"].as_i64().expect("a line")), "{row}");
        }
    }
}

fn latest_counts(kind: Kind, revisions: &[(Vec<bool>, Vec<bool>)], order: &[usize]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: Vec<PathBuf> = Vec::new();
    for (at, (kept, changed)) in revisions.iter().enumerate() {
        // The first sale stays, so that the bills are bills of one day and not parts of one.
        let mut kept = kept.clone();
        kept[0] = true;
        let (sales, hour) = (revised(&kept, changed), 5 + at as u32);
        let name = |stream: &str| format!("{stream}-{at}.csv");
        files.push(write(folder.path(), &name("trade"), &alipay_trade(&sales, hour)));
        files.push(write(folder.path(), &name("account"), &alipay_account(&sales, hour)));
    }
    let in_order = new_book(kind);
    import_paths(&in_order.book, &files);
    let shuffled = new_book(kind);
    for at in order {
        let report = import_paths(&shuffled.book, &files[*at..=*at]);
        assert!(report.files.iter().all(|file| file.reason.is_none()), "{report:?}");
    }
    let hash = |book| state_hash(&mut reader(book)).expect("a hash");
    assert_eq!(hash(&shuffled.book), hash(&in_order.book));
    let last = new_book(kind);
    import_paths(&last.book, &files[files.len() - 2..]);
    let sums = |book| -> Vec<_> {
        balances(book).into_iter().map(|row| (row.account, row.balance_minor)).collect()
    };
    assert_eq!(sums(&shuffled.book), sums(&last.book), "only the latest bills count");
    for book in [&in_order.book, &shuffled.book] {
        let findings = verify(&mut reader(book)).expect("a check");
        assert!(all_hold(&findings), "{findings:?}");
    }
    for stream in ["trade", "fund"] {
        assert_eq!(certificate(&shuffled.book, stream).verdict, "complete", "{stream}");
    }
}

#[test]
fn a_line_left_out_by_the_later_bill_no_longer_counts_and_is_named() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let all = sales(5);
        let less: Vec<Sale> = all.iter().copied().filter(|sale| sale.no != 3).collect();
        let early = write(folder.path(), "early.csv", &alipay_trade(&all, 5));
        let late = write(folder.path(), "late.csv", &alipay_trade(&less, 9));
        let test = new_book(kind);
        import_paths(&test.book, &[late, early]);
        let found = list_revisions(&mut reader(&test.book)).expect("revisions");
        assert_eq!(found.len(), 1);
        assert!(found[0].decided);
        assert_eq!((found[0].added, found[0].removed, found[0].changed), (0, 1, 0));
        assert_eq!(found[0].document.name, "late.csv");
        // The third sale stands on line 8 of its bill.
        assert_eq!(found[0].line, (found[0].other.id, 8));
        let day = certificate(&test.book, "trade");
        assert_eq!(day.verdict, "complete");
        let later = check(&day, "later_bill").expect("the certificate tells of it");
        assert_eq!((&later["expected"], &later["found"]), (&4.into(), &5.into()));
        adds_up(&test.book);
    }
}

#[test]
fn bills_without_a_mark_that_differ_make_the_day_contradictory_until_one_is_chosen() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let all = sales(5);
        let less: Vec<Sale> = all.iter().copied().filter(|sale| sale.no != 3).collect();
        let whole = write(folder.path(), "a.csv", &wechat_trade(&all));
        let shorter = write(folder.path(), "b.csv", &wechat_trade(&less));
        let test = new_book(kind);
        import_paths(&test.book, &[whole.clone(), shorter.clone()]);
        let day = certificate(&test.book, "trade");
        assert_eq!(day.verdict, "contradictory");
        let differs = check(&day, "bills_differ").expect("the certificate tells of it");
        assert_eq!(differs["line_no"], 4, "the line is named: {differs}");
        let undecided = list_revisions(&mut reader(&test.book)).expect("revisions").remove(0);
        assert!(!undecided.decided);

        // The shorter one is the later: its sale was taken back.
        let later = [&undecided.document, &undecided.other]
            .into_iter()
            .find(|bill| bill.name == "b.csv")
            .expect("both bills are named");
        choose_bill(&test.book, TESTER, later.id).expect("a choice");
        assert_eq!(certificate(&test.book, "trade").verdict, "complete");
        let only = new_book(kind);
        import_paths(&only.book, &[shorter]);
        let sums = |book| -> Vec<_> {
            balances(book).into_iter().map(|row| (row.account, row.balance_minor)).collect()
        };
        assert_eq!(sums(&test.book), sums(&only.book));

        // A mistake can be mended: the other one is chosen.
        let other =
            if later.id == undecided.other.id { &undecided.document } else { &undecided.other };
        choose_bill(&test.book, TESTER, other.id).expect("a choice");
        let only = new_book(kind);
        import_paths(&only.book, &[whole]);
        assert_eq!(sums(&test.book), sums(&only.book));

        // Taken back one by one: the first choice holds again, then none.
        undo(&test.book, TESTER, None).expect("the second choice is taken back");
        let now = list_revisions(&mut reader(&test.book)).expect("revisions").remove(0);
        assert_eq!((now.decided, now.document.id), (true, later.id));
        undo(&test.book, TESTER, None).expect("and the first");
        assert_eq!(certificate(&test.book, "trade").verdict, "contradictory");
        let log = history(&mut reader(&test.book), None, 9).expect("the log");
        assert_eq!(log.len(), 4, "nothing of it is forgotten");
        assert_eq!(log[3].decision.kind.code(), "choose_bill");
        assert_eq!(log[3].decision.body.word, "b.csv");
        let findings = verify(&mut reader(&test.book)).expect("a check");
        assert!(all_hold(&findings), "{findings:?}");
    }
}

#[test]
fn a_bill_of_a_part_of_the_day_or_of_payments_only_takes_nothing_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = sales(6);
    let whole = write(folder.path(), "whole.csv", &wechat_trade(&all));
    let morning = write(folder.path(), "morning.csv", &wechat_trade(&all[..3]));
    let payments = wechat_trade(&all[2..4])
        .replace(",`0,`0,`0.00,`0.00,`,`,`拿铁", ",`拿铁")
        .replace(",微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态", "");
    let payments = write(folder.path(), "payments.csv", &payments);
    let part = alipay_trade(&all[1..3], 9).replace("06日 00:00:00", "05日 12:00:00");
    let part = write(folder.path(), "part.csv", &part);
    let day = write(folder.path(), "day.csv", &alipay_trade(&all, 5));
    let alone = new_book(Kind::Sqlite);
    import_paths(&alone.book, &[whole.clone(), day.clone()]);
    let test = new_book(Kind::Sqlite);
    let report = import_paths(&test.book, &[whole, day, morning, payments, part]);
    assert!(report.files.iter().all(|file| file.state == FileState::Booked), "{report:?}");
    assert_eq!(balances(&test.book), balances(&alone.book));
    assert_eq!(list_revisions(&mut reader(&test.book)).expect("revisions"), []);
}

#[test]
fn details_and_their_summary_are_compared_in_whatever_order_they_come() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let all = sales(4);
        let details = write(folder.path(), "details.csv", &alipay_trade(&all, 5));
        let summary = write(folder.path(), "summary.csv", &alipay_trade_summary(&all, -1));
        let other = write(folder.path(), "other.csv", &alipay_trade_summary(&all[..3], -1));
        for (files, verdict) in [
            ([&details, &summary], "complete"),
            ([&summary, &details], "complete"),
            ([&other, &details], "contradictory"),
            ([&details, &other], "contradictory"),
        ] {
            let test = new_book(kind);
            import_paths(&test.book, &[files[0].clone()]);
            let report = import_paths(&test.book, &[files[1].clone()]);
            let totals = &report.files[0].totals;
            let net = totals.iter().find(|total| total.name == "summary:net");
            let net = net.expect("the report compares the two");
            assert_eq!(net.holds, verdict == "complete");
            let day = certificate(&test.book, "trade");
            assert_eq!(day.verdict, verdict);
            let net = check(&day, "summary:net").expect("so does the certificate");
            assert_eq!(net["holds"], verdict == "complete");
        }
    }
}

#[test]
fn fee_signs_are_told_and_can_be_read_as_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = sales(2);
    let odd = alipay_trade(&all, 5).replace("-0.06", "0.06");
    let details = write(folder.path(), "details.csv", &odd);
    let summary = write(folder.path(), "summary.csv", &alipay_trade_summary(&all, 1));
    let by_kind = new_book(Kind::Sqlite);
    let report = import_paths(&by_kind.book, &[details.clone(), summary.clone()]);
    let totals = &report.files[0].totals;
    let holds = |name: &str| totals.iter().find(|t| t.name == name).map(|t| t.holds);
    assert_eq!(holds("summary:net"), Some(false));
    assert_eq!(holds("summary:net_as_printed"), Some(true), "the way out is named");
    let printed = new_book(Kind::Sqlite);
    let options = ImportOptions {
        fee_signs: Some(backoffice::FeeSigns::AsPrinted),
        ..ImportOptions::default()
    };
    import_with(&printed.book, &[details, summary], &options);
    assert_eq!(certificate(&printed.book, "trade").verdict, "complete");
}

#[test]
fn a_late_row_in_the_next_days_bill_outlives_a_revision_of_its_own_day() {
    for kind in BOTH {
        let folder = tempfile::tempdir().expect("a folder");
        let late = (1..=4).map(|no| Sale { no: 100 + no, minor: 2000, fee: 12 });
        let late: Vec<Sale> = late.collect();
        let at = |no: u32| format!("2026-03-05 {:02}:{:02}:11", 8 + no / 60 % 12, no % 60);
        let next = alipay_account(&late, 5)
            .replace("2026年03月06日", "2026年03月07日")
            .replace("2026年03月05日", "2026年03月06日");
        let next = (102..=104)
            .fold(next, |text, no| text.replace(&at(no), &at(no).replace("03-05", "03-06")));
        let files = [
            write(folder.path(), "first.csv", &alipay_account(&sales(5), 5)),
            write(folder.path(), "second.csv", &alipay_account(&sales(4), 7)),
            write(folder.path(), "next.csv", &next),
        ];
        let test = new_book(kind);
        let report = import_paths(&test.book, &files);
        assert!(report.files.iter().all(|f| f.state == FileState::Booked), "{report:#?}");
        let mut gone = Vec::new();
        reader(&test.book)
            .query(
                "select b.ledger_ref from superseded s \
                 join balance_transaction b on b.id = s.line_id order by b.ledger_ref",
                &[],
                |row| {
                    gone.push(row.text(0)?.to_owned());
                    Ok(())
                },
            )
            .expect("what counts no longer");
        let revised = ["A20260305220014000105000000051", "A20260305220014000105000000052"];
        assert_eq!(gone, revised, "only the sale that the revision leaves out");
        adds_up(&test.book);
    }
}

/// What lists say they add up to is what their rows add up to, replaced rows left out and late ones
/// on the day of their bill.
fn adds_up(book: &store::Book) {
    let mut reader = reader(book);
    let day = backoffice::BusinessDate::parse("2026-03-06").expect("a day").days();
    for (from_day, until_day) in [(None, None), (Some(day), None), (None, Some(day))] {
        let filter = TransactionFilter { from_day, until_day, ..TransactionFilter::default() };
        let bounded = TransactionFilter { min_minor: Some(0), ..filter.clone() };
        let trade = list_transactions(&mut reader, &filter, None, 1000).expect("rows").rows;
        let trade: Vec<_> = trade.iter().map(|row| (row.settled_minor, row.fee_minor)).collect();
        let fund = list_balance_rows(&mut reader, &filter, None, 1000).expect("rows").rows;
        let fund: Vec<_> = fund.iter().map(|row| (row.amount_minor, 0)).collect();
        for (source, rows) in [(Source::Trade, trade), (Source::Fund, fund)] {
            let sum = rows.iter().fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
            let wanted: Vec<_> =
                (!rows.is_empty()).then_some((rows.len() as i64, sum)).into_iter().collect();
            for filter in [&filter, &bounded] {
                let told = totals(&mut reader, source, filter).expect("sums");
                let told = told.iter().map(|s| (s.count, (s.amount_minor, s.fee_minor)));
                assert_eq!(told.collect::<Vec<_>>(), wanted, "{source:?} {filter:?}");
            }
        }
    }
}
