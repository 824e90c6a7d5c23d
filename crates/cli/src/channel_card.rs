//! What `channel list` says of each channel's money, and `channel health` of each stream.

use crate::import::now_ms;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amounts, bare_amount, date, time};
use backoffice::Office;
use backoffice::channels::{self, ASKS_KEPT, Asks, Business, Fed, StreamDays, coverage_of};
use backoffice::fees::FeeCheck;
use backoffice::sums::Sum;
use serde_json::{Value, json};

/// How the last asks of a stream went, into a stream's object.
pub fn asks_json(of: &StreamDays, into: &mut Value) {
    let Asks { asked, failed, last_fine_ms, last_failed } = &of.asks;
    into["backlog"] = of.backlog().into();
    into["asked"] = (*asked).into();
    into["failed"] = (*failed).into();
    into["last_fine_ms"] = (*last_fine_ms).into();
    let (at_ms, code) = last_failed.clone().unzip();
    into["last_failed_ms"] = at_ms.into();
    into["last_failed_code"] = code.into();
}

/// The business of a channel; what the book does not know is null.
pub fn json_of(found: &Business) -> Value {
    let sums = |sums: &[Sum]| {
        let sum = |sum: &Sum| json!({ "currency": sum.currency, "amount_minor": sum.amount_minor });
        sums.iter().map(sum).collect::<Vec<_>>()
    };
    let received = found.received.as_ref().map(|(day, of_day)| {
        let amount = |sum: &backoffice::transactions::Sums| {
            json!({ "currency": sum.currency, "payments": sum.count,
                "amount_minor": sum.amount_minor })
        };
        json!({ "date": date(*day), "amounts": of_day.iter().map(amount).collect::<Vec<_>>() })
    });
    let last = found.last.as_ref().map(|row| {
        json!({ "id": row.id, "date": date(row.day), "currency": row.currency,
            "amount_minor": row.amount_minor, "state": row.state, "status": row.status(),
            "bank_date": row.bank_day.map(date) })
    });
    let next = found.next.as_ref().map(|next| {
        json!({ "date": date(next.day), "standing": next.standing,
            "amounts": sums(&next.amounts) })
    });
    let fees = found.fees.as_ref().map(|fees| {
        json!({ "payments": fees.payments, "currency": fees.currency,
            "settled_minor": fees.settled_minor, "charged_minor": fees.charged_minor,
            "recomputed_minor": fees.recomputed_minor,
            "difference_minor": fees.difference_minor(), "observed_ppm": fees.effective_ppm,
            "contract_ppm": fees.rate_ppm })
    });
    json!({ "channel": found.channel.code(), "fed": found.fed.code(), "received": received,
        "payout_last": last, "payout_next": next, "fees": fees,
        "proven_until": found.proven_until.map(date) })
}

/// The same in words, a line each.
///
/// # Errors
/// Standard output's.
pub fn say(found: &Business, output: &mut Output) -> Result<(), Problem> {
    if let Some((day, of_day)) = &found.received {
        let of_day: Vec<Sum> = of_day
            .iter()
            .map(|sum| Sum { currency: sum.currency.clone(), amount_minor: sum.amount_minor })
            .collect();
        let values = [("day", &*date(*day)), ("amounts", &amounts(&of_day))];
        output.say("cli.channel.card.received", &values)?;
    }
    if let Some(row) = &found.last {
        let amount =
            amounts(&[Sum { currency: row.currency.clone(), amount_minor: row.amount_minor }]);
        let values = [("day", &*date(row.day)), ("amount", &amount)];
        output.say("cli.channel.card.payout_last", &values)?;
    }
    if let Some(next) = &found.next {
        let standing = output.word(&format!("cli.channel.card.standing.{}", next.standing));
        let values = [
            ("day", &*date(next.day)),
            ("amounts", &amounts(&next.amounts)),
            ("standing", &standing),
        ];
        output.say("cli.channel.card.payout_next", &values)?;
    }
    if let Some(fees) = &found.fees {
        say_fees(fees, output)?;
    }
    // A channel that is asked has its proven day beside its name.
    if let (Some(day), true) = (found.proven_until, found.fed != Fed::Network) {
        output.say("cli.channel.card.proven_until", &[("day", &date(day))])?;
    }
    Ok(())
}

fn say_fees(fees: &FeeCheck, output: &mut Output) -> Result<(), Problem> {
    let contract = match fees.rate_ppm {
        Some(rate) => output.fill("cli.channel.card.contract", &[("rate", &percent(rate))]),
        None => output.word("cli.channel.card.contract_unknown"),
    };
    let values = [
        ("observed", &*percent(fees.effective_ppm)),
        ("contract", &contract),
        ("difference", &bare_amount(fees.difference_minor(), &fees.currency)),
    ];
    output.say("cli.channel.card.fees", &values)
}

/// `6000` parts per million as `0.60 %`.
fn percent(ppm: i64) -> String {
    format!("{}.{:02}%", (ppm + 50) / 10_000, (ppm + 50) / 100 % 100)
}

/// `channel health`: how asking each stream of each connection went.
///
/// # Errors
/// The database's.
pub fn health(office: &Office, output: &mut Output) -> Result<Exit, Problem> {
    let mut reader = office.reader()?;
    let mut found = Vec::new();
    for connection in channels::list(&mut reader)? {
        let (streams, _) = coverage_of(&mut reader, &connection, now_ms())?;
        found.extend(streams.into_iter().map(|stream| (connection.clone(), stream)));
    }
    if output.json {
        let told = found.iter().map(|(connection, stream)| {
            let mut told = json!({ "connection": connection.id, "name": connection.name,
                "kind": connection.kind.code(), "stream": stream.stream,
                "proven_until": stream.proven_until.map(|day| day.to_string()) });
            asks_json(stream, &mut told);
            told
        });
        let streams: Vec<Value> = told.collect();
        output.value(&json!({ "asks_kept": ASKS_KEPT, "streams": streams }))?;
        return Ok(Exit::Fine);
    }
    if found.is_empty() {
        output.say("cli.channel.say.none", &[])?;
        return Ok(Exit::Fine);
    }
    let columns =
        ["connection", "stream", "last_fine", "last_failed", ">failed_of", ">backlog", "why"];
    let mut table = Table::new(output, &columns);
    for (connection, stream) in &found {
        let asks = &stream.asks;
        let (failed_ms, code) = asks.last_failed.clone().unzip();
        let at = |at_ms: Option<i64>| at_ms.map_or_else(|| "–".to_owned(), time);
        table.row([
            connection.name.clone(),
            output.word(&format!("channels.stream.{}", stream.stream)),
            at(asks.last_fine_ms),
            at(failed_ms),
            match asks.asked {
                0 => output.word("cli.channel.health.no_data"),
                asked => format!("{}/{asked}", asks.failed),
            },
            stream.backlog().to_string(),
            code.map_or_else(String::new, |code| output.word(&format!("channels.trouble.{code}"))),
        ]);
    }
    table.show(output)?;
    Ok(Exit::Fine)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn parts_per_million_are_read_as_per_cent() {
        assert_eq!(percent(6000), "0.60%");
        assert_eq!(percent(5_999), "0.60%");
        assert_eq!(percent(12_345), "1.23%");
    }
}
