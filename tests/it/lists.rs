//! Lists, figures and reports: pages stand still under any order and filter, and every figure is
//! the sum of what it opens.

use backoffice::bank::{BankEntry, BankFilter, bank_accounts, bank_sums, list_bank_lines};
use backoffice::entries::{Figure, Side, account_tree, entries, figure};
use backoffice::files::file_rows;
use backoffice::lists::{BreakFilter, list_breaks};
use backoffice::orders::{OrderFilter, list_orders};
use backoffice::payouts::{PayoutFilter, list_payouts, payout_lines};
use backoffice::reports::{
    Behind, Clock, Grain, Span, bridge, currencies, heat, rates, rows_behind, series,
};
use backoffice::tables::{Cut, List, write_list};
use backoffice::transactions::{
    Column, Selection, Sort, Source, TableFormat, TransactionFilter, detail, list_balance_rows,
    list_transactions, sums_of, totals, write_table,
};
use backoffice::views::{View, list_views, save_view};
use backoffice::{Currency, Error, Lang, Office, Page, Secret};
use practice::Options;
use std::collections::HashSet;
use store::bulk::Reader;
use store::testing::TestBook;
use support::{BOTH, Kind, PracticeShop, import_paths, new_book, reader};

/// A season of a small shop, imported.
fn shop(kind: Kind) -> TestBook {
    let shop = PracticeShop::write(&Options { days: 40, size: 6, ..Options::default() });
    let test = new_book(kind);
    import_paths(&test.book, &shop.files());
    test
}

/// Every row of a list, page by page.
fn all<T>(mut page: impl FnMut(Option<&str>) -> Page<T>) -> Vec<T> {
    let (mut rows, mut cursor): (Vec<T>, Option<String>) = (Vec::new(), None);
    loop {
        let found = page(cursor.as_deref());
        rows.extend(found.rows);
        cursor = found.next;
        if cursor.is_none() {
            return rows;
        }
    }
}

/// Filters that each leave something in and something out.
fn filters() -> Vec<TransactionFilter> {
    let all = TransactionFilter::default;
    let day = backoffice::BusinessDate::parse("2026-01-20").expect("a day").days();
    vec![
        all(),
        TransactionFilter { channel: Some(backoffice::Channel::Alipay), ..all() },
        TransactionFilter { kind: Some("refund".to_owned()), ..all() },
        TransactionFilter { kind: Some("payment".to_owned()), ..all() },
        TransactionFilter { from_day: Some(day), until_day: Some(day + 5), ..all() },
        TransactionFilter { min_minor: Some(3000), max_minor: Some(9000), ..all() },
        TransactionFilter { min_minor: Some(3000), from_day: Some(day), ..all() },
    ]
}

#[test]
fn pages_of_transactions_stand_still_under_any_order_and_filter() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for filter in filters() {
            for sort in Sort::ALL {
                let filter = TransactionFilter { sort, ..filter.clone() };
                let rows = all(|c| list_transactions(&mut reader, &filter, c, 7).expect("a page"));
                let whole = list_transactions(&mut reader, &filter, None, 100_000).expect("a page");
                assert_eq!(rows, whole.rows, "{filter:?}");
                assert!(whole.next.is_none());
                let keys: Vec<(i64, i64, i64)> = rows
                    .iter()
                    .map(|row| match sort {
                        Sort::Newest | Sort::Oldest => (i64::from(row.day), row.at_ms, row.id),
                        Sort::Largest | Sort::Smallest => (row.settled_minor, row.id, 0),
                    })
                    .collect();
                let ordered = match sort {
                    Sort::Newest | Sort::Largest => keys.is_sorted_by(|a, b| a > b),
                    Sort::Oldest | Sort::Smallest => keys.is_sorted_by(|a, b| a < b),
                };
                assert!(ordered, "{filter:?}");
                let sum: i64 = rows.iter().map(|row| row.settled_minor).sum();
                let fees: i64 = rows.iter().map(|row| row.fee_minor).sum();
                let told = totals(&mut reader, Source::Trade, &filter).expect("sums");
                let told: Vec<_> =
                    told.iter().map(|s| (s.count, s.amount_minor, s.fee_minor)).collect();
                assert_eq!(told, [(rows.len() as i64, sum, fees)], "{filter:?}");
            }
        }
    }
}

#[test]
fn moves_of_the_balance_add_up_to_what_the_list_says() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for filter in filters() {
            for sort in Sort::ALL {
                let filter = TransactionFilter { sort, ..filter.clone() };
                let rows = all(|c| list_balance_rows(&mut reader, &filter, c, 9).expect("a page"));
                let unique: HashSet<i64> = rows.iter().map(|row| row.id).collect();
                assert_eq!(unique.len(), rows.len(), "{filter:?}");
                let sum: i64 = rows.iter().map(|row| row.amount_minor).sum();
                let told = totals(&mut reader, Source::Fund, &filter).expect("sums");
                assert_eq!((told[0].count, told[0].amount_minor), (rows.len() as i64, sum));
                let some: Vec<i64> = rows.iter().step_by(3).map(|row| row.id).collect();
                let picked: i64 = rows.iter().step_by(3).map(|row| row.amount_minor).sum();
                let told = sums_of(&mut reader, Source::Fund, &some).expect("sums");
                assert_eq!((told[0].count, told[0].amount_minor), (some.len() as i64, picked));
            }
        }
    }
}

/// Every list entered anywhere goes on as the whole list does there.
fn entered<T: PartialEq + std::fmt::Debug>(mut page: impl FnMut(Option<&str>, u32) -> Page<T>) {
    let whole = page(None, 100_000).rows;
    let len = whole.len();
    for skipped in [0, 1, 6, len / 2, len.saturating_sub(1), len, len + 5] {
        let found = page(Some(&format!("@{skipped}")), 7);
        let rest = &whole[skipped.min(len)..];
        assert_eq!(found.rows, rest[..rest.len().min(7)], "{skipped} of {len}");
        assert_eq!(found.next.is_some(), rest.len() > 7, "{skipped} of {len}");
        if let Some(next) = found.next {
            assert_eq!(page(Some(&next), 1).rows, rest[7..8], "{skipped} of {len}");
        }
    }
    assert_eq!(page(Some(&format!("@{}", u32::MAX)), 7).rows, [], "nothing is that far down");
}

#[test]
fn a_list_is_entered_anywhere_under_any_order_and_filter() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for sort in Sort::ALL {
            for filter in filters() {
                let filter = TransactionFilter { sort, ..filter };
                entered(|c, n| list_transactions(&mut reader, &filter, c, n).expect("a page"));
                entered(|c, n| list_balance_rows(&mut reader, &filter, c, n).expect("a page"));
            }
            let filter = BreakFilter { sort, with_carried: true, ..Default::default() };
            entered(|c, n| list_breaks(&mut reader, &filter, c, n).expect("a page"));
            let filter = PayoutFilter { sort, ..Default::default() };
            entered(|c, n| list_payouts(&mut reader, &filter, c, n).expect("a page"));
            let filter = BankFilter { sort, ..Default::default() };
            entered(|c, n| list_bank_lines(&mut reader, &filter, c, n).expect("a page"));
            let filter = OrderFilter { sort, ..Default::default() };
            entered(|c, n| list_orders(&mut reader, &filter, c, n).expect("a page"));
        }
        let all = TransactionFilter::default();
        for wrong in ["@", "@-1", "@x", "@1~2"] {
            let found = list_transactions(&mut reader, &all, Some(wrong), 7);
            assert!(matches!(found, Err(Error::BadInput { field: "cursor", .. })), "{wrong}");
        }
    }
}

#[test]
fn the_lines_of_a_payout_and_the_rows_of_a_file_are_entered_anywhere() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let payouts =
            list_payouts(&mut reader, &PayoutFilter::default(), None, 30).expect("a page");
        let mut checked = 0;
        for payout in payouts.rows {
            let mut lines = |c: Option<&str>, n| {
                payout_lines(&mut reader, &payout.id, None, c, n).expect("lines")
            };
            let whole = lines(None, 100_000).rows;
            checked += whole.len();
            let last = whole.len().saturating_sub(1);
            for skipped in [1, whole.len() / 2, last, whole.len(), whole.len() + 5] {
                let found = lines(Some(&format!("@{skipped}")), 3);
                let rest = &whole[skipped.min(whole.len())..];
                // The parts of a row stay together.
                let (count, least) = (found.rows.len(), rest.len().min(3));
                assert!(count >= least && count <= rest.len(), "{skipped} of {}", whole.len());
                assert_eq!(found.rows, rest[..count], "{skipped}");
                if let Some(next) = found.next {
                    assert_eq!(lines(Some(&next), 1).rows.first(), rest.get(count), "{skipped}");
                }
            }
            // Of one part most rows have none: what is skipped are lines, not rows.
            let mut fees = |c: Option<&str>| {
                payout_lines(&mut reader, &payout.id, Some("fees"), c, 3).expect("lines").rows
            };
            let (begun, entered) = (fees(None), fees(Some("@1")));
            assert!(begun.iter().skip(1).eq(entered.iter().take(begun.len().saturating_sub(1))));
        }
        assert!(checked > 200, "{checked} lines");
        for document in [1, 2, 3] {
            entered(|c, n| file_rows(&mut reader, document, c, n).expect("a page").page);
        }
    }
}

#[test]
fn a_transaction_leads_to_its_order_its_balance_row_and_its_payout() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let filter = TransactionFilter { sort: Sort::Oldest, ..TransactionFilter::default() };
        let page = list_transactions(&mut reader, &filter, None, 20).expect("a page");
        let mut led = 0;
        for row in page.rows {
            let found = detail(&mut reader, row.id).expect("a detail");
            assert!(found.trade.iter().any(|each| each.id == row.id));
            let balance: i64 = found.postings.iter().map(|leg| leg.amount_minor).sum();
            assert_eq!(balance, 0, "the entry of a line balances");
            led += usize::from(!found.orders.is_empty())
                + found.fund.iter().filter(|(_, payout)| payout.is_some()).count();
        }
        assert!(led > 20, "{led}");
    }
}

#[test]
fn what_is_shown_can_be_taken_away_as_a_file() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    let filter = TransactionFilter { kind: Some("refund".to_owned()), ..Default::default() };
    let rows = all(|c| list_transactions(&mut reader, &filter, c, 50).expect("a page"));
    let columns = [Column::Time, Column::Order, Column::Amount];
    let mut text = |selection: &Selection| {
        let mut out = Vec::new();
        let list = (Source::Trade, &filter);
        let shape = (TableFormat::Tsv, Lang::Zh);
        let count = write_table(&mut reader, list, selection, &columns, shape, &mut out);
        assert_eq!(count.expect("written") as usize + 1, out.split(|b| *b == b'\n').count() - 1);
        String::from_utf8(out).expect("text")
    };
    let whole = text(&Selection::All);
    assert_eq!(whole.lines().count(), rows.len() + 1);
    assert!(whole.starts_with("时间\t订单号\t金额\n"), "{whole}");
    let picked = text(&Selection::Ids([rows[1].id].into()));
    assert!(picked.ends_with(&format!("\n{}\n", whole.lines().nth(2).expect("a row"))));
}

/// Every figure of the tree, of both sides, whole and of a few days.
fn figures(reader: &mut Reader) -> Vec<Figure> {
    let day = backoffice::BusinessDate::parse("2026-01-20").expect("a day").days();
    let mut figures = Vec::new();
    for row in account_tree(reader, None).expect("a tree") {
        let whole = Figure { account: row.account, ..Figure::default() };
        figures.push(Figure { until_day: Some(day), ..whole.clone() });
        figures.push(Figure { from_day: Some(day), until_day: Some(day + 3), ..whole.clone() });
        figures.push(Figure { side: Side::Debit, ..whole.clone() });
        figures.push(Figure { side: Side::Credit, ..whole.clone() });
        figures.push(whole);
    }
    figures
}

#[test]
fn every_figure_of_the_ledger_is_the_sum_of_the_entries_it_opens() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for asked in figures(&mut reader) {
            let told = figure(&mut reader, &asked).expect("a figure");
            let told: i64 = told.iter().map(|sum| sum.amount_minor).sum();
            let rows = all(|c| entries(&mut reader, &asked, c, 400).expect("a page"));
            let sum: i64 = rows.iter().map(|row| row.amount_minor).sum();
            assert_eq!(sum, told, "{asked:?}");
            let unique: HashSet<_> = rows.iter().map(|row| (row.id, row.leg)).collect();
            assert_eq!(unique.len(), rows.len(), "{asked:?}");
            let last = rows.len().saturating_sub(1);
            for skipped in [1, rows.len() / 2, last, rows.len(), rows.len() + 5] {
                let begun = entries(&mut reader, &asked, Some(&format!("@{skipped}")), 7);
                let begun = begun.expect("a page");
                let rest = &rows[skipped.min(rows.len())..];
                // The legs of a line stay together, so a page may be longer than asked for.
                let (count, least) = (begun.rows.len(), rest.len().min(7));
                assert!(count >= least && count <= rest.len(), "{skipped}: {asked:?}");
                assert_eq!(begun.rows, rest[..count], "{skipped}: {asked:?}");
                if let Some(next) = begun.next {
                    let behind = entries(&mut reader, &asked, Some(&next), 1).expect("a page");
                    assert_eq!(behind.rows[0], rest[count], "{skipped}: {asked:?}");
                }
            }
            for row in &rows {
                let others: i64 = row.against.iter().map(|leg| leg.amount_minor).sum();
                assert_eq!(row.amount_minor + others, 0, "an entry balances");
                assert!(row.line.is_some() || row.stream == "opening", "{row:?}");
            }
            if asked.side == Side::Both {
                let told = figure(&mut reader, &asked).expect("a figure");
                let postings: i64 = told.iter().map(|sum| sum.postings).sum();
                assert_eq!(postings, rows.len() as i64, "{asked:?}");
            }
            if let (Some(newest), None, Side::Both) = (rows.first(), asked.from_day, asked.side) {
                assert_eq!(newest.balance_minor, Some(told), "{asked:?}");
            }
        }
    }
}

#[test]
fn small_pages_of_entries_are_the_large_one() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    for account in ["assets:balance", "assets", "revenues:sales"] {
        let asked = Figure { account: account.to_owned(), ..Figure::default() };
        let small = all(|c| entries(&mut reader, &asked, c, 13).expect("a page"));
        let large = entries(&mut reader, &asked, None, 1_000_000).expect("a page");
        assert_eq!(small, large.rows, "{account}");
    }
}

#[test]
fn an_account_of_the_tree_is_the_sum_of_those_below_it() {
    for kind in BOTH {
        let test = shop(kind);
        let tree = account_tree(&mut reader(&test.book), None).expect("a tree");
        for above in tree.iter().filter(|row| !row.leaf) {
            let prefix = format!("{}:", above.account);
            let below = tree.iter().filter(|row| row.leaf && row.account.starts_with(&prefix));
            let sum: i64 = below.map(|row| row.balance_minor).sum();
            assert_eq!(sum, above.balance_minor, "{}", above.account);
        }
        let top: i64 = tree.iter().filter(|r| r.depth == 0).map(|r| r.balance_minor).sum();
        assert_eq!(top, 0, "debits equal credits");
    }
}

#[test]
fn bank_lines_say_which_payouts_they_carry() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let every = BankFilter::default();
        let rows = all(|c| list_bank_lines(&mut reader, &every, c, 11).expect("a page"));
        let accounts = bank_accounts(&mut reader).expect("accounts");
        assert_eq!(rows.len() as i64, accounts.iter().map(|a| a.lines).sum::<i64>());
        let moved: i64 = accounts.iter().map(|a| a.in_minor + a.out_minor).sum();
        assert_eq!(rows.iter().map(|row| row.amount_minor).sum::<i64>(), moved);
        let carried: HashSet<&str> =
            rows.iter().flat_map(|row| &row.payouts).map(|p| p.id.as_str()).collect();
        let arrived = support::payouts(&test.book);
        let arrived = arrived.iter().filter(|payout| !payout.bank.is_empty()).count();
        assert_eq!(carried.len(), arrived);
        for state in ["carries", "unmatched", "other"] {
            let some = BankFilter { state: Some(state.to_owned()), ..BankFilter::default() };
            let found = all(|c| list_bank_lines(&mut reader, &some, c, 4).expect("a page"));
            let expected: Vec<_> = rows.iter().filter(|row| row.state == state).cloned().collect();
            assert_eq!(found, expected, "{state}");
            let sums = bank_sums(&mut reader, &some).expect("sums");
            let summed = expected.iter().map(|row| row.amount_minor).sum::<i64>();
            assert_eq!(sums.iter().map(|sum| sum.amount_minor).sum::<i64>(), summed, "{state}");
        }
        let ways = ["in", "out"].map(|way| {
            let some = BankFilter { way: Some(way.to_owned()), ..BankFilter::default() };
            bank_sums(&mut reader, &some).expect("sums").iter().map(|s| s.amount_minor).sum::<i64>()
        });
        assert_eq!(ways[0], accounts.iter().map(|a| a.in_minor).sum::<i64>());
        assert_eq!(ways[1], accounts.iter().map(|a| a.out_minor).sum::<i64>());
        let named = |channel: Option<&str>, state: Option<&str>| BankFilter {
            channel: channel.map(str::to_owned),
            state: state.map(str::to_owned),
            ..BankFilter::default()
        };
        let of = rows.iter().filter(|row| row.channel == Some("alipay")).count();
        let found = bank_sums(&mut reader, &named(Some("alipay"), Some("named"))).expect("sums");
        assert_eq!(found.iter().map(|sum| sum.count).sum::<i64>(), of as i64);
    }
}

fn spans() -> Vec<Span> {
    let day = |text| backoffice::BusinessDate::parse(text).expect("a day").days();
    let (from, until) = (day("2026-01-10"), day("2026-01-31"));
    vec![
        Span {
            from: day("2025-01-01"),
            until: day("2027-01-01"),
            channel: None,
            currency: Currency::CNY,
        },
        Span { from, until, channel: None, currency: Currency::CNY },
        Span {
            from,
            until,
            channel: Some(backoffice::Channel::WechatPay),
            currency: Currency::CNY,
        },
        Span { from, until: from, channel: None, currency: Currency::CNY },
    ]
}

#[test]
fn every_bridge_between_two_clocks_adds_up() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for span in spans() {
            for from in Clock::ALL {
                for to in Clock::ALL.into_iter().filter(|to| from < *to) {
                    let found = bridge(&mut reader, from, to, span).expect("a bridge");
                    let lines: i64 = found.lines.iter().map(|line| line.amount_minor).sum();
                    assert_eq!(found.from_minor + lines, found.to_minor, "{found:#?}");
                    let last = found.lines.last().expect("unexplained is always there");
                    assert_eq!((last.name.as_str(), last.amount_minor), ("unexplained", 0));
                }
            }
        }
    }
}

#[test]
fn every_grain_of_a_report_has_the_same_total() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for span in spans() {
            for clock in Clock::ALL {
                let day = series(&mut reader, clock, Grain::Day, span).expect("a series");
                for grain in Grain::ALL {
                    if grain == Grain::Hour && clock == Clock::InBank {
                        assert!(series(&mut reader, clock, grain, span).is_err());
                        continue;
                    }
                    let found = series(&mut reader, clock, grain, span).expect("a series");
                    assert_eq!(found.total, day.total, "{clock:?} {grain:?}");
                    let sum: i64 = found.steps.iter().map(|step| step.net_minor).sum();
                    assert_eq!(sum, found.total.net_minor);
                }
            }
        }
    }
}

#[test]
fn a_rate_of_nothing_says_nothing() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    let spans = spans();
    for rate in rates(&mut reader, spans[3]).expect("rates") {
        assert_eq!((rate.denominator, rate.ppm), (0, None), "{}", rate.name);
    }
    for rate in rates(&mut reader, spans[0]).expect("rates") {
        assert!(rate.denominator > 0 && rate.numerator <= rate.denominator, "{rate:?}");
        assert!(rate.ppm.is_some_and(|ppm| ppm <= 1_000_000), "{rate:?}");
    }
    let cells = heat(&mut reader, spans[0]).expect("a heat map");
    let total = series(&mut reader, Clock::Paid, Grain::Year, spans[0]).expect("a series").total;
    assert_eq!(cells.len(), 7 * 24);
    assert_eq!(cells.iter().map(|cell| cell.amount_minor).sum::<i64>(), total.parts[0]);
}

#[test]
fn a_saved_view_is_found_again_and_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = dir.path().join("views.suanpan");
    let place = place.to_str().expect("a path");
    let made = Office::create(place, "店", Secret::from("three grey abacuses"), false);
    let office = made.expect("a book").office;
    let view = View { name: "四月退款".to_owned(), body: r#"{"kind":"refund"}"#.to_owned() };
    save_view(&office, "transactions", &view).expect("saved");
    assert!(
        save_view(&office, "transactions", &View { name: " ".into(), ..view.clone() }).is_err()
    );
    let found = list_views(&mut office.reader().expect("a reader"), "transactions");
    assert_eq!(found.expect("views"), std::slice::from_ref(&view));
    backoffice::views::remove_view(&office, "transactions", &view.name).expect("forgotten");
    let found = list_views(&mut office.reader().expect("a reader"), "transactions");
    assert_eq!(found.expect("views"), []);
    office.close();
}

/// Every row of a list in each order, page by page: the same rows, and the keys in order.
fn stands_in_every_order<T: Clone>(
    mut page: impl FnMut(Sort, Option<&str>, u32) -> Page<T>,
    key: impl Fn(&T) -> (i64, i64, String),
) -> Vec<T> {
    let mut ids: Option<HashSet<String>> = None;
    let mut newest = Vec::new();
    for sort in Sort::ALL {
        let rows = all(|cursor| page(sort, cursor, 7));
        let keys: Vec<(i64, String)> = rows
            .iter()
            .map(|row| {
                let (day, amount, id) = key(row);
                (if matches!(sort, Sort::Newest | Sort::Oldest) { day } else { amount }, id)
            })
            .collect();
        let firsts: Vec<i64> = keys.iter().map(|(first, _)| *first).collect();
        match sort {
            Sort::Newest | Sort::Largest => assert!(firsts.is_sorted_by(|a, b| a >= b), "{sort:?}"),
            Sort::Oldest | Sort::Smallest => assert!(firsts.is_sorted(), "{sort:?}"),
        }
        let found: HashSet<String> = keys.into_iter().map(|(_, id)| id).collect();
        assert_eq!(found.len(), rows.len(), "no row twice, {sort:?}");
        assert_eq!(ids.get_or_insert_with(|| found.clone()), &found, "{sort:?}");
        if sort == Sort::Newest {
            newest = rows;
        }
    }
    newest
}

#[test]
fn payouts_breaks_and_bank_lines_stand_in_every_order_without_losing_a_row() {
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        let payouts = stands_in_every_order(
            |sort, cursor, limit| {
                let filter = PayoutFilter { sort, ..PayoutFilter::default() };
                list_payouts(&mut reader, &filter, cursor, limit).expect("a page")
            },
            |row| (i64::from(row.day), row.amount_minor, row.id.clone()),
        );
        let breaks = stands_in_every_order(
            |sort, cursor, limit| {
                let filter = BreakFilter { sort, with_carried: true, ..BreakFilter::default() };
                list_breaks(&mut reader, &filter, cursor, limit).expect("a page")
            },
            |row| (i64::from(row.day), row.effect_minor, row.id.clone()),
        );
        // Lines that have to be looked at whole are walked in the same orders.
        for state in [None, Some("carries")] {
            let mut state_of = |sort, cursor: Option<&str>, limit| {
                let state = state.map(str::to_owned);
                let filter = BankFilter { sort, state, ..BankFilter::default() };
                list_bank_lines(&mut reader, &filter, cursor, limit).expect("a page")
            };
            let lines = stands_in_every_order(&mut state_of, |row| {
                (i64::from(row.day), row.amount_minor, row.id.to_string())
            });
            assert!(lines.len() > 20, "{}", lines.len());
            let by_amount = all(|cursor| state_of(Sort::Largest, cursor, 9));
            let carries =
                |rows: &[BankEntry]| -> usize { rows.iter().map(|row| row.payouts.len()).sum() };
            assert_eq!(carries(&by_amount), carries(&lines), "each line keeps its payouts");
        }
        assert!(payouts.len() > 20 && breaks.len() > 20, "{} {}", payouts.len(), breaks.len());
    }
}

#[test]
fn a_file_of_a_list_has_the_columns_asked_for_in_their_order() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    let filter = PayoutFilter { sort: Sort::Largest, ..PayoutFilter::default() };
    let rows = list_payouts(&mut reader, &filter, None, 3).expect("a page").rows;
    let ids: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut text = |columns: &[&str]| {
        let columns: Vec<String> = columns.iter().map(|code| (*code).to_owned()).collect();
        let cut = Cut { ids: Some(&ids), columns: &columns };
        let (list, mut out) = (List::Payouts(filter.clone()), Vec::new());
        let shape = (TableFormat::Tsv, Lang::En);
        let count = write_list(&mut reader, &list, cut, shape, &mut out);
        count.map(|count| (count, String::from_utf8(out).expect("text")))
    };
    let (count, told) = text(&["paid", "number"]).expect("written");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!((count, lines.len()), (3, 4), "{told}");
    assert_eq!(lines[0].split('\t').count(), 2, "{told}");
    for (line, row) in lines[1..].iter().zip(&rows) {
        assert!(line.starts_with(&row.number), "{line}: the number stands before what was paid");
    }
    let whole = text(&[]).expect("written").1;
    assert_eq!(whole.lines().next().expect("heads").split('\t').count(), 11, "{whole}");
    assert!(text(&["fee"]).is_err(), "payouts have no such column");
}

#[test]
fn every_figure_of_a_report_opens_into_rows_that_add_up_to_it() {
    let code = |text: String| Behind::from_code(&text).expect("a figure");
    for kind in BOTH {
        let test = shop(kind);
        let mut reader = reader(&test.book);
        for span in spans() {
            let mut rows = |figure: String| {
                let mut head = (0, 0);
                let found = all(|cursor| {
                    let page = rows_behind(&mut reader, code(figure.clone()), span, cursor, 40);
                    let page = page.expect("rows");
                    head = (page.count, page.sum_minor);
                    page.page
                });
                let sum: i64 = found.iter().map(|row| row.amount_minor).sum();
                assert_eq!(head, (found.len() as i64, sum), "{figure}");
                assert!(found.is_sorted_by_key(|row| row.day), "{figure}");
                head
            };
            let orders = rows("orders".to_owned());
            let between: Vec<(String, i64)> = [
                "unpaid_orders",
                "paid_on_other_days",
                "ordered_on_other_days",
                "without_order",
                "paid_differs",
            ]
            .map(|name| (name.to_owned(), rows(format!("between:{name}")).1))
            .to_vec();
            let sides = ["orders_paid", "refunds_succeeded", "payments_booked", "payouts_arrived"]
                .map(|name| [rows(format!("rate:{name}:did")), rows(format!("rate:{name}:all"))]);
            let lunch = rows("heat:2:12".to_owned());
            let told = series(&mut reader, Clock::Ordered, Grain::Day, span).expect("a series");
            assert_eq!(orders, (told.total.count, told.total.net_minor));
            let told = bridge(&mut reader, Clock::Ordered, Clock::Paid, span).expect("a bridge");
            for (name, sum) in between {
                let line = told.lines.iter().find(|line| line.name == name);
                assert_eq!(line.map_or(0, |line| line.amount_minor), sum, "{name}");
            }
            for (rate, [did, of]) in rates(&mut reader, span).expect("rates").iter().zip(sides) {
                assert_eq!((rate.numerator, rate.denominator), (did.0, of.0), "{}", rate.name);
            }
            let cell = heat(&mut reader, span).expect("cells")[2 * 24 + 12];
            assert_eq!((cell.count, cell.amount_minor), lunch);
        }
        assert!(Behind::from_code("heat:7:0").is_err(), "a week has seven days");
    }
}

#[test]
fn a_report_in_a_currency_counts_nothing_of_another() {
    let test = shop(Kind::Sqlite);
    let mut reader = reader(&test.book);
    assert_eq!(currencies(&mut reader).expect("currencies"), ["CNY"]);
    let euros = Currency::from_code("EUR").expect("a currency");
    let span = Span { currency: euros, ..spans()[0] };
    for clock in Clock::ALL {
        let found = series(&mut reader, clock, Grain::Month, span).expect("a series");
        assert_eq!((found.currency.as_str(), found.total.count), ("EUR", 0), "{clock:?}");
    }
    let found = bridge(&mut reader, Clock::Paid, Clock::InBank, span).expect("a bridge");
    assert_eq!((found.from_minor, found.to_minor), (0, 0), "{found:?}");
}
