//! The till: money taken by hand, from the record to the ledger and the bank, on both databases.

use backoffice::decisions::Actor;
use backoffice::evidence::evidence;
use backoffice::ledger::trial_balance;
use backoffice::proof::{all_hold, verify};
use backoffice::till::{
    Act, RecordFilter, RecordState, Tender, TillProblem, TillRecord, Wanted, attach, attachment,
    attachments, cards, drawers, find, list, record, settle,
};
use backoffice::{BusinessDate, Currency, Error};
use proptest::prelude::*;
use std::collections::BTreeMap;
use store::Book;
use store::testing::TestBook;
use support::{BOTH, Kind, breaks, import_paths, new_book, payouts, reader};

/// Noon of 2026-03-05 where the channels keep their days.
pub const NOON_MS: i64 = 1_772_683_200_000;
const MINUTE_MS: i64 = 60_000;

/// A till with a clock that moves a minute with each record.
pub struct Shop {
    test: TestBook,
    now_ms: std::cell::Cell<i64>,
}

impl Shop {
    pub fn new(kind: Kind) -> Self {
        Self { test: new_book(kind), now_ms: NOON_MS.into() }
    }

    pub fn book(&self) -> &Book {
        &self.test.book
    }

    pub fn try_to(&self, wanted: &Wanted) -> Result<String, Error> {
        self.now_ms.set(self.now_ms.get() + MINUTE_MS);
        record(self.book(), wanted, &Actor { name: "小王", at_ms: self.now_ms.get() })
    }

    pub fn does(&self, wanted: &Wanted) -> String {
        self.try_to(wanted).unwrap_or_else(|error| panic!("{wanted:?}: {error:?}"))
    }

    pub fn refuses(&self, wanted: &Wanted) -> TillProblem {
        match self.try_to(wanted) {
            Err(Error::Till { problem, .. }) => problem,
            other => panic!("{wanted:?}: {other:?}"),
        }
    }

    pub fn of(&self, number: &str) -> TillRecord {
        find(&mut reader(self.book()), number).expect("it is recorded")
    }

    pub fn state(&self, number: &str) -> RecordState {
        self.of(number).state
    }

    /// Balances by account, without those of 0.
    pub fn balances(&self) -> BTreeMap<String, i64> {
        let rows = trial_balance(&mut reader(self.book()), None).expect("a trial balance");
        let open = rows.into_iter().filter(|row| row.balance_minor != 0);
        open.map(|row| (row.account, row.balance_minor)).collect()
    }

    pub fn on(&self, account: &str) -> i64 {
        self.balances().get(account).copied().unwrap_or(0)
    }

    pub fn in_hand(&self, tender: Tender) -> i64 {
        let found = drawers(&mut reader(self.book())).expect("what is in hand");
        found.iter().filter(|each| each.tender == tender).map(|each| each.in_hand_minor).sum()
    }

    pub fn holds(&self) {
        let found = verify(&mut reader(self.book())).expect("the book can be checked");
        assert!(all_hold(&found), "{found:#?}");
    }

    pub fn reads_statement(&self, rows: &[&str]) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bank.csv");
        let header = "账号,交易日期,交易时间,借方金额,贷方金额,余额,对方户名,摘要,流水号,币种\n";
        let text = rows.iter().fold(header.to_owned(), |text, row| text + row + "\n");
        std::fs::write(&path, text).expect("the file can be written");
        import_paths(self.book(), &[path]);
    }
}

pub fn wanted(nonce: &str, act: Act, amount: i64) -> Wanted {
    Wanted { amount_minor: Some(amount), ..Wanted::new(nonce, act) }
}

pub fn paid(nonce: &str, tender: Tender, amount: i64, facts: &[(&str, &str)]) -> Wanted {
    let facts = facts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Wanted { tender: Some(tender), facts: facts.collect(), ..wanted(nonce, Act::Receipt, amount) }
}

pub fn cash(nonce: &str, amount: i64) -> Wanted {
    paid(nonce, Tender::Cash, amount, &[])
}

pub fn about(nonce: &str, act: Act, of: &str) -> Wanted {
    let reason = if act == Act::Deposit { "" } else { "记错了" };
    Wanted { of: of.to_owned(), reason: reason.to_owned(), ..Wanted::new(nonce, act) }
}

pub fn counted(nonce: &str, notes: &str, reason: &str) -> Wanted {
    let mut count = Wanted { reason: reason.to_owned(), ..Wanted::new(nonce, Act::Count) };
    count.facts.insert("notes".to_owned(), notes.to_owned());
    count
}

#[test]
fn a_day_of_cash_is_counted_and_what_is_short_stands_in_its_own_account() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        shop.does(&wanted("f", Act::Float, 20_000));
        let sale = shop.does(&Wanted { order: "5001".to_owned(), ..cash("a", 12_850) });
        shop.does(&cash("b", 3_000));
        shop.does(&Wanted { amount_minor: Some(850), ..about("r", Act::Refund, &sale) });
        shop.does(&wanted("d", Act::Drop, 10_000));
        assert_eq!(shop.on("assets:till:cash:1"), 25_000);
        assert_eq!(shop.on("assets:in_transit:cash"), 10_000);
        assert_eq!(shop.on("revenues:sales:cash:1"), -15_850);
        assert_eq!(shop.on("revenues:sales_refunds:cash:1"), 850);
        let short = counted("c", "100x2 20x2 5x1 1x3", "");
        assert_eq!(shop.refuses(&short), TillProblem::NeedsReason);
        let number = shop.does(&Wanted { reason: "找零多给两元".to_owned(), ..short });
        let found = shop.of(&number).counted.expect("a count");
        assert_eq!(
            (found.expected_minor, found.counted_minor, found.over_minor),
            (25_000, 24_800, -200)
        );
        assert_eq!(shop.on("assets:till:cash:1"), 24_800);
        assert_eq!(shop.on("revenues:adjustments:cash:1"), 200);
        // What was counted stays; later money goes to the next count.
        let late = Wanted { at_ms: Some(NOON_MS), ..cash("late", 100) };
        assert_eq!(shop.refuses(&late), TillProblem::Counted);
        shop.does(&cash("evening", 1_000));
        let again = shop.does(&counted("c2", "100x2 50x1 5x1 1x3", ""));
        assert_eq!(shop.of(&again).counted.map(|count| count.over_minor), Some(0));
        assert_eq!(shop.state(&sale), RecordState::PartlyBack);
        shop.holds();
    }
}

#[test]
fn reports_of_what_was_taken_by_hand_add_up_from_clock_to_clock() {
    use backoffice::reports::{Clock, Span, bridge};
    let shop = Shop::new(Kind::Sqlite);
    shop.does(&cash("a", 12_850));
    let mut card = Wanted { act: Act::Card, ..cash("b", 50_000) };
    card.facts.insert("card".to_owned(), "8801".to_owned());
    shop.does(&card);
    shop.does(&paid("c", Tender::PrepaidCard, 3_000, &[("card", "8801")]));
    shop.does(&paid("d", Tender::BankTransfer, 30_000, &[("payer", "李四")]));
    shop.does(&wanted("e", Act::Drop, 20_000));
    shop.reads_statement(&[
        "6222,2026-03-05,18:00:00,,300.00,300.00,李四,转账,B0,CNY",
        "6222,2026-03-06,10:00:00,,200.00,500.00,,现金存入,B1,CNY",
    ]);
    let day = BusinessDate::of_ms(NOON_MS).days();
    let (from, until) = (day - 5, day + 5);
    let span = Span { from, until, channel: None, currency: Currency::CNY };
    let pairs = [(Clock::Paid, Clock::Booked), (Clock::Booked, Clock::Settled)];
    for (from, to) in pairs.into_iter().chain([(Clock::Settled, Clock::InBank)]) {
        let found = bridge(&mut reader(shop.book()), from, to, span).expect("a bridge");
        let open = found.lines.iter().find(|line| line.name == "unexplained");
        assert_eq!(open.map(|line| line.amount_minor), Some(0), "{found:#?}");
    }
}

#[test]
fn a_record_leads_home_to_the_line_it_is_booked_from() {
    let shop = Shop::new(Kind::Sqlite);
    let number = shop.does(&Wanted { order: "5001".to_owned(), ..cash("a", 12_850) });
    let (document, line) = shop.of(&number).line.expect("it is booked");
    let home = evidence(&mut reader(shop.book()), document, line).expect("its line");
    assert!(home.text.contains("12850") && home.text.contains("5001"), "{}", home.text);
    assert_eq!(home.file_name, format!("{number}.jsonl"));
}

#[test]
fn pressing_twice_records_once_also_when_the_program_died_before_it_was_booked() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let first = shop.does(&cash("one", 500));
        assert_eq!(shop.does(&cash("one", 500)), first);
        let second = shop.does(&cash("two", 700));
        assert_ne!(first, second);
        // As if it had died: the record is kept, what was booked of it is gone.
        settle(shop.book()).expect("nothing is left to book");
        assert_eq!(shop.in_hand(Tender::Cash), 1_200);
        assert_eq!(shop.on("assets:till:cash:1"), 1_200);
        let all = list(&mut reader(shop.book()), &RecordFilter::default()).expect("a list");
        assert_eq!(all.len(), 2);
    }
}

#[test]
fn a_till_gives_out_no_more_than_it_holds_and_no_more_than_was_paid() {
    let shop = Shop::new(Kind::Sqlite);
    let sale = shop.does(&cash("a", 5_000));
    assert_eq!(shop.refuses(&wanted("d", Act::Drop, 5_001)), TillProblem::NotEnough);
    let back =
        |nonce, amount| Wanted { amount_minor: Some(amount), ..about(nonce, Act::Refund, &sale) };
    assert_eq!(shop.refuses(&back("r1", 5_001)), TillProblem::TooMuch);
    let refund = shop.does(&back("r2", 2_000));
    assert_eq!(shop.refuses(&back("r3", 3_001)), TillProblem::TooMuch);
    // A record is taken back only as long as nothing stands on it.
    assert_eq!(shop.refuses(&about("x", Act::Reversal, &sale)), TillProblem::TakenBack);
    shop.does(&about("y", Act::Reversal, &refund));
    shop.does(&about("z", Act::Reversal, &sale));
    assert_eq!(shop.state(&sale), RecordState::TakenBack);
    assert_eq!(shop.refuses(&about("w", Act::Reversal, &sale)), TillProblem::TakenBack);
    assert_eq!(shop.in_hand(Tender::Cash), 0);
    assert_eq!(shop.on("assets:till:cash:1"), 0);
    shop.holds();
}

#[test]
fn cash_brought_to_the_bank_meets_its_line_and_nothing_stays_on_the_way() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        shop.does(&cash("a", 88_000));
        let drop = shop.does(&wanted("d", Act::Drop, 80_000));
        assert_eq!(shop.state(&drop), RecordState::OnItsWay);
        shop.reads_statement(&[
            "6222,2026-03-05,18:00:00,,0.15,0.15,某某,结息,B0,CNY",
            "6222,2026-03-06,10:00:00,,800.00,800.15,张三,货款,B1,CNY",
            "6222,2026-03-06,11:00:00,,800.00,1600.15,,ATM现金存入,B2,CNY",
        ]);
        assert_eq!(shop.state(&drop), RecordState::Arrived);
        let arrived = shop.of(&drop);
        assert_eq!(
            arrived.bank_day.map(|day| BusinessDate::from_days(day).to_string()).as_deref(),
            Some("2026-03-06")
        );
        assert_eq!(shop.on("assets:in_transit:cash"), 0);
        assert_eq!(shop.on("assets:bank:6222"), 160_015);
        // What nobody explains still waits: the interest and the stranger's money.
        assert_eq!(shop.on("equity:suspense:bank:6222"), -80_015);
        assert_eq!(shop.refuses(&about("x", Act::Reversal, &drop)), TillProblem::Arrived);
        let paid = payouts(shop.book());
        assert_eq!(paid.len(), 1);
        shop.holds();
    }
}

#[test]
fn a_transfer_is_found_at_the_bank_by_its_number_or_by_who_paid() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let named = [("payer", "杭州某某贸易有限公司"), ("bank_ref", "20260305778899")];
        let one = shop.does(&paid("a", Tender::CorporateRemittance, 1_000_000, &named));
        let two = shop.does(&paid("b", Tender::BankTransfer, 30_000, &[("payer", "李四")]));
        let lost = shop.does(&paid("c", Tender::BankTransfer, 40_000, &[("payer", "王五")]));
        assert_eq!(shop.on("assets:in_transit:bank_transfer"), 70_000);
        shop.reads_statement(&[
            "6222,2026-03-05,18:00:00,,300.00,300.00,李四,转账,B0,CNY",
            "6222,2026-03-06,10:00:00,,9990.00,10290.00,杭州某某,来账 20260305778899,B1,CNY",
            "6222,2026-03-20,10:00:00,,0.15,10290.15,某某,结息,B2,CNY",
        ]);
        assert_eq!(shop.state(&two), RecordState::Arrived);
        assert_eq!(shop.state(&one), RecordState::Arrived, "by its number, though it is short");
        assert_eq!(shop.state(&lost), RecordState::OnItsWay);
        let found = breaks(shop.book());
        let kinds: Vec<(&str, i64)> =
            found.iter().map(|row| (row.kind.as_str(), row.effect_minor)).collect();
        assert!(kinds.contains(&("payout_short", -1_000)), "{kinds:?}");
        assert!(kinds.contains(&("payout_not_in_bank", -40_000)), "{kinds:?}");
        assert_eq!(kinds.len(), 2, "{kinds:?}");
        assert_eq!(shop.on("assets:in_transit:bank_transfer"), 40_000);
        // It never came: the record is taken back, and the break with it.
        shop.does(&about("x", Act::Reversal, &lost));
        assert_eq!(shop.on("assets:in_transit:bank_transfer"), 0);
        assert_eq!(breaks(shop.book()).len(), 1);
        shop.holds();
    }
}

#[test]
fn a_cheque_is_received_deposited_and_cleared_or_bounced() {
    let facts = [("cheque_no", "31087766"), ("bank", "工商银行"), ("due", "2026-04-01")];
    for kind in BOTH {
        let shop = Shop::new(kind);
        let good = shop.does(&paid("a", Tender::Cheque, 50_000, &facts));
        assert_eq!(shop.state(&good), RecordState::InHand);
        assert_eq!(shop.in_hand(Tender::Cheque), 50_000);
        shop.does(&about("d", Act::Deposit, &good));
        assert_eq!(shop.refuses(&about("d2", Act::Deposit, &good)), TillProblem::WrongState);
        assert_eq!(shop.state(&good), RecordState::OnItsWay);
        let other = [("cheque_no", "31087767"), ("bank", "工商银行")];
        let bad = shop.does(&paid("b", Tender::Cheque, 20_000, &other));
        shop.does(&about("e", Act::Deposit, &bad));
        shop.does(&about("f", Act::Bounce, &bad));
        assert_eq!(shop.state(&bad), RecordState::Bounced);
        shop.reads_statement(&[
            "6222,2026-03-10,10:00:00,,500.00,500.00,,支票入账 31087766,B1,CNY",
        ]);
        assert_eq!(shop.state(&good), RecordState::Arrived);
        assert_eq!(shop.in_hand(Tender::Cheque), 0);
        let left: BTreeMap<String, i64> = shop.balances();
        assert_eq!(left["assets:bank:6222"], 50_000);
        assert_eq!(
            left["revenues:sales:cheque:1"] + left["revenues:sales_refunds:cheque:1"],
            -50_000
        );
        assert_eq!(left.get("assets:in_transit:cheque"), None);
        assert!(breaks(shop.book()).is_empty(), "who recorded it said why");
        shop.holds();
    }
}

#[test]
fn a_prepaid_card_is_owed_until_it_is_spent_and_a_refund_goes_back_to_it() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let mut sold = Wanted { act: Act::Card, ..cash("a", 50_000) };
        sold.facts.insert("card".to_owned(), "8801".to_owned());
        shop.does(&sold);
        assert_eq!(shop.on("liabilities:stored_value"), -50_000);
        assert_eq!(shop.on("assets:till:cash:1"), 50_000);
        assert_eq!(shop.on("revenues:sales:cash:1"), 0, "a card is no sale yet");
        let card = [("card", "8801")];
        let spent = shop.does(&paid("b", Tender::PrepaidCard, 12_000, &card));
        assert_eq!(shop.on("liabilities:stored_value"), -38_000);
        assert_eq!(shop.on("revenues:sales:prepaid_card:1"), -12_000);
        let much = paid("c", Tender::PrepaidCard, 38_001, &card);
        assert_eq!(shop.refuses(&much), TillProblem::CardShort);
        let back = Wanted { amount_minor: Some(2_000), ..about("r", Act::Refund, &spent) };
        let back = shop.does(&Wanted { tender: Some(Tender::Cash), ..back });
        assert_eq!(shop.of(&back).tender, Tender::PrepaidCard);
        let balances = cards(&mut reader(shop.book())).expect("cards");
        assert_eq!((balances[0].card.as_str(), balances[0].balance_minor), ("8801", 40_000));
        assert_eq!(shop.on("liabilities:stored_value"), -40_000);
        shop.holds();
    }
}

#[test]
fn slips_of_a_batch_are_sent_together_less_the_fee_and_met_by_the_acquirers_line() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let slip = |nonce, amount| Wanted {
            account: "T0001".to_owned(),
            ..paid(nonce, Tender::PosSlip, amount, &[("batch", "000123"), ("last4", "1234")])
        };
        let one = shop.does(&slip("a", 10_000));
        shop.does(&slip("b", 20_000));
        let mut other = slip("c", 7_000);
        other.facts.insert("batch".to_owned(), "000124".to_owned());
        shop.does(&other);
        let mut batch = Wanted { account: "T0001".to_owned(), ..Wanted::new("d", Act::Batch) };
        batch.facts.insert("batch".to_owned(), "000123".to_owned());
        batch.facts.insert("fee_minor".to_owned(), "180".to_owned());
        let sent = shop.does(&batch);
        assert_eq!(shop.of(&sent).amount_minor, 30_000);
        assert_eq!(
            shop.refuses(&Wanted { nonce: "e".to_owned(), ..batch }),
            TillProblem::EmptyBatch
        );
        assert_eq!(shop.in_hand(Tender::PosSlip), 7_000);
        assert_eq!(shop.on("expenses:payout_fees:pos_slip:T0001"), 180);
        shop.reads_statement(&[
            "6222,2026-03-06,10:00:00,,298.20,298.20,拉卡拉支付股份有限公司,清算款,B1,CNY",
        ]);
        assert_eq!(shop.state(&one), RecordState::Arrived);
        assert_eq!(shop.on("assets:in_transit:pos_slip"), 0);
        assert_eq!(shop.on("assets:in_transit:lakala"), 0);
        shop.holds();
    }
}

#[test]
fn a_picture_beside_a_record_comes_back_byte_for_byte_and_nothing_else_is_kept() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let number = shop.does(&cash("a", 100));
        let actor = Actor { name: "小王", at_ms: NOON_MS };
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend((0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
        let kept = attach(shop.book(), &number, "../小票.png", &bytes, &actor).expect("kept");
        assert_eq!((kept.name.as_str(), kept.media.as_str()), ("小票.png", "image/png"));
        let again = attach(shop.book(), &number, "again.png", &bytes, &actor).expect("kept");
        assert_eq!(again, kept, "the same picture is kept once");
        let (told, back) = attachment(&mut reader(shop.book()), kept.id).expect("it is there");
        assert_eq!((told, back == bytes), (kept.clone(), true));
        let listed = attachments(&mut reader(shop.book()), &number).expect("a list");
        assert_eq!(listed, [kept]);
        for wrong in [b"<html><script>".as_slice(), b"", b"MZ\x90"] {
            let refused = attach(shop.book(), &number, "x.png", wrong, &actor);
            assert!(matches!(refused, Err(Error::BadInput { field: "attachment", .. })));
        }
        let large = [b"%PDF-".as_slice(), &vec![0; 10 << 20]].concat();
        assert!(attach(shop.book(), &number, "x.pdf", &large, &actor).is_err());
        shop.holds();
    }
}

#[test]
fn a_file_that_looks_like_a_record_is_not_taken_from_elsewhere() {
    let shop = Shop::new(Kind::Sqlite);
    let number = shop.does(&cash("a", 100));
    let (document, _) = shop.of(&number).line.expect("booked");
    let line = |n| evidence(&mut reader(shop.book()), document, n).expect("a line").text;
    let forged = format!("{}\n{}\n{}\n", line(1), line(2).replace("100", "999"), line(3));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("record.jsonl");
    std::fs::write(&path, forged).expect("a file");
    let report = import_paths(shop.book(), &[path]);
    assert_eq!(report.files[0].reason.as_deref(), Some("unknown_file:till_record"));
    assert_eq!(shop.on("assets:till:cash:1"), 100);
}

#[test]
fn an_order_paid_in_cash_is_paid_and_one_recorded_wrongly_is_no_second_payment() {
    for kind in BOTH {
        let shop = Shop::new(kind);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("orders.csv");
        let rows = "订单号,下单时间,支付时间,关闭时间,状态,应付金额,币种,支付渠道,商品,买家\n\
             5001,2026-03-05 11:50:00,2026-03-05 12:00:00,,已支付,128.50,CNY,现金,拿铁,顾客1\n\
             5002,2026-03-05 11:55:00,2026-03-05 12:00:00,,已支付,30.00,CNY,现金,拿铁,顾客2\n\
             5003,2026-03-05 11:56:00,2026-03-05 12:00:00,,已支付,30.00,CNY,现金,拿铁,顾客3\n";
        std::fs::write(&path, rows).expect("the file can be written");
        let report = import_paths(shop.book(), &[path]);
        assert_eq!(report.files[0].rows_new, 3, "{report:#?}");
        let order = |nonce, number: &str, tender, facts: &[(&str, &str)]| Wanted {
            order: number.to_owned(),
            ..paid(nonce, tender, 3_000, facts)
        };
        shop.does(&Wanted { order: "5001".to_owned(), ..cash("a", 12_850) });
        let wrong = shop.does(&order("b", "5002", Tender::Cash, &[]));
        shop.does(&about("x", Act::Reversal, &wrong));
        shop.does(&order("c", "5002", Tender::BankTransfer, &[("payer", "李四")]));
        // Who walks in has no order, and that is no difference.
        shop.does(&cash("d", 990));
        assert!(breaks(shop.book()).is_empty(), "{:#?}", breaks(shop.book()));
        let twice = order("e", "5003", Tender::Cash, &[]);
        shop.does(&twice);
        shop.does(&Wanted { nonce: "f".to_owned(), ..twice });
        let found = breaks(shop.book());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind.as_str(), found[0].effect_minor), ("duplicate_payment", 3_000));
        shop.holds();
    }
}

#[derive(Clone, Debug)]
enum Doing {
    Pay(i64),
    Back(usize, i64),
    TakeBack(usize),
    Float(i64),
    Drop(i64),
    Count(i64),
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        4 => (1_i64..50_000).prop_map(Doing::Pay),
        2 => (0_usize..8, 1_i64..20_000).prop_map(|(at, minor)| Doing::Back(at, minor)),
        2 => (0_usize..8).prop_map(Doing::TakeBack),
        1 => (1_i64..20_000).prop_map(Doing::Float),
        1 => (1_i64..30_000).prop_map(Doing::Drop),
        1 => (-500_i64..500).prop_map(Doing::Count),
    ]
}

/// Does it; `None` where the till refuses.
fn does(shop: &Shop, doing: &Doing, at: usize, made: &[String]) -> Option<String> {
    let nonce = format!("n{at}");
    let pick = |at: usize| made.get(at % made.len().max(1)).cloned();
    let wanted = match doing {
        Doing::Pay(minor) => cash(&nonce, *minor),
        Doing::Back(at, minor) => {
            Wanted { amount_minor: Some(*minor), ..about(&nonce, Act::Refund, &pick(*at)?) }
        }
        Doing::TakeBack(at) => about(&nonce, Act::Reversal, &pick(*at)?),
        Doing::Float(minor) => wanted(&nonce, Act::Float, *minor),
        Doing::Drop(minor) => wanted(&nonce, Act::Drop, *minor),
        Doing::Count(off) => {
            let there = (shop.in_hand(Tender::Cash) + off).max(0);
            let reason = "数过了".to_owned();
            Wanted { reason, ..wanted(&nonce, Act::Count, there) }
        }
    };
    match shop.try_to(&wanted) {
        Ok(number) => Some(number),
        Err(Error::Till { .. }) => None,
        Err(other) => panic!("{wanted:?}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_at_a_till_its_account_is_the_cash_in_it(
        steps in proptest::collection::vec(doing(), 1..14)
    ) {
        let shop = Shop::new(Kind::Sqlite);
        let (mut made, mut taken_back) = (Vec::new(), 0_i64);
        for (at, step) in steps.iter().enumerate() {
            let before = shop.in_hand(Tender::Cash);
            let Some(number) = does(&shop, step, at, &made) else {
                prop_assert_eq!(shop.in_hand(Tender::Cash), before, "a refusal leaves no trace");
                continue;
            };
            let found = shop.of(&number);
            prop_assert_eq!(shop.in_hand(Tender::Cash), before + found.in_hand_minor);
            if found.act == Act::Count {
                prop_assert_eq!(shop.in_hand(Tender::Cash), found.amount_minor);
            }
            if found.act == Act::Reversal {
                let undone = shop.of(&found.of);
                prop_assert_eq!(found.in_hand_minor, -undone.in_hand_minor);
                taken_back += 1;
            }
            prop_assert!(shop.in_hand(Tender::Cash) >= 0);
            prop_assert_eq!(shop.on("assets:till:cash:1"), shop.in_hand(Tender::Cash));
            made.push(number);
        }
        let standing = list(&mut reader(shop.book()), &RecordFilter::default()).expect("a list");
        let gone = standing.iter().filter(|each| each.state == RecordState::TakenBack).count();
        prop_assert_eq!(gone as i64, taken_back);
        prop_assert_eq!(shop.on("assets:pending:cash:1"), 0);
        shop.holds();
    }
}
