//! Money taken at the counter against the bills: what the channel said is paid has to stand in the
//! bill of its day, and what stands there under one of our numbers has to have been asked for.

use super::facts::Facts;
use crate::error::Error;
use domain::reconcile::{Break, BreakKind, Coverage, Record};
use domain::{BusinessDate, Channel};
use std::collections::{HashMap, HashSet};
use store::bulk::Loader;

/// A collection as the channel's answers told it.
struct Collected {
    id: i64,
    number: String,
    channel: String,
    account_no: String,
    currency: String,
    amount_minor: i64,
    state: String,
    paid_at_ms: Option<i64>,
}

/// The payment line of a bill that names one of our numbers.
struct Billed {
    id: i64,
    day: i32,
    account: usize,
    currency: String,
    order_minor: i64,
    settled_minor: i64,
}

/// Adds what differs, and takes away what collections explain: a payment that was asked for at the
/// counter is in no shop's list, and needs none.
///
/// # Errors
/// The database's.
pub(super) fn against_bills(
    loader: &mut Loader<'_>,
    facts: &Facts,
    breaks: &mut Vec<Break>,
) -> Result<(), Error> {
    let collected = collected(loader)?;
    if collected.is_empty() {
        return Ok(());
    }
    let mut billed = billed(loader, facts)?;
    let mut asked_for = HashSet::new();
    for one in &collected {
        match billed.remove(&one.number) {
            Some(line) => {
                asked_for.insert(line.id);
                breaks.extend(compare(one, &line));
            }
            None => breaks.extend(absent(one, facts)),
        }
    }
    // Our number in a bill, and nobody here knows of having asked: said once.
    let unknown: HashSet<i64> = billed.values().map(|line| line.id).collect();
    breaks.retain(|found| match (found.kind, found.records.first()) {
        (BreakKind::PaymentWithoutOrder, Some(Record::Payment(id))) => {
            !asked_for.contains(id) && !unknown.contains(id)
        }
        _ => true,
    });
    breaks.extend(billed.into_values().map(|line| Break {
        kind: BreakKind::PaymentWithoutOrder,
        records: vec![Record::Payment(line.id), Record::OrderOf(line.id)],
        field: "order",
        expected: "order".into(),
        found: "none".into(),
        effect_minor: line.settled_minor,
        day: line.day,
        account: line.account,
    }));
    Ok(())
}

/// What is paid by the channel's own word, and is in no bill although its day's is here.
fn absent(one: &Collected, facts: &Facts) -> Option<Break> {
    let paid_at_ms = one.paid_at_ms.filter(|_| one.state == "paid")?;
    let channel = Channel::from_code(&one.channel)?;
    let account = facts.accounts.iter().position(|account| {
        account.scope.channel == channel
            && is_account(channel, &account.scope.account_no, &one.account_no)
    })?;
    let day = BusinessDate::of_ms(paid_at_ms + facts.cut_off_ms(account)).days();
    facts.trade(account, day).then(|| Break {
        kind: BreakKind::OrderWithoutPayment,
        records: vec![Record::Collection(one.id)],
        field: "payment",
        expected: "payment".into(),
        found: "none".into(),
        effect_minor: -one.amount_minor,
        day,
        account,
    })
}

/// True when a bill's account is the one that is asked under `ours`. Alipay's bills put `0156`
/// behind the partner's number (channels/alipay.md, names of bills).
fn is_account(channel: Channel, billed: &str, ours: &str) -> bool {
    let partner = billed.strip_suffix("0156").filter(|_| channel == Channel::Alipay);
    billed == ours || partner == Some(ours)
}

/// What both sides tell, field by field; the first difference is the break.
fn compare(one: &Collected, line: &Billed) -> Option<Break> {
    let difference = line.order_minor - one.amount_minor;
    let (kind, field, expected, found, effect_minor) = if one.currency != line.currency {
        let (expected, found) = (one.currency.clone(), line.currency.clone());
        (BreakKind::CurrencyMismatch, "currency", expected, found, 0)
    } else if difference != 0 {
        let (expected, found) = (one.amount_minor.to_string(), line.order_minor.to_string());
        (BreakKind::AmountMismatch, "amount", expected, found, difference)
    } else if matches!(one.state.as_str(), "closed" | "refused") {
        let found = "paid".to_owned();
        (BreakKind::PaidAfterClose, "status", one.state.clone(), found, line.settled_minor)
    } else {
        return None;
    };
    let records = vec![Record::Collection(one.id), Record::Payment(line.id)];
    let (day, account) = (line.day, line.account);
    Some(Break { kind, records, field, expected, found, effect_minor, day, account })
}

fn collected(loader: &mut Loader<'_>) -> Result<Vec<Collected>, Error> {
    let mut found = Vec::new();
    loader.query(
        "select id, order_no, channel, account_no, currency, amount_minor, state, paid_at_ms \
         from collection order by id",
        &[],
        |row| {
            found.push(Collected {
                id: row.int(0)?,
                number: row.text(1)?.to_owned(),
                channel: row.text(2)?.to_owned(),
                account_no: row.text(3)?.to_owned(),
                currency: row.text(4)?.to_owned(),
                amount_minor: row.int(5)?,
                state: row.text(6)?.to_owned(),
                paid_at_ms: row.opt_int(7)?,
            });
            Ok(())
        },
    )?;
    Ok(found)
}

/// Payments of bills whose order number is one of ours, by that number.
fn billed(loader: &mut Loader<'_>, facts: &Facts) -> Result<HashMap<String, Billed>, Error> {
    let mut found = HashMap::new();
    // The bounds are those of the index; kind 0 is a payment.
    loader.query(
        "select s.order_id, s.id, s.day, s.currency, s.order_minor, s.settled_minor, \
         s.id / 4294967296 from settlement_line s \
         where s.order_id >= 'C2' and s.order_id < 'C3' and s.kind = 0 \
         and not exists (select 1 from superseded x where x.line_id = s.id) order by s.id desc",
        &[],
        |row| {
            let number = row.text(0)?;
            let account = facts.documents.get(&row.int(6)?).and_then(|found| found.account);
            let Some(account) = account.filter(|_| is_ours(number)) else { return Ok(()) };
            let line = Billed {
                id: row.int(1)?,
                day: row.int(2)? as i32,
                currency: row.text(3)?.to_owned(),
                order_minor: row.int(4)?,
                settled_minor: row.int(5)?,
                account,
            };
            // The first of several: the others are duplicates, which is told elsewhere.
            found.insert(number.to_owned(), line);
            Ok(())
        },
    )?;
    Ok(found)
}

/// True for a number as the counter makes them: `C`, a day, twenty letters.
fn is_ours(number: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_uppercase() || (b'2'..=b'9').contains(byte);
    let bytes = number.as_bytes();
    bytes.len() == 29
        && bytes[0] == b'C'
        && bytes[1..9].iter().all(u8::is_ascii_digit)
        && bytes[9..].iter().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_at_alipay_is_known_by_the_account_of_its_bills() {
        let (account, partner) = ("20882112345678900156", "2088211234567890");
        assert!(is_account(Channel::Alipay, account, partner));
        assert!(is_account(Channel::Alipay, account, account));
        assert!(!is_account(Channel::Alipay, account, "2088211234567891"));
        assert!(!is_account(Channel::WechatPay, account, partner));
    }

    #[test]
    fn our_numbers_are_told_from_those_of_others() {
        assert!(is_ours("C20260305ABCDEFGHJKLMNPQRSTUV"));
        for other in ["C20260305ABCDEFGHJKLMNPQRSTU", "C2026030500CDEFGHJKLMNPQRSTUV", "C2", ""] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
