//! Orders as they were fetched, kept as a file: nothing the platform said is lost, and the book is
//! made from the file as from any other.
//!
//! JSON, one value a line. First what and when; then each order as the platform sent it, followed
//! by a line for each further row it becomes (a second payment, a refund), so that every row of
//! the book has a line of its own; then the ids of orders that the shop no longer gives out; last
//! how many orders there are, without which the file is cut.
//!
//! ```text
//! {"format":"suanpan-shop-orders","version":1,"platform":"vendure","shop":"shop.example",…}
//! {"order":{"id":"5","code":"2BRBAZ8LPES61PLG",…}}
//! {"refund":"1"}
//! {"gone":"3"}
//! {"end":1}
//! ```

use super::amount::Number;
use super::facts::{Part, parts_of};
use super::{Platform, Sale, Terms, Unreadable};
use crate::bill::{Check, Closing, FileProblem, Listed, Row, RowProblem, Sink};
use crate::cells::row_problem;
use crate::error::json_problem;
use crate::lines::{LINE_LIMIT, Lines};
use domain::BusinessDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::ops::ControlFlow;

/// What the first line says it is.
pub const FORMAT: &str = "suanpan-shop-orders";
/// The version written, and the latest one read.
pub const VERSION: u32 = 1;
/// Longest order kept: a line has a limit.
pub const LONGEST_ORDER: usize = LINE_LIMIT - 1_024;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Code of the platform.
    pub platform: String,
    /// Host of the shop, with its port where it has one.
    pub shop: String,
    /// When the answers were had, UTC ms: of two words on an order the later counts.
    pub fetched_at_ms: i64,
    /// First instant of the time of placing that the file holds every order of, UTC ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_ms: Option<i64>,
    /// First instant after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
    /// How the orders are to be read.
    #[serde(default)]
    pub terms: Terms,
}

/// An order to keep: as the platform sent it, and its list of refunds where that is apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// JSON of the order, on one line.
    pub order: String,
    /// JSON of its refunds, on one line; empty where they stand in the order.
    pub refunds: String,
}

/// The bytes of a file: orders, and the ids of those that were asked for and not given out.
///
/// # Panics
/// Never: the parts are JSON already.
pub fn write(platform: Platform, head: &Head, orders: &[Kept], gone: &[String]) -> Vec<u8> {
    let mut text = serde_json::to_string(head).expect("plain fields always serialize");
    text.push('\n');
    for kept in orders {
        text.push_str("{\"order\":");
        text.push_str(&kept.order);
        if !kept.refunds.is_empty() {
            text.push_str(",\"refunds\":");
            text.push_str(&kept.refunds);
        }
        text.push_str("}\n");
        // An order nobody can read yet is kept too: a later version of the program may.
        let sale = platform.read_order(&head.terms, &kept.order, &kept.refunds);
        let parts = sale.map(|sale| parts_of(&head.shop, &head.terms, &sale)).unwrap_or_default();
        for (part, _) in &parts {
            let (word, id) = match part {
                Part::Order => continue,
                Part::Payment(id) => ("payment", id),
                Part::Refund(id) => ("refund", id),
            };
            text.push_str(&format!("{}\n", serde_json::json!({ word: id })));
        }
    }
    for id in gone {
        text.push_str(&format!("{}\n", serde_json::json!({ "gone": id })));
    }
    text.push_str(&format!("{{\"end\":{}}}\n", orders.len()));
    text.into_bytes()
}

/// True for the beginning of such a file.
pub(crate) fn is_archive(start: &str) -> bool {
    let first = start.lines().next().unwrap_or_default();
    let first = first.get(..200).unwrap_or(first);
    first.starts_with('{') && first.contains("\"suanpan-shop-orders\"")
}

#[derive(Default, Deserialize)]
struct WireLine<'a> {
    #[serde(borrow, default)]
    order: Option<&'a RawValue>,
    #[serde(borrow, default)]
    refunds: Option<&'a RawValue>,
    #[serde(default)]
    payment: Option<String>,
    #[serde(default)]
    refund: Option<String>,
    #[serde(default)]
    gone: Option<String>,
    #[serde(default)]
    end: Option<u64>,
}

/// An order whose further lines are still to come.
struct Waiting {
    line_no: u32,
    raw: String,
    parts: Result<Vec<(Part, crate::bill::Fact)>, Unreadable>,
    /// Lines of its further rows: what they name, and where.
    named: Vec<(Part, u32)>,
}

/// Reads a file.
///
/// # Errors
/// Any [`FileProblem`]; nothing of the file may be booked then.
pub fn read(reader: &mut dyn std::io::BufRead, sink: Sink<'_>) -> Result<Closing, FileProblem> {
    let mut lines = Lines::new(reader);
    let Some((_, first)) = lines.next()? else {
        return Err(FileProblem::Truncated { line_no: 0 });
    };
    let head = read_head(first)?;
    let platform = Platform::from_code(&head.platform)
        .ok_or_else(|| damaged(format!("unknown platform in line 1: {}", head.platform)))?;
    let listed = Listed::default();
    let mut reading = Reading { head: &head, rows: 0, orders: 0, listed, sink, waiting: None };
    let mut announced = None;
    while let Some((line_no, bytes)) = lines.next()? {
        if announced.is_some() {
            return Err(damaged(format!("line {line_no} stands behind the end")));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| FileProblem::Encoding { line_no, encoding: "UTF-8" })?;
        let line: WireLine<'_> = serde_json::from_str(text)
            .map_err(|error| damaged(format!("line {line_no} {}", json_problem(&error))))?;
        match line {
            WireLine { order: Some(order), refunds, .. } => {
                reading.flush()?;
                let refunds = refunds.map_or("", RawValue::get);
                reading.order(platform, line_no, text, (order.get(), refunds));
            }
            WireLine { payment: Some(id), .. } => reading.name(Part::Payment(id), line_no)?,
            WireLine { refund: Some(id), .. } => reading.name(Part::Refund(id), line_no)?,
            WireLine { gone: Some(id), .. } => {
                reading.flush()?;
                reading.listed.gone.push(id);
            }
            WireLine { end: Some(orders), .. } => {
                reading.flush()?;
                announced = Some(orders);
            }
            _ => return Err(damaged(format!("line {line_no} is none of this kind of file"))),
        }
    }
    let Some(announced) = announced else {
        return Err(FileProblem::Truncated { line_no: lines.line_no() });
    };
    let Reading { rows, orders, listed, .. } = reading;
    Ok(Closing { listed: Some(listed), ..closing(head, rows, (announced, orders)) })
}

/// The order that stands in a line of a file, or that a further row in it belongs to; `None` for
/// any other line, and for an order nobody can read.
pub fn sale_at(reader: &mut dyn std::io::BufRead, wanted: u32) -> Option<Sale> {
    let mut lines = Lines::new(reader);
    let (_, first) = lines.next().ok()??;
    let head = read_head(first).ok()?;
    let platform = Platform::from_code(&head.platform)?;
    let mut last: Option<String> = None;
    while let Ok(Some((line_no, bytes))) = lines.next() {
        if line_no > wanted {
            break;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        if text.starts_with("{\"order\"") {
            last = Some(text.to_owned());
        }
        if line_no == wanted {
            let line: WireLine<'_> = serde_json::from_str(last.as_deref()?).ok()?;
            let refunds = line.refunds.map_or("", RawValue::get);
            return platform.read_order(&head.terms, line.order?.get(), refunds).ok();
        }
    }
    None
}

/// When the orders of a file were fetched, UTC ms; `None` for what is no such file.
pub fn fetched_at_ms(reader: &mut dyn std::io::BufRead) -> Option<i64> {
    let mut lines = Lines::new(reader);
    let (_, first) = lines.next().ok()??;
    read_head(first).ok().map(|head| head.fetched_at_ms)
}

fn read_head(line: &[u8]) -> Result<Head, FileProblem> {
    let head: Head = serde_json::from_slice(line)
        .map_err(|error| damaged(format!("line 1 {}", json_problem(&error))))?;
    if head.format != FORMAT {
        return Err(FileProblem::Unknown { hint: Some("json".to_owned()) });
    }
    if head.version > VERSION {
        return Err(damaged(format!("version {} is newer than this program", head.version)));
    }
    Ok(head)
}

fn damaged(detail: String) -> FileProblem {
    let detail = detail.chars().filter(|c| !c.is_control()).take(200).collect();
    FileProblem::Damaged { detail }
}

struct Reading<'a, 's> {
    head: &'a Head,
    rows: u64,
    orders: u64,
    listed: Listed,
    sink: Sink<'s>,
    waiting: Option<Waiting>,
}

impl Reading<'_, '_> {
    fn order(
        &mut self,
        platform: Platform,
        line_no: u32,
        raw: &str,
        (order, refunds): (&str, &str),
    ) {
        let head = self.head;
        let sale = platform.read_order(&head.terms, order, refunds);
        let parts = sale.map(|sale| parts_of(&head.shop, &head.terms, &sale));
        self.orders += 1;
        self.listed.there.extend(id_of(order));
        // Only what a problem would show of it.
        let raw = raw.chars().take(4_000).collect();
        self.waiting = Some(Waiting { line_no, raw, parts, named: Vec::new() });
    }

    fn name(&mut self, part: Part, line_no: u32) -> Result<(), FileProblem> {
        match &mut self.waiting {
            Some(waiting) => waiting.named.push((part, line_no)),
            None => return Err(damaged(format!("line {line_no} belongs to no order"))),
        }
        Ok(())
    }

    /// Hands on the rows of the order read last.
    fn flush(&mut self) -> Result<(), FileProblem> {
        let Some(waiting) = self.waiting.take() else { return Ok(()) };
        let problem = |code, detail| row_problem((code, detail), &waiting.raw);
        let parts = match waiting.parts {
            Ok(parts) => parts,
            Err(Unreadable { code, detail }) => {
                return self.hand_on(waiting.line_no, Err(problem(code, detail)));
            }
        };
        let further: Vec<&Part> = parts.iter().skip(1).map(|(part, _)| part).collect();
        if further != waiting.named.iter().map(|(part, _)| part).collect::<Vec<_>>() {
            let detail = "payment / refund".to_owned();
            return self.hand_on(waiting.line_no, Err(problem("bad_row", detail)));
        }
        let places = waiting.named.iter().map(|(_, line_no)| *line_no);
        let places = std::iter::once(waiting.line_no).chain(places);
        for (line_no, (_, fact)) in places.zip(parts) {
            self.hand_on(line_no, Ok(fact))?;
        }
        Ok(())
    }

    fn hand_on(
        &mut self,
        line_no: u32,
        fact: Result<crate::bill::Fact, RowProblem>,
    ) -> Result<(), FileProblem> {
        self.rows += 1;
        match (self.sink)(Row { line_no, fact }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(FileProblem::Stopped),
        }
    }
}

/// The platform's id of an order, also of one that cannot be read.
fn id_of(order: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        id: Number,
    }
    serde_json::from_str::<Head>(order).ok().map(|head| head.id.0)
}

fn closing(head: Head, rows_read: u64, (announced, orders): (u64, u64)) -> Closing {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let days = head.from_ms.zip(head.until_ms).and_then(|(from, until)| whole_days(from, until));
    Closing {
        rows_read,
        account_no: Some(head.shop),
        days,
        // A look at some orders covers no day, whenever they were placed.
        days_announced: true,
        issued_at_ms: Some(head.fetched_at_ms),
        checks: vec![Check::yuan("row_count", count(announced), count(orders))],
        ..Closing::default()
    }
}

/// First and last day that lie whole in a span of time.
fn whole_days(from_ms: i64, until_ms: i64) -> Option<(BusinessDate, BusinessDate)> {
    // Beyond any calendar nothing is a day.
    let sound = 0..=4_102_444_800_000_i64;
    if !sound.contains(&from_ms) || !sound.contains(&until_ms) {
        return None;
    }
    let first = BusinessDate::of_ms(from_ms);
    let first = if first.start_ms() < from_ms { first.plus_days(1) } else { first };
    let last = BusinessDate::of_ms(until_ms).plus_days(-1);
    (first <= last).then_some((first, last))
}
