//! Decisions: facts that survive every run, rules with a true preview, and a way back.

use backoffice::decisions::{
    Act, Actor, Classify, KindRule, Target, WriteOffTerms, add_rule, classify, decide, history,
    list_rules, next_to_review, note_payout, preview_batch, preview_classify, preview_rule,
    remove_rule, review, undo,
};
use backoffice::fees::check_fees;
use backoffice::ledger::trial_balance;
use backoffice::lists::{BreakRow, break_detail};
use backoffice::proof::{all_hold, derived_hash, state_hash, verify};
use backoffice::reconciliation::reconcile;
use backoffice::{BreakState, Error};
use practice::Options;
use std::collections::BTreeSet;
use store::Book;
use store::bulk::{Cell, Writer};
use support::bills::{alipay_account, ofx, write, yuan};
use support::{BOTH, PracticeShop, breaks, import_paths, new_book, payouts, reader};

const LI: Actor<'static> = Actor { name: "Li", at_ms: 1_776_643_920_000 };

fn of_kind(book: &Book, kind: &str) -> Vec<BreakRow> {
    breaks(book).into_iter().filter(|found| found.kind == kind).collect()
}

fn one(book: &Book, id: &str) -> BreakRow {
    breaks(book).into_iter().find(|found| found.id == id).expect("the break is still listed")
}

fn derived(book: &Book) -> String {
    derived_hash(&mut reader(book)).expect("the book can be read")
}

fn sound(book: &Book) {
    let findings = verify(&mut reader(book)).expect("the book can be read");
    assert!(all_hold(&findings), "{findings:#?}");
}

fn balance(book: &Book, account: &str) -> i64 {
    let rows = trial_balance(&mut reader(book), None).expect("the book can be read");
    rows.iter().filter(|row| row.account == account).map(|row| row.balance_minor).sum()
}

/// The newest break of the weekly charge.
fn tool_fee(book: &Book) -> BreakRow {
    let mut rows = of_kind(book, "unknown_row");
    rows.retain(|row| row.effect_minor == -100);
    rows.into_iter().max_by_key(|row| row.day).expect("the shop has weekly charges")
}

#[test]
fn a_word_classified_for_ever_explains_every_payout_that_the_preview_named() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let (fee, before) = (tool_fee(book), derived(book));
        let open: i64 = payouts(book).iter().map(|p| p.row.unexplained_minor).sum();
        let wish = Classify {
            break_id: fee.id.clone(),
            becomes: None,
            always: true,
            reason: String::new(),
        };
        let preview = preview_classify(&mut reader(book), &wish).expect("a preview");
        assert_eq!(preview.becomes, "account_charge");
        assert_eq!((preview.rows_now, preview.rows_history), (1, 11));
        assert_eq!(preview.sum_minor, -1200);
        let suspense = "equity:suspense:wechat_pay:1900000109";
        let charges = "expenses:account_charges:wechat_pay:1900000109";
        let (lay, bore) = (balance(book, suspense), balance(book, charges));
        let done = classify(book, LI, &wish).expect("it can be classified");
        assert_eq!(done.breaks, preview.rows_now + preview.rows_history);
        assert_eq!(done.payouts_changed, preview.payout_count);
        for change in &preview.payouts {
            let payout = payouts(book).into_iter().find(|p| p.row.id == change.id);
            let payout = payout.expect("the payout is still there");
            assert_eq!(payout.row.unexplained_minor, change.after_minor, "{}", change.number);
        }
        let left: i64 = payouts(book).iter().map(|p| p.row.unexplained_minor).sum();
        assert_eq!(left - open, 1200, "nothing of the charge is unexplained");
        let after = one(book, &fee.id);
        assert_eq!((after.state.as_str(), after.decided_by.as_str()), ("resolved", "Li"));
        assert_eq!(balance(book, suspense) - lay, -1200);
        assert_eq!(balance(book, charges) - bore, 1200);
        sound(book);
        undo(book, LI, None).expect("it can be taken back");
        assert_eq!(derived(book), before);
        sound(book);
        let log = history(&mut reader(book), None, 10).expect("the log");
        assert_eq!(log.len(), 2, "what was taken back stays in the log");
        assert!(!log[1].holds);
    }
}

#[test]
fn decisions_survive_an_import_and_every_order_of_files_gives_the_same_books() {
    let shop = PracticeShop::write(&Options::default());
    let files = shop.files();
    for kind in BOTH {
        let (early, late) = (new_book(kind), new_book(kind));
        // The one decides when all is in, the other in the middle of its imports.
        import_paths(&late.book, &files);
        let (bank, rest): (Vec<_>, Vec<_>) =
            files.iter().cloned().partition(|file| file.to_string_lossy().contains("bank"));
        import_paths(&early.book, &rest);
        for book in [&late.book, &early.book] {
            let wish = Classify {
                break_id: tool_fee(book).id,
                becomes: Some("account_charge".to_owned()),
                always: true,
                reason: "monthly tool".to_owned(),
            };
            classify(book, LI, &wish).expect("it can be classified");
            let unpaid = of_kind(book, "order_without_payment")[0].id.clone();
            let act = Act::Accept { reason: "paid in cash".to_owned() };
            decide(book, LI, &Target::Ids(vec![unpaid]), &act).expect("it can be accepted");
        }
        import_paths(&early.book, &bank);
        reconcile(&late.book).expect("it runs again");
        for book in [&late.book, &early.book] {
            let accepted = &of_kind(book, "order_without_payment");
            assert!(
                accepted.iter().any(|row| row.state == "explained" && row.why == "paid in cash")
            );
            assert_eq!(tool_fee(book).state, "resolved");
            sound(book);
        }
        let hash = |book: &Book| state_hash(&mut reader(book)).expect("the book can be read");
        assert_eq!(hash(&late.book), hash(&early.book));
        assert_eq!(derived(&late.book), derived(&early.book));
    }
}

#[test]
fn a_write_off_asks_its_terms_once_posts_a_correcting_entry_and_is_taken_back_whole() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let short = of_kind(book, "payout_short")[0].clone();
        let before = derived(book);
        let target = Target::Ids(vec![short.id.clone()]);
        let write_off =
            |terms| decide(book, LI, &target, &Act::WriteOff { reason: String::new(), terms });
        assert_eq!(write_off(None).expect_err("nobody said the terms").code(), "write_off_terms");
        let terms = |limit_minor| {
            Some(WriteOffTerms { limit_minor, account: "expenses:write_offs".to_owned() })
        };
        assert_eq!(write_off(terms(1)).expect_err("too much").code(), "write_off_limit");
        assert_eq!(derived(book), before, "a refused decision changes nothing");
        write_off(terms(100_000)).expect("it can be written off");
        assert_eq!(one(book, &short.id).state, "written_off");
        assert_eq!(balance(book, "expenses:write_offs"), -short.effect_minor);
        sound(book);
        assert_eq!(write_off(None).expect_err("once is enough").code(), "already_decided");
        let reopen = Act::Reopen { reason: "the bank paid after all".to_owned() };
        decide(book, LI, &target, &reopen).expect("it can be opened again");
        assert_eq!(one(book, &short.id).state, "open");
        assert_eq!(balance(book, "expenses:write_offs"), 0);
        sound(book);
        undo(book, LI, None).expect("opening it is taken back");
        assert_eq!(balance(book, "expenses:write_offs"), -short.effect_minor);
        undo(book, LI, None).expect("the write-off is taken back");
        assert_eq!(derived(book), before);
        sound(book);
        let order = of_kind(book, "amount_mismatch")[0].id.clone();
        let act = Act::WriteOff { reason: String::new(), terms: None };
        let refused = decide(book, LI, &Target::Ids(vec![order]), &act);
        assert_eq!(refused.expect_err("not in the books").code(), "nothing_to_write_off");
    }
}

#[test]
fn a_break_is_written_off_once_however_often_it_is_named_and_whatever_changes() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let short = of_kind(book, "payout_short")[0].clone();
        let given_up = || balance(book, "expenses:write_offs");
        let terms = WriteOffTerms { limit_minor: 100_000, account: "expenses:write_offs".into() };
        let act = Act::WriteOff { reason: String::new(), terms: Some(terms) };
        let twice = Target::Ids(vec![short.id.clone(), short.id.clone()]);
        assert_eq!(decide(book, LI, &twice, &act).expect("it can be written off").breaks, 1);
        assert_eq!(given_up(), -short.effect_minor);
        // As a run leaves it when a later statement shows another amount.
        let changed = short.effect_minor - 5;
        let mut writer = Writer::open(book).expect("a writer");
        let mut loader = writer.begin().expect("a transaction");
        loader
            .execute(
                "update break set state = 'open', act = 'changed', effect_minor = $2 where id = $1",
                &[Cell::Text(&short.id), Cell::Int(changed)],
            )
            .expect("another amount");
        loader.commit().expect("kept");
        let one_time = Target::Ids(vec![short.id.clone()]);
        decide(book, LI, &one_time, &act).expect("it can be written off again");
        assert_eq!(given_up(), -changed, "the new amount takes the place of the old");
        sound(book);
        undo(book, LI, None).expect("the second is taken back");
        assert_eq!(given_up(), -short.effect_minor);
        let long = Act::Note { text: "字".repeat(2001) };
        let refused = decide(book, LI, &one_time, &long).expect_err("nobody reads that");
        assert_eq!(refused.code(), "bad_input");
        sound(book);
    }
}

#[test]
fn a_whole_kind_is_decided_as_its_preview_counted_and_a_rule_covers_what_comes() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        let files = shop.files();
        import_paths(book, &files[..files.len() / 2]);
        import_paths(book, &files[files.len() / 2..]);
        let before = derived(book);
        let wanted = "fee_mismatch";
        let preview = preview_batch(&mut reader(book), wanted, None, false).expect("a preview");
        assert!(preview.breaks > 1);
        let target = Target::Kind { kind: wanted.to_owned(), limit_minor: None };
        let act = Act::Carry { reason: "claimed".to_owned(), until: None };
        let done = decide(book, LI, &target, &act).expect("they can be carried");
        assert_eq!(done.breaks, preview.breaks);
        assert!(of_kind(book, wanted).iter().all(|row| row.state == "explained"));
        undo(book, LI, None).expect("all at once");
        assert_eq!(derived(book), before);
        let rule = KindRule {
            kind: "rounding_difference".to_owned(),
            act: "accept".to_owned(),
            limit_minor: Some(1),
            reason: String::new(),
        };
        let preview = preview_rule(&mut reader(book), &rule).expect("a preview");
        let done = add_rule(book, LI, &rule).expect("the rule can be made");
        assert_eq!((done.breaks, preview.left), (preview.open, 0));
        reconcile(book).expect("it runs again");
        let ruled = of_kind(book, "rounding_difference");
        assert!(!ruled.is_empty() && ruled.iter().all(|row| row.state == "explained"));
        undo(book, LI, None).expect("the rule is taken back");
        assert_eq!(derived(book), before);
    }
}

#[test]
fn what_was_asked_or_claimed_stays_open_until_it_is_answered() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let before = derived(book);
        let found = of_kind(book, "fee_mismatch").remove(0);
        let this = Target::Ids(vec![found.id.clone()]);
        let told = |claim| Act::Pursue { claim, reason: "by letter".to_owned() };
        for (claim, act) in [(false, "ask"), (true, "claim")] {
            decide(book, LI, &this, &told(claim)).expect("it can be pursued");
            reconcile(book).expect("it runs again");
            let now = one(book, &found.id);
            assert_eq!((now.state.as_str(), now.act.as_str()), ("open", act));
            assert_eq!((now.decided_by.as_str(), now.why.as_str()), ("Li", "by letter"));
        }
        // A rule for the kind leaves what waits for an answer.
        let rule = KindRule {
            kind: found.kind.clone(),
            act: "carry".to_owned(),
            limit_minor: None,
            reason: String::new(),
        };
        add_rule(book, LI, &rule).expect("the rule can be made");
        assert_eq!(one(book, &found.id).act, "claim");
        undo(book, LI, None).expect("the rule is taken back");
        let answered = Act::Accept { reason: "credited".to_owned() };
        decide(book, LI, &this, &answered).expect("the answer is taken");
        assert_eq!(one(book, &found.id).state, "explained");
        for _ in 0..3 {
            undo(book, LI, None).expect("each is taken back");
        }
        assert_eq!(derived(book), before);
    }
}

#[test]
fn the_rules_that_hold_are_listed_and_each_is_taken_back_by_itself() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let before = derived(book);
        let rules = || list_rules(&mut reader(book)).expect("the rules");
        assert!(rules().is_empty());
        let rule = KindRule {
            kind: "rounding_difference".to_owned(),
            act: "accept".to_owned(),
            limit_minor: Some(1),
            reason: "one fen".to_owned(),
        };
        let covered = add_rule(book, LI, &rule).expect("the rule can be made").breaks;
        let after_rule = derived(book);
        let wish = Classify {
            break_id: tool_fee(book).id,
            becomes: None,
            always: true,
            reason: String::new(),
        };
        classify(book, LI, &wish).expect("it can be classified");
        let kept = rules();
        assert_eq!(kept.len(), 2);
        let (word, by_kind) = (&kept[0], &kept[1]);
        assert_eq!((word.kind.as_str(), word.act.as_str()), ("unknown_row", "account_charge"));
        assert_eq!((word.channel.as_str(), word.breaks), ("wechat_pay", 12));
        assert!(!word.word.is_empty());
        assert_eq!((by_kind.kind.as_str(), by_kind.act.as_str()), (&*rule.kind, "accept"));
        assert_eq!((by_kind.limit_minor, by_kind.breaks), (Some(1), covered as i64));
        assert_eq!((by_kind.reason.as_str(), by_kind.by.as_str()), ("one fen", "Li"));

        let unknown = remove_rule(book, LI, 999);
        assert!(matches!(unknown, Err(Error::NotFound { what: "rule", .. })), "{unknown:?}");
        remove_rule(book, LI, word.id).expect("the rule of the word is taken back");
        assert_eq!(derived(book), after_rule, "the other one holds");
        remove_rule(book, LI, by_kind.id).expect("the rule of the kind is taken back");
        assert_eq!((derived(book), rules().len()), (before, 0));
        let again = remove_rule(book, LI, by_kind.id);
        assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
        sound(book);
    }
}

#[test]
fn a_payout_is_seen_noted_and_the_newest_unseen_one_comes_next() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let all = payouts(book);
        let newest = all.iter().max_by_key(|p| (p.row.day, p.row.id.clone())).expect("payouts");
        let next = next_to_review(&mut reader(book), None).expect("the list");
        assert_eq!(next.as_deref(), Some(newest.row.id.as_str()));
        let mut seen = BTreeSet::new();
        let mut at = next;
        for _ in 0..3 {
            let id = at.expect("more payouts");
            let mark = review(book, LI, &id).expect("it can be seen");
            assert!(!mark.offline, "nothing was asked of the network: nothing is known of it");
            assert!(seen.insert(id), "no payout comes twice");
            at = mark.next;
        }
        note_payout(book, LI, &newest.row.id, "bank called").expect("a note");
        reconcile(book).expect("it runs again");
        let marked = payouts(book).into_iter().filter(|p| p.row.reviewed_by == "Li").count();
        assert_eq!(marked, 3);
        let detail = break_detail(&mut reader(book), &tool_fee(book).id).expect("a break");
        let (payout, _) = detail.payout.expect("the charge is inside a payout");
        let holder = payouts(book).into_iter().find(|p| p.row.id == payout).expect("a payout");
        assert_eq!(holder.row.unexplained_minor, -100);
        assert_eq!(detail.row.state, BreakState::Open.code());
    }
}

#[test]
fn the_worked_payouts_fees_agree_and_the_fen_of_rounding_is_named() {
    let shop = PracticeShop::write(&Options::default());
    let test = new_book(support::Kind::Sqlite);
    import_paths(&test.book, &shop.files());
    let golden = payouts(&test.book).into_iter().find(|p| p.row.amount_minor == 34414);
    let id = golden.expect("the worked payout is there").row.id;
    let check = check_fees(&mut reader(&test.book), &id).expect("the fees can be checked");
    assert_eq!((check.payments, check.refunds), (5, 1));
    assert_eq!((check.charged_minor, check.recomputed_minor), (-259, -259));
    assert_eq!((check.on_total_minor, check.by_rounding_minor()), (-258, -1));
    assert_eq!((check.returned_minor, check.returned_expected_minor), (30, 30));
    assert_eq!((check.rate_ppm, check.effective_ppm), (Some(6000), 6024));
    assert!(check.odd.is_empty());
}

#[test]
fn a_damaged_decision_is_an_error_that_names_it_and_never_another_meaning() {
    let shop = PracticeShop::write(&Options::default());
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &shop.files());
        let short = of_kind(book, "payout_short")[0].clone();
        let terms = WriteOffTerms { limit_minor: 100_000, account: "expenses:write_offs".into() };
        let act = Act::WriteOff { reason: String::new(), terms: Some(terms) };
        decide(book, LI, &Target::Ids(vec![short.id.clone()]), &act).expect("written off");
        sound(book);
        for body in ["", "{\"found\":", "{}", "[]", "{\"effect_minor\":\"1\"}"] {
            let mut writer = Writer::open(book).expect("a writer");
            let mut loader = writer.begin().expect("a transaction");
            let cells = [Cell::Text(body)];
            loader.execute("update decision set body = $1", &cells).expect("damage");
            loader.commit().expect("kept");
            let failed = |code: &str| assert_eq!(code, "damaged_decision", "{body}");
            failed(reconcile(book).expect_err("nothing is guessed").code());
            failed(history(&mut reader(book), None, 9).expect_err("nothing is guessed").code());
            failed(undo(book, LI, None).expect_err("nothing is guessed").code());
            failed(state_hash(&mut reader(book)).expect_err("nothing is guessed").code());
            let findings = verify(&mut reader(book)).expect("a check that fails is a finding");
            let wrong: Vec<_> = findings.iter().filter(|found| !found.wrong.is_empty()).collect();
            assert_eq!(wrong.len(), 1, "{findings:#?}");
            assert_eq!(wrong[0].check, "decisions");
            assert!(wrong[0].wrong[0].contains("decision 1"), "{wrong:?}");
        }
        assert_eq!(one(book, &short.id).state, "written_off", "the last run's results stay");
    }
}

#[test]
fn a_write_off_whose_difference_a_late_file_explains_is_a_finding_until_it_is_taken_back() {
    let paid = |number: &str, at: &str, amount: i64, left: i64| {
        let (amount, left) = (yuan(-amount), yuan(left));
        format!(
            "A{number}\t,{number}\t,\t,提现,2026-03-05 {at},银行\t,0.00,{amount},{left},支付宝,提现,\r\n"
        )
    };
    let rows = paid("P1", "13:00:00", 50_000, 50_000) + &paid("P2", "15:00:00", 20_000, 30_000);
    let bill = alipay_account(&[], 5);
    let (head, foot) = bill.rsplit_once("#--").expect("a bill ends its list");
    let folder = tempfile::tempdir().expect("a folder");
    let early = [
        write(folder.path(), "account.csv", &format!("{head}{rows}#--{foot}")),
        write(
            folder.path(),
            "bank.ofx",
            &ofx(("20260305", "20260320"), &[("20260306", 50_000, "支付宝提现 P1")]),
        ),
    ];
    let late = write(
        folder.path(),
        "late.ofx",
        &ofx(("20260306", "20260306"), &[("20260306", 20_000, "支付宝提现 P2")]),
    );
    for kind in BOTH {
        let test = new_book(kind);
        let book = &test.book;
        import_paths(book, &early);
        let whole = new_book(kind);
        import_paths(&whole.book, &early);
        import_paths(&whole.book, std::slice::from_ref(&late));
        let lost = of_kind(book, "payout_not_in_bank");
        assert_eq!(lost.len(), 1, "{:?}", breaks(book));
        assert!(of_kind(&whole.book, "payout_not_in_bank").is_empty());
        let lost = lost[0].clone();
        let limit_minor = lost.effect_minor.abs();
        let terms = WriteOffTerms { limit_minor, account: "expenses:write_offs".into() };
        let act = Act::WriteOff { reason: String::new(), terms: Some(terms) };
        let target = Target::Ids(vec![lost.id.clone()]);
        decide(book, LI, &target, &act).expect("it can be written off");
        sound(book);
        import_paths(book, std::slice::from_ref(&late));

        let found = one(book, &lost.id);
        assert_eq!(found.kind, "write_off_without_break");
        assert_eq!((found.state.as_str(), found.suggestion), ("open", "take_back"));
        assert_eq!((found.effect_minor, found.account), (lost.effect_minor, lost.account.clone()));
        let findings = verify(&mut reader(book)).expect("a check");
        let wrong: Vec<_> = findings.iter().filter(|found| !found.wrong.is_empty()).collect();
        assert_eq!(wrong.len(), 1, "{findings:#?}");
        assert_eq!(wrong[0].check, "write_offs");
        let carry = Act::Carry { reason: String::new(), until: None };
        assert!(decide(book, LI, &target, &carry).is_err(), "it is taken back or left");
        reconcile(book).expect("it runs again");
        assert_eq!(one(book, &lost.id).kind, "write_off_without_break");

        let accept = Act::Accept { reason: String::new() };
        decide(book, LI, &target, &accept).expect("the suggestion is taken");
        assert_eq!(balance(book, "expenses:write_offs"), 0);
        assert_eq!(derived(book), derived(&whole.book), "as if nothing had been written off");
        sound(book);
        undo(book, LI, None).expect("taking it back is taken back");
        assert_eq!(one(book, &lost.id).kind, "write_off_without_break");
        undo(book, LI, None).expect("and the write-off itself");
        assert_eq!(derived(book), derived(&whole.book));
    }
}
