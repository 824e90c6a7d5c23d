//! What the practice shop says is in its files is what the books find.

use backoffice::BusinessDate;
use backoffice::import::FileState;
use backoffice::proof::{all_hold, verify};
use practice::Options;
use std::collections::{BTreeMap, BTreeSet};
use support::{BOTH, PracticeShop, breaks, import_paths, new_book, payouts, reader};

/// Compares everything the truth says with what the book found.
#[track_caller]
pub fn agrees_with_the_truth(shop: &PracticeShop, book: &store::Book) {
    let mut wrong = Vec::new();
    compare_payouts(shop, book, &mut wrong);
    compare_breaks(shop, book, &mut wrong);
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), head(&wrong));
}

fn head(lines: &[String]) -> String {
    lines.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
}

fn compare_payouts(shop: &PracticeShop, book: &store::Book, wrong: &mut Vec<String>) {
    let found: BTreeMap<(String, String), _> = payouts(book)
        .into_iter()
        .map(|p| ((p.row.channel.clone(), p.row.number.clone()), p))
        .collect();
    let truth = shop.truth["payouts"].as_array().cloned().unwrap_or_default();
    assert!(!truth.is_empty(), "the truth lists payouts");
    let mut seen = BTreeSet::new();
    for payout in &truth {
        let text = |key: &str| payout[key].as_str().unwrap_or_default().to_owned();
        let key = (text("channel"), text("number"));
        let Some(mine) = found.get(&key) else {
            wrong.push(format!("payout {key:?} of {} not found", text("date")));
            continue;
        };
        let sum: i64 = mine.components.iter().map(|c| c.amount_minor).sum();
        if sum != mine.row.amount_minor {
            wrong.push(format!("payout {key:?}: components {sum}, paid {}", mine.row.amount_minor));
        }
        let mut parts: BTreeMap<String, i64> =
            mine.components.iter().map(|c| (c.name.clone(), c.amount_minor)).collect();
        parts.retain(|_, amount| *amount != 0);
        let mut expected: BTreeMap<String, i64> = payout["components"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, amount)| (name.clone(), amount.as_i64().unwrap_or_default()))
            .collect();
        expected.retain(|_, amount| *amount != 0);
        let bank = mine.row.bank_day.map(|day| BusinessDate::from_days(day).to_string());
        let paid = payout["amount_minor"].as_i64();
        let bank_date = payout["bank_date"].as_str().map(str::to_owned);
        if parts != expected || paid != Some(mine.row.amount_minor) || bank != bank_date {
            let date = text("date");
            wrong.push(format!(
                "payout {key:?} of {date}:\n  truth {paid:?} {expected:?} bank {bank_date:?}\n  \
                 found {} {parts:?} bank {bank:?}",
                mine.row.amount_minor
            ));
        }
        seen.insert(key);
    }
    for key in found.keys().filter(|key| !seen.contains(*key)) {
        wrong.push(format!("payout {key:?} is not in the truth"));
    }
}

fn compare_breaks(shop: &PracticeShop, book: &store::Book, wrong: &mut Vec<String>) {
    let planted = shop.problems();
    let mut seen = BTreeSet::new();
    for found in breaks(book) {
        let key = (found.kind.clone(), found.records.first().cloned().unwrap_or_default());
        let day = BusinessDate::from_days(found.day).to_string();
        match planted.get(&key) {
            None => wrong.push(format!(
                "false break {key:?} on {day}: {} expected {} found {} effect {} {:?}",
                found.field, found.expected, found.found, found.effect_minor, found.records
            )),
            Some((effect, on)) => {
                if *effect != found.effect_minor || *on != day {
                    wrong.push(format!(
                        "break {key:?}: truth {effect} on {on}, found {} on {day}",
                        found.effect_minor
                    ));
                }
                if !seen.insert(key.clone()) {
                    wrong.push(format!("break {key:?} was found twice"));
                }
            }
        }
    }
    for (key, (effect, day)) in planted.iter().filter(|(key, _)| !seen.contains(*key)) {
        wrong.push(format!("planted {key:?} on {day} (effect {effect}) was not found"));
    }
}

#[test]
fn every_planted_problem_is_found_as_its_kind_and_nothing_else() {
    let shop = PracticeShop::write(&Options { size: 20, ..Options::default() });
    for kind in BOTH {
        let test = new_book(kind);
        let report = import_paths(&test.book, &shop.files());
        for file in &report.files {
            // One bill was fetched twice under two names.
            let read = matches!(file.state, FileState::Booked | FileState::Known);
            assert!(read, "{} {:?}", file.path, file.detail);
            assert_eq!(file.quarantined, 0, "{} {:?}", file.path, file.problems);
        }
        agrees_with_the_truth(&shop, &test.book);
        let findings = verify(&mut reader(&test.book)).expect("the book can be read");
        assert!(all_hold(&findings), "{findings:#?}");
    }
}
