//! A company with accounts in several currencies: every figure is of one, none is added up.

use backoffice::bank::bank_accounts;
use backoffice::decisions::{
    Act, Actor, KindRule, Target, WriteOffTerms, decide, preview_batch, preview_rule,
};
use backoffice::entries::{Figure, entries};
use backoffice::home::home;
use backoffice::ledger::{trial_balance, write_journal};
use backoffice::lists::{break_summary, money_map};
use backoffice::payouts::{PayoutFilter, payout_totals};
use backoffice::proof::{all_hold, verify};
use backoffice::sums::Sum;
use backoffice::{BreakState, BusinessDate, minor_to_major};
use practice::Options;
use std::path::PathBuf;
use store::Book;
use support::bills::write;
use support::{BOTH, PracticeShop, breaks, import_paths, new_book, payouts, reader};

const LI: Actor<'static> = Actor { name: "Li", at_ms: 1_776_643_920_000 };
const ACCOUNT: &str = "assets:bank:62228888";
const OPENING: &str = "equity:opening_balances";

/// One account in two currencies, as a bank writes it: a statement for each, in one file. A line in
/// dollars looks like a payout of the yuan, to its amount and reference.
struct Foreign {
    day: i32,
    minor: i64,
    memo: String,
}

impl Foreign {
    fn of(book: &Book) -> Self {
        let mut found = payouts(book).into_iter().rev();
        let payout = found
            .find(|payout| {
                payout.bank.len() == 1
                    && payout.row.account_no == "1900000109"
                    && payout.row.bank_day.is_some_and(|day| day > payout.row.day)
            })
            .expect("a payout takes a night to the bank");
        let memo = format!("{} 财付通", payout.bank[0].memo);
        Self { day: payout.row.day, minor: payout.row.amount_minor, memo }
    }

    fn write(&self, folder: &std::path::Path) -> PathBuf {
        let day = BusinessDate::from_days(self.day).naive().format("%y%m%d").to_string();
        let plain = |minor: i64| minor_to_major(minor, 2).replace('.', ",");
        let text = format!(
            ":20:S\r\n:25:62228888\r\n:28C:1/1\r\n:60F:C{day}USD1000,50\r\n\
             :61:{day}C{}NTRFNONREF\r\n:86:{}\r\n:62F:C{day}USD{}\r\n-\r\n\
             :20:S\r\n:25:62228888\r\n:28C:1/1\r\n:60F:C{day}JPY500000,\r\n\
             :61:{day}C80000,NTRFNONREF\r\n:86:rent\r\n:62F:C{day}JPY580000,\r\n-\r\n",
            plain(self.minor),
            self.memo,
            plain(100_050 + self.minor),
        );
        write(folder, "foreign.sta", &text)
    }
}

fn said(sums: &[Sum]) -> Vec<(&str, i64)> {
    sums.iter().map(|sum| (sum.currency.as_str(), sum.amount_minor)).collect()
}

#[test]
fn accounts_of_several_currencies_keep_their_balances_apart() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let before = money_map(&mut reader(book), None).expect("the book can be read");
        let foreign = Foreign::of(book);
        let folder = tempfile::tempdir().expect("a folder");
        let report = import_paths(book, &[foreign.write(folder.path())]);
        let totals = &report.files[0].totals;
        assert!(totals.len() == 2 && totals.iter().all(|total| total.holds), "{report:?}");
        let told: Vec<_> = totals.iter().map(|t| (t.currency.as_str(), t.expected)).collect();
        assert_eq!(told, [("USD", 100_050 + foreign.minor), ("JPY", 580_000)]);

        ledger(book, &foreign);
        let after = money_map(&mut reader(book), None).expect("the book can be read");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.amounts[0], after.amounts[0], "{}: the yuan stays", after.place);
        }
        let bank = after.iter().find(|place| place.place == "bank").expect("the bank");
        let wanted = [("JPY", 580_000), ("USD", 100_050 + foreign.minor)];
        assert_eq!(said(&bank.amounts)[1..], wanted);
        let accounts = bank_accounts(&mut reader(book)).expect("the book can be read");
        let own = accounts.iter().filter(|account| account.account_no == "62228888");
        let closings: Vec<_> = own.map(|row| (row.currency.as_str(), row.closing_minor)).collect();
        assert_eq!(closings, wanted.map(|(code, minor)| (code, Some(minor))));
        let findings = verify(&mut reader(book)).expect("the book can be read");
        assert!(all_hold(&findings), "{findings:#?}");
    }
}

/// The openings stand in their own currencies, in the trial balance, the entries and the journal.
fn ledger(book: &Book, foreign: &Foreign) {
    let rows = trial_balance(&mut reader(book), None).expect("the book can be read");
    let own = |account: &str| -> Vec<(String, i64)> {
        let own = rows.iter().filter(|row| row.account == account && row.currency != "CNY");
        own.map(|row| (row.currency.clone(), row.balance_minor)).collect()
    };
    let usd = 100_050 + foreign.minor;
    assert_eq!(own(ACCOUNT), [("JPY".to_owned(), 580_000), ("USD".to_owned(), usd)]);
    assert_eq!(own(OPENING), [("JPY".to_owned(), -500_000), ("USD".to_owned(), -100_050)]);
    for code in ["CNY", "JPY", "USD"] {
        let of = rows.iter().filter(|row| row.currency == code);
        assert_eq!(of.map(|row| row.balance_minor).sum::<i64>(), 0, "{code} balances");
    }

    let figure = Figure { account: ACCOUNT.to_owned(), ..Figure::default() };
    let page = entries(&mut reader(book), &figure, None, 50).expect("entries");
    let opening = page.rows.iter().filter(|row| row.stream == "opening");
    let mut opened: Vec<_> =
        opening.map(|row| (row.currency.as_str(), row.amount_minor, row.balance_minor)).collect();
    opened.sort_unstable();
    assert_eq!(opened, [("JPY", 500_000, Some(500_000)), ("USD", 100_050, Some(100_050))]);

    let mut journal = Vec::new();
    write_journal(&mut reader(book), &mut journal).expect("the journal can be written");
    let journal = String::from_utf8(journal).expect("a journal is text");
    for line in ["commodity 1000.00 CNY", "commodity 1000. JPY", "commodity 1000.00 USD"] {
        assert!(journal.contains(&format!("{line}\n")), "{line}");
    }
    assert!(journal.contains(&format!("    {ACCOUNT}  500000 JPY\n    {OPENING}\n")));
    assert!(journal.contains(&format!("    {ACCOUNT}  1000.50 USD\n    {OPENING}\n")));
}

#[test]
fn a_deposit_in_dollars_carries_no_payout_of_the_yuan_and_no_limit_in_yuan_covers_it() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let carried = |book: &Book| -> Vec<Vec<i64>> {
            let lines = payouts(book).into_iter();
            lines.map(|payout| payout.bank.iter().map(|line| line.id).collect()).collect()
        };
        let (before, foreign) = (carried(book), Foreign::of(book));
        let folder = tempfile::tempdir().expect("a folder");
        import_paths(book, &[foreign.write(folder.path())]);
        assert_eq!(carried(book), before, "the payouts stay on their own lines");

        let mut found = breaks(book);
        found.retain(|row| row.kind == "bank_deposit_unmatched" && row.currency == "USD");
        let [dollars] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((dollars.day, dollars.effect_minor), (foreign.day, foreign.minor));

        let open = break_summary(&mut reader(book), Some(BreakState::Open)).expect("a summary");
        let kind = open.iter().find(|row| row.kind == dollars.kind).expect("the kind is open");
        assert_eq!(said(&kind.effects).last(), Some(&("USD", foreign.minor)));
        limits(book, &dollars.id, &dollars.kind, foreign.minor);
    }
}

fn limits(book: &Book, id: &str, kind: &str, minor: i64) {
    let mut reader = reader(book);
    let all = preview_batch(&mut reader, kind, None, false).expect("a preview");
    assert_eq!(said(&all.effects).last(), Some(&("USD", minor)));
    let near = preview_batch(&mut reader, kind, Some(minor), false).expect("a preview");
    assert!(near.left >= 1 && near.effects.iter().all(|sum| sum.currency == "CNY"), "{near:?}");
    let rule = KindRule {
        kind: kind.to_owned(),
        act: "accept".to_owned(),
        limit_minor: Some(minor),
        reason: String::new(),
    };
    let ruled = preview_rule(&mut reader, &rule).expect("a preview");
    assert!(ruled.left >= 1 && ruled.effects.iter().all(|sum| sum.currency == "CNY"), "{ruled:?}");
    let terms = WriteOffTerms { limit_minor: minor, account: "expenses:small".to_owned() };
    let act = Act::WriteOff { reason: String::new(), terms: Some(terms) };
    let refused = decide(book, LI, &Target::Ids(vec![id.to_owned()]), &act);
    let code = refused.expect_err("a limit in yuan covers no dollars").code();
    assert_eq!(code, "write_off_limit");
}

#[test]
fn what_is_on_its_way_and_what_payouts_come_to_is_told_by_currency() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let all = payouts(book);
        let totals = payout_totals(&mut reader(book), &PayoutFilter::default()).expect("totals");
        let paid = all.iter().map(|payout| payout.row.amount_minor).sum();
        assert_eq!((totals.count as usize, said(&totals.paid)), (all.len(), vec![("CNY", paid)]));
        let first = home(&mut reader(book), None).expect("the first screen");
        for day in &first.expected {
            let sum = day.payouts.iter().map(|payout| payout.amount_minor).sum();
            assert_eq!(said(&day.amounts), [("CNY", sum)]);
        }
        let map = money_map(&mut reader(book), None).expect("the money map");
        assert_eq!(first.money_map, map);
    }
}
