//! Whatever is typed of a line finds it, on both databases, however the files came in.

use backoffice::import::ImportOptions;
use backoffice::proof::verify;
use backoffice::reconciliation::reconcile;
use backoffice::search::{Found, Hit, rebuild, search};
use backoffice::transactions::{Transaction, TransactionFilter, list_transactions};
use practice::{Options, Plant};
use std::collections::BTreeSet;
use std::path::PathBuf;
use store::bulk::Writer;
use support::{BOTH, Kind, PracticeShop, import_paths, import_with, new_book, reader};

fn shop() -> PracticeShop {
    PracticeShop::write(&Options { days: 12, size: 8, planted: Plant::None, ..Options::default() })
}

fn find(book: &store::Book, typed: &str) -> Found {
    search(&mut reader(book), typed, 20).expect("the book can be searched")
}

fn hits<'a>(found: &'a Found, kind: &str) -> &'a [Hit] {
    found.groups.iter().find(|group| group.kind == kind).map_or(&[], |group| &group.hits)
}

#[track_caller]
fn finds(book: &store::Book, typed: &str, kind: &str, line: &Transaction) {
    let found = find(book, typed);
    let there = hits(&found, kind).iter().any(|hit| hit.id == line.id);
    assert!(there, "{typed} does not find {line:?} but {found:#?}");
}

fn some_lines(book: &store::Book) -> Vec<Transaction> {
    let page = list_transactions(&mut reader(book), &TransactionFilter::default(), None, 400);
    page.expect("a page").rows.into_iter().step_by(17).collect()
}

#[test]
fn a_sale_is_found_by_any_number_its_amount_its_day_and_its_goods() {
    let shop = shop();
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        for line in some_lines(&test.book) {
            let group = if line.kind == "payment" { "payment" } else { "refund" };
            for number in [&line.order_id, &line.payment_id, &line.merchant_refund_id] {
                if !number.is_empty() {
                    finds(&test.book, number, group, &line);
                }
            }
            // The shop counts from 1 each day: the day is in the tail, so the tail is its own.
            finds(&test.book, &line.order_id[line.order_id.len() - 10..], group, &line);
            let minor = line.order_minor.abs();
            let amount = format!("{}.{:02}", minor / 100, minor % 100);
            let day = backoffice::BusinessDate::from_days(line.day).to_string();
            finds(&test.book, &format!("{amount} {day}"), group, &line);
            let character: String = line.goods.chars().take(1).collect();
            finds(&test.book, &format!("{character} {day} {amount}"), group, &line);
        }
    }
}

#[test]
fn goods_are_found_by_one_character_and_by_pinyin() {
    let shop = shop();
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        let line = some_lines(&test.book).remove(0);
        let first: String = line.goods.chars().take(1).collect();
        for typed in [first.as_str(), line.goods.as_str()] {
            let found = find(&test.book, typed);
            let all = [hits(&found, "payment"), hits(&found, "order")].concat();
            assert!(!all.is_empty(), "{typed}");
            assert!(all.iter().all(|hit| hit.title.contains(typed)), "{typed}: {all:#?}");
        }
        let (full, initials) = store::search::spell(&line.goods);
        for typed in [full.as_str(), initials.as_str(), &full[..3]] {
            let found = find(&test.book, typed);
            let read = hits(&found, "payment").iter().any(|hit| hit.title == line.goods);
            assert!(read, "{typed} does not find {}: {found:#?}", line.goods);
        }
    }
}

#[test]
fn every_text_is_found_by_its_first_characters_with_the_figures_in_them() {
    let shop = shop();
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        let page =
            list_transactions(&mut reader(&test.book), &TransactionFilter::default(), None, 400);
        let goods: BTreeSet<String> =
            page.expect("a page").rows.into_iter().map(|line| line.goods).collect();
        assert!(goods.iter().any(|text| text.contains(|c: char| c.is_ascii_digit())), "{goods:?}");
        for text in goods.iter().filter(|text| !text.is_empty()) {
            for length in 1..=text.chars().count() {
                let typed: String = text.chars().take(length).collect();
                let found = find(&test.book, &typed);
                let titles: Vec<&Hit> = hits(&found, "payment").iter().collect();
                let there = titles.iter().any(|hit| hit.title.starts_with(&typed));
                assert!(there, "{typed} does not find {text} but {titles:#?}");
            }
        }
    }
}

#[test]
fn a_payout_and_its_bank_line_lead_to_the_payout() {
    let shop = shop();
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        let payout = support::payouts(&test.book).remove(3).row;
        let tail = &payout.number[payout.number.len() - 6..];
        let found = find(&test.book, tail);
        let leads = |kind| hits(&found, kind).iter().any(|h| h.payout.as_ref() == Some(&payout.id));
        assert!(leads("payout"), "{tail}: {found:#?}");
        let minor = payout.amount_minor;
        let found = find(&test.book, &format!("{}.{:02}", minor / 100, minor % 100));
        let leads = |kind| hits(&found, kind).iter().any(|h| h.payout.as_ref() == Some(&payout.id));
        assert!(leads("payout") && leads("bank"), "{found:#?}");
    }
}

#[test]
fn files_are_found_by_name_and_nothing_by_nonsense() {
    let shop = shop();
    let test = new_book(Kind::Sqlite);
    import_paths(&test.book, &shop.files());
    let name = shop.files()[0].file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.expect("a file has a name");
    let found = find(&test.book, &name);
    assert!(hits(&found, "file").iter().any(|hit| hit.title.contains(&name)), "{found:#?}");
    for nothing in ["", "   ", "魑魅", "qqqqq", "9999999999", "87654321.99", "%", "'; drop"] {
        assert_eq!(find(&test.book, nothing), Found::default(), "{nothing}");
    }
}

#[test]
fn an_index_that_disagrees_is_noticed_and_made_again_from_the_lines() {
    let shop = shop();
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop.files());
        let agrees = || {
            let findings = verify(&mut reader(&test.book)).expect("a check");
            findings
                .iter()
                .all(|finding| finding.check != "search_index" || finding.wrong.is_empty())
        };
        assert!(agrees());
        let sale = some_lines(&test.book).into_iter().find(|line| line.kind == "payment");
        let line = sale.expect("a sale");
        let before = find(&test.book, &line.goods);
        let mut writer = Writer::open(&test.book).expect("a writer");
        let mut loader = writer.begin().expect("a transaction");
        loader.execute("delete from search_page where kind = 0", &[]).expect("pages");
        loader.commit().expect("kept");
        assert!(!agrees());
        assert_eq!(find(&test.book, &line.order_id), Found::default());
        rebuild(&test.book).expect("a new index");
        assert!(agrees());
        finds(&test.book, &line.order_id, "payment", &line);
        assert_eq!(find(&test.book, &line.goods), before);
    }
}

#[test]
fn what_is_found_does_not_depend_on_the_order_of_imports() {
    let shop = shop();
    let together = new_book(Kind::Sqlite);
    import_paths(&together.book, &shop.files());
    for kind in BOTH {
        let apart = new_book(kind);
        let mut files: Vec<PathBuf> = shop.files();
        files.reverse();
        // One at a time: enough small segments for two merges.
        let later = ImportOptions { skip_reconcile: true, ..ImportOptions::default() };
        for file in &files {
            import_with(&apart.book, std::slice::from_ref(file), &later);
        }
        reconcile(&apart.book).expect("the book can be reconciled");
        // A refused file leaves nothing to find.
        let bad = shop.path().join("魑魅.csv");
        std::fs::write(&bad, "no table at all").expect("a file can be written");
        import_paths(&apart.book, &[bad]);
        let plain = |found: Found| -> Vec<String> {
            let all = found.groups.into_iter().flat_map(|group| {
                group.hits.into_iter().map(move |hit| {
                    format!("{} {} {} {}", group.kind, hit.day, hit.number, hit.title)
                })
            });
            all.collect()
        };
        for line in some_lines(&together.book) {
            let number = &line.order_id;
            let tail = &number[number.len() - 5..];
            let minor = line.order_minor.abs();
            let amount = format!("{}.{:02} {}", minor / 100, minor % 100, line.goods);
            for typed in [tail, number, &amount, "魑魅"] {
                let (one, other) = (find(&together.book, typed), find(&apart.book, typed));
                assert_eq!(plain(one), plain(other), "{typed}");
            }
        }
    }
}
