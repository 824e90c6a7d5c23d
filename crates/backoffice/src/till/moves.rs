//! What a record moves: a pure function of the record and the one it is about.

use super::kept::Kept;
use super::{Act, Tender};
use connectors::till::Moved;

/// Everything a record moves, in the order it happens; each is a line of its file.
pub(super) fn moves(of: &Kept, about: Option<&Kept>) -> Vec<Moved> {
    let minor = of.amount_minor;
    let line = |row: &str, minor: i64| row_of(of, about, row, minor);
    match of.act {
        Act::Receipt if of.tender == Tender::PrepaidCard => {
            vec![line("payment", minor), line("stored_value", -minor)]
        }
        Act::Receipt => sent_on(of, vec![line("payment", minor)], about),
        Act::Card => sent_on(of, vec![line("stored_value", minor)], about),
        Act::Breakage => vec![line("adjustment", minor), line("stored_value", -minor)],
        Act::Refund if of.tender == Tender::PrepaidCard => {
            vec![line("refund", -minor), line("stored_value", minor)]
        }
        Act::Refund if of.tender.straight_to_bank() => {
            vec![line("refund", -minor), line("payout", minor)]
        }
        Act::Refund => vec![line("refund", -minor)],
        Act::Float => vec![line("top_up", minor)],
        Act::Take => vec![line("transfer_out", -minor)],
        Act::Drop | Act::Deposit => vec![line("payout", -minor)],
        Act::Batch => {
            let fee = of.minor_fact("fee_minor");
            let fee_row = (fee != 0).then(|| line("payout_fee", -fee));
            fee_row.into_iter().chain([line("payout", fee - minor)]).collect()
        }
        Act::Count => {
            let over = of.minor_fact("over_minor");
            (over != 0).then(|| line("adjustment", over)).into_iter().collect()
        }
        Act::Bounce => bounced(of, about),
        Act::Reversal => about.map_or_else(Vec::new, |about| taken_back(of, about)),
    }
}

/// A transfer is on its way to the bank as soon as it is known.
fn sent_on(of: &Kept, mut rows: Vec<Moved>, about: Option<&Kept>) -> Vec<Moved> {
    if of.tender.straight_to_bank() {
        rows.push(row_of(of, about, "payout", -of.amount_minor));
    }
    rows
}

/// A cheque that was sent comes back, and pays nothing.
fn bounced(of: &Kept, about: Option<&Kept>) -> Vec<Moved> {
    let mut rows = Vec::new();
    let deposit = of.fact("deposit");
    if !deposit.is_empty() {
        let back = row_of(of, about, "payout_returned", of.amount_minor);
        rows.push(Moved { of: deposit.to_owned(), ..back });
    }
    rows.extend(about.map(|about| unpaid(of, about)));
    rows
}

/// What a receipt brought in is taken back: a sale, or a card's value.
fn unpaid(of: &Kept, about: &Kept) -> Moved {
    let row = if about.act == Act::Card { "stored_value" } else { "revoked" };
    row_of(of, Some(about), row, -about.amount_minor)
}

/// Every move of a record, the other way round; the last first.
fn taken_back(of: &Kept, about: &Kept) -> Vec<Moved> {
    let turned = |moved: &Moved| {
        let row = match moved.row.as_str() {
            "payment" => "revoked",
            "payout" => "payout_returned",
            "top_up" => "transfer_out",
            "transfer_out" => "top_up",
            same => same,
        };
        row_of(of, Some(about), row, -moved.minor)
    };
    moves(about, None).iter().rev().map(turned).collect()
}

fn row_of(of: &Kept, about: Option<&Kept>, row: &str, minor: i64) -> Moved {
    let said = |name: &str| {
        let own = of.fact(name);
        let other = about.map_or("", |about| about.fact(name));
        if own.is_empty() { other.to_owned() } else { own.to_owned() }
    };
    // The sale that is given back, whatever record stands between.
    let of_sale = match about {
        Some(about) if about.act == Act::Refund => about.fact("of_sale").to_owned(),
        Some(about) => about.number.clone(),
        None => of.fact("of_sale").to_owned(),
    };
    let bank_ref = [said("bank_ref"), said("cheque_no"), said("slip")];
    Moved {
        row: row.to_owned(),
        minor,
        at_ms: of.at_ms,
        of: if row == "payout_returned" {
            about.map_or(of_sale, |a| a.number.clone())
        } else {
            of_sale
        },
        order: of.order.clone(),
        refund: if row == "refund" { of.fact("refund_id").to_owned() } else { String::new() },
        payer: said("payer"),
        bank_ref: bank_ref.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        note: if of.reason.is_empty() { said("note") } else { of.reason.clone() },
    }
}
