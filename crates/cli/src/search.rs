//! `search`.

use crate::args::Common;
use crate::json;
use crate::output::Output;
use crate::problem::{Exit, Problem};
use crate::show::{Table, amount, date};
use crate::unlock;
use backoffice::search::{Hit, rebuild, search as find};
use clap::Args;
use serde_json::json;

/// Options of `search`.
#[derive(Args)]
pub struct SearchArgs {
    /// What to look for.
    #[arg(required_unless_present = "rebuild", value_name = "WORD")]
    pub words: Vec<String>,
    /// Make the search index again from every line.
    #[arg(long, conflicts_with = "words")]
    pub rebuild: bool,
    /// Rows of each kind.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=200)
    )]
    pub limit: u32,
}

/// Lines that answer every word, by kind, the newest first.
///
/// # Errors
/// What opening and reading can say.
pub fn search(common: &Common, args: &SearchArgs, output: &mut Output) -> Result<Exit, Problem> {
    let office = unlock::open(common, output)?;
    if args.rebuild {
        let lines = rebuild(office.book())?;
        if output.json {
            output.value(&json!({ "lines": lines }))?;
        } else {
            output.say("cli.search.rebuilt", &[("lines", &lines.to_string())])?;
        }
        return Ok(Exit::Fine);
    }
    let found = find(&mut office.reader()?, &args.words.join(" "), args.limit)?;
    if output.json {
        let groups: Vec<_> = found
            .groups
            .iter()
            .map(|group| {
                let hits: Vec<_> = group.hits.iter().map(json::hit).collect();
                json!({ "kind": group.kind, "more": group.more, "hits": hits })
            })
            .collect();
        output.value(&json!({ "groups": groups }))?;
        return Ok(Exit::Fine);
    }
    let columns = ["kind", "day", "channel", "number", ">amount", "what", "evidence", "found_by"];
    let mut table = Table::new(output, &columns);
    let mut more = false;
    for group in found.groups {
        more |= group.more;
        let kind = output.word(&format!("search.kind.{}", group.kind));
        for hit in group.hits {
            table.row(cells(&kind, hit, output));
        }
    }
    if table.len() == 0 {
        output.say("cli.nothing", &[])?;
        return Ok(Exit::Fine);
    }
    table.show(output)?;
    if more {
        output.say("search.more", &[])?;
    }
    Ok(Exit::Fine)
}

/// The place is what `evidence` takes.
fn cells(kind: &str, hit: Hit, output: &Output) -> [String; 8] {
    [
        kind.to_owned(),
        date(hit.day),
        match hit.channel.as_str() {
            "" => String::new(),
            channel => output.channel(channel),
        },
        hit.number,
        hit.amount_minor.map_or_else(String::new, |minor| amount(minor, &hit.currency)),
        hit.title,
        format!("{}:{}", hit.document, hit.line_no),
        output.word(&format!("cli.matched.{}", hit.matched)),
    ]
}
