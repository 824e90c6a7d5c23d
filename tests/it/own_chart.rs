//! The shop's own chart of accounts: names only, remembered, and nothing is left out of its sums.

use backoffice::Error;
use backoffice::ledger::{trial_balance, write_journal};
use backoffice::own_chart::{
    OwnAccount, OwnChart, Standard, by_own_chart, set_own_account, take_standard,
};
use backoffice::proof::state_hash;
use practice::Options;
use store::Book;
use support::{BOTH, PracticeShop, import_paths, new_book, reader};

fn say(book: &Book, account: &str, code: &str, name: &str) -> Result<(), Error> {
    let [account, code, name] = [account, code, name].map(str::to_owned);
    set_own_account(book, &OwnAccount { account, code, name })
}

fn code_of(book: &Book, account: &str) -> Option<String> {
    let chart = OwnChart::of_book(&mut reader(book)).expect("the chart");
    chart.of(account).map(|own| own.code.clone())
}

#[test]
fn an_own_chart_names_every_account_and_changes_no_sum_and_no_hash() {
    let shop = PracticeShop::write(&Options { days: 6, ..Options::default() });
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let before = state_hash(&mut reader(book)).expect("a hash");
        let taken = take_standard(book, Standard::Small).expect("taken");
        assert!(taken >= 15, "{taken}");
        assert_eq!(take_standard(book, Standard::Business).expect("taken"), 0, "none was empty");

        let bank = "assets:bank:6222020200012348812";
        assert_eq!(code_of(book, bank).as_deref(), Some("1002"));
        say(book, bank, "1002.01", "工行基本户").expect("an account of the book");
        say(book, "assets:bank", "1002", "存款").expect("another name");
        assert_eq!(code_of(book, bank).as_deref(), Some("1002.01"));

        let rows = trial_balance(&mut reader(book), None).expect("a trial balance");
        let chart = OwnChart::of_book(&mut reader(book)).expect("the chart");
        let own = by_own_chart(&rows, &chart);
        let all = |sums: Vec<(i64, i64)>| {
            sums.iter().fold((0, 0), |all, sum| (all.0 + sum.0, all.1 + sum.1))
        };
        assert_eq!(
            all(own.iter().map(|row| (row.debit_minor, row.credit_minor)).collect()),
            all(rows.iter().map(|row| (row.debit_minor, row.credit_minor)).collect())
        );
        assert!(own.iter().any(|row| row.code == "1002.01" && row.name == "工行基本户"));
        assert!(own.len() < rows.len(), "accounts of one number are one row");
        let mut journal = Vec::new();
        write_journal(&mut reader(book), &mut journal).expect("a journal");
        let journal = String::from_utf8(journal).expect("text");
        assert!(journal.contains(&format!("account {bank}  ; code:1002.01, 工行基本户\n")));

        say(book, bank, "", "").expect("forgotten");
        assert_eq!(code_of(book, bank).as_deref(), Some("1002"));
        assert_eq!(state_hash(&mut reader(book)).expect("a hash"), before, "names only");
    }
}

#[test]
fn what_is_no_account_and_no_number_is_refused() {
    for kind in BOTH {
        let test = new_book(kind);
        let refused = |account: &str, code: &str, name: &str| {
            matches!(say(&test.book, account, code, name), Err(Error::BadInput { .. }))
        };
        assert!(refused("assets:gold", "1", ""), "no account of the book");
        assert!(refused("", "1", "") && refused("assets:bank", "10 02", ""));
        assert!(refused("assets:bank", "1002", "a\tb"), "a name of one line");
        assert!(refused("assets:bank", &"1".repeat(21), ""));
        assert!(!refused("assets:bank", "1002", ""));
    }
}
