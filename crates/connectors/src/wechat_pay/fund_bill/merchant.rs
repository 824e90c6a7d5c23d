//! Whose bill it is: the merchant number hidden in submitters and ledger numbers.

use domain::{BalanceKind, BalanceTransaction, BusinessDate};

/// Collects what rows say; a contradiction makes it unknown.
#[derive(Default)]
pub(super) struct Merchant {
    found: Option<String>,
    contradicted: bool,
}

impl Merchant {
    pub(super) fn look_at(&mut self, row: &BalanceTransaction) {
        let hidden = of_submitter(&row.submitter).or_else(|| of_ledger_number(row));
        let Some(number) = hidden else { return };
        match &self.found {
            None => self.found = Some(number.to_string()),
            Some(known) => self.contradicted |= known != number,
        }
    }

    pub(super) fn number(self) -> Option<String> {
        self.found.filter(|_| !self.contradicted)
    }
}

/// `1900000109API`, `clerk@1900000109`, `@1900000109`.
fn of_submitter(submitter: &str) -> Option<&str> {
    let number = match submitter.strip_suffix("API") {
        Some(number) => number,
        None => submitter.rsplit_once('@')?.1,
    };
    is_merchant_number(number).then_some(number)
}

/// Ledger numbers of payouts, top-ups and charges are merchant number, day, serial. Those of
/// sales and refunds are payment ids, which have a day at the same place.
fn of_ledger_number(row: &BalanceTransaction) -> Option<&str> {
    use BalanceKind::{AccountCharge, Payout, PayoutFee, PayoutReturned, TopUp, TransferOut};
    let own = [AccountCharge, Payout, PayoutFee, PayoutReturned, TopUp, TransferOut];
    if !own.contains(&row.kind) || row.ledger_ref == row.channel_ref {
        return None;
    }
    let number = row.ledger_ref.as_str();
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let day = BusinessDate::of_ms(row.at_ms).to_string().replace('-', "");
    let mut lengths = (8..=10).filter(|length| number.get(*length..*length + 8) == Some(&day));
    match (lengths.next(), lengths.next()) {
        (Some(length), None) => Some(&number[..length]),
        _ => None,
    }
}

fn is_merchant_number(text: &str) -> bool {
    (8..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
