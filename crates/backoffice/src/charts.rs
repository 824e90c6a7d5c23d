//! Charts as drawings for paper: the window's own, from the same figures, in either language.

use crate::channel_names::channel_names;
use crate::error::Error;
use crate::home::expected as on_their_way;
use crate::lists::{UNCLEAR, money_map};
use crate::payouts::payout;
use crate::reports::{self, Clock, Grain, Span};
use crate::sums::Sum;
use documents::{
    BarKind, Chart, ChartBar, ChartBody, ChartPlace, ChartWeek, grouped, grouped_signed,
};
use domain::{BusinessDate, Currency};
use messages::{Lang, text};
use store::bulk::Reader;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartOf {
    /// From what buyers paid to what a payout brought; by its id or number.
    Waterfall(String),
    /// Where the money is.
    MoneyMap,
    /// Payouts on their way, by the day they are promised for.
    Expected,
    /// Money over time by one clock.
    Series(Clock, Grain, Span),
    /// Why two clocks differ.
    Bridge(Clock, Clock, Span),
    /// Payments by weekday and hour.
    Heat(Span),
}

/// A drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// What it is of; fit for a file's name.
    pub title: String,
    /// The drawing as SVG.
    pub svg: String,
}

/// Draws a chart. Equal figures give equal bytes.
///
/// # Errors
/// What reading its figures can say: see [`payout`], [`reports::series`], [`reports::bridge`].
pub fn draw(reader: &mut Reader, what: &ChartOf, lang: Lang) -> Result<Drawing, Error> {
    let chart = match what {
        ChartOf::Waterfall(id) => waterfall(reader, id, lang)?,
        ChartOf::MoneyMap => places(reader, lang)?,
        ChartOf::Expected => expected(reader, lang)?,
        ChartOf::Series(clock, grain, span) => series(reader, (*clock, *grain), *span, lang)?,
        ChartOf::Bridge(from, to, span) => bridge(reader, (*from, *to), *span, lang)?,
        ChartOf::Heat(span) => heat(reader, *span, lang)?,
    };
    let svg = documents::render_chart(&chart, lang)?;
    Ok(Drawing { title: chart.title, svg })
}

fn word(lang: Lang, key: &str) -> String {
    text(lang, key, &[])
}

fn decimals(currency: &str) -> u32 {
    Currency::from_code(currency).unwrap_or(Currency::CNY).decimals()
}

/// An amount with its currency: the yuan by its sign, others by their code.
fn amount(sum: &Sum) -> String {
    let figure = grouped(sum.amount_minor, decimals(&sum.currency));
    match sum.currency.as_str() {
        "CNY" => match figure.strip_prefix('\u{2212}') {
            Some(figure) => format!("\u{2212}¥{figure}"),
            None => format!("¥{figure}"),
        },
        code => format!("{code} {figure}"),
    }
}

fn days(span: Span) -> String {
    let (from, to) =
        (BusinessDate::from_days(span.from), BusinessDate::from_days(span.until).plus_days(-1));
    format!("{from} – {to}")
}

fn whole(name: String, minor: i64, currency: &str) -> ChartBar {
    let text = grouped(minor, decimals(currency));
    ChartBar { name, minor, text, kind: BarKind::Whole }
}

fn step(name: &str, words: String, minor: i64, currency: &str) -> ChartBar {
    let kind = if name == "unexplained" { BarKind::Question } else { BarKind::Step };
    let text = grouped_signed(minor, decimals(currency));
    ChartBar { name: words, minor, text, kind }
}

fn waterfall(reader: &mut Reader, id: &str, lang: Lang) -> Result<Chart, Error> {
    let found = payout(reader, id)?;
    let currency = &found.row.currency;
    let name = |code: &str| word(lang, &format!("ui.component.{code}"));
    let said = found
        .components
        .iter()
        .filter(|part| part.name != "unexplained" && (part.amount_minor != 0 || part.rows > 0));
    let mut bars: Vec<ChartBar> =
        said.map(|part| step(&part.name, name(&part.name), part.amount_minor, currency)).collect();
    let open = found.row.unexplained_minor;
    bars.push(step("unexplained", name("unexplained"), open, currency));
    bars.push(whole(name("paid"), found.row.amount_minor, currency));
    let channel = channel_names(reader)?.of(lang, &found.row.channel);
    let day = BusinessDate::from_days(found.row.day);
    Ok(Chart {
        title: format!("{} {}", word(lang, "ui.payout.waterfall"), found.row.number),
        note: format!("{channel} · {day} · {currency}"),
        body: ChartBody::Bars(bars),
    })
}

fn places(reader: &mut Reader, lang: Lang) -> Result<Chart, Error> {
    let found = money_map(reader, None)?;
    let found = found.iter().filter(|node| node.place != UNCLEAR);
    let places = found.map(|node| ChartPlace {
        name: word(lang, &format!("ui.node.{}", node.place)),
        about: word(lang, &format!("ui.node_about.{}", node.place)),
        amounts: node.amounts.iter().map(amount).collect(),
        last: node.place == "bank",
    });
    Ok(Chart {
        title: word(lang, "ui.home.money_map"),
        note: as_of(reader)?,
        body: ChartBody::Places(places.collect()),
    })
}

/// The last day any file covers.
fn as_of(reader: &mut Reader) -> Result<String, Error> {
    Ok(crate::lists::extent(reader)?.to.unwrap_or_default())
}

fn expected(reader: &mut Reader, lang: Lang) -> Result<Chart, Error> {
    let found = on_their_way(reader)?;
    // Currencies have no common measure: the longest bar of each is as long as that of another.
    const LONGEST: i128 = 1_000_000;
    let sums = || found.iter().flat_map(|day| &day.amounts);
    let length = |sum: &Sum| {
        let same = sums().filter(|other| other.currency == sum.currency);
        let most = i128::from(same.map(|other| other.amount_minor).max().unwrap_or(0).max(1));
        i64::try_from(i128::from(sum.amount_minor) * LONGEST / most).unwrap_or(0)
    };
    let bars = found.iter().flat_map(|day| {
        let date = BusinessDate::from_days(day.day).to_string();
        let late = if day.late { word(lang, "statement.chart.late") } else { String::new() };
        let name = format!("{date} {late}").trim_end().to_owned();
        let bar = move |sum| ChartBar {
            name: name.clone(),
            minor: length(sum),
            text: amount(sum),
            kind: BarKind::Whole,
        };
        day.amounts.iter().map(bar).collect::<Vec<_>>()
    });
    Ok(Chart {
        title: word(lang, "statement.chart.expected"),
        note: as_of(reader)?,
        body: ChartBody::Bars(bars.collect()),
    })
}

fn series(
    reader: &mut Reader,
    (clock, grain): (Clock, Grain),
    span: Span,
    lang: Lang,
) -> Result<Chart, Error> {
    let found = reports::series(reader, clock, grain, span)?;
    let name = word(lang, &format!("reports.clock.{}", clock.code()));
    let about = word(lang, &format!("reports.clock_about.{}", clock.code()));
    // The year stands in the note.
    let short = matches!(grain, Grain::Day | Grain::Hour);
    let bar = |step: &reports::Step| {
        let name = if short { step.name.get(5..) } else { None };
        whole(name.unwrap_or(&step.name).to_owned(), step.net_minor, &found.currency)
    };
    Ok(Chart {
        title: text(lang, "reports.by", &[("clock", &name), ("about", &about)]),
        note: format!("{} · {}", days(span), found.currency),
        body: ChartBody::Bars(found.steps.iter().map(bar).collect()),
    })
}

fn bridge(
    reader: &mut Reader,
    (from, to): (Clock, Clock),
    span: Span,
    lang: Lang,
) -> Result<Chart, Error> {
    let found = reports::bridge(reader, from, to, span)?;
    let clock = |code: &str| word(lang, &format!("reports.clock.{code}"));
    let mut bars = vec![whole(clock(found.from), found.from_minor, &found.currency)];
    bars.extend(found.lines.iter().map(|line| {
        let name = word(lang, &format!("reports.line.{}", line.name));
        step(&line.name, name, line.amount_minor, &found.currency)
    }));
    bars.push(whole(clock(found.to), found.to_minor, &found.currency));
    let ends = [("from", &*clock(found.from)), ("to", &*clock(found.to))];
    Ok(Chart {
        title: text(lang, "pages.bridge", &ends),
        note: format!("{} · {}", days(span), found.currency),
        body: ChartBody::Bars(bars),
    })
}

fn heat(reader: &mut Reader, span: Span, lang: Lang) -> Result<Chart, Error> {
    let mut counts = [[0; 24]; 7];
    for cell in reports::heat(reader, span)? {
        let row = counts.get_mut(cell.weekday as usize);
        if let Some(count) = row.and_then(|row| row.get_mut(cell.hour as usize)) {
            *count = cell.count;
        }
    }
    let day = |at: usize| word(lang, &format!("reports.weekday.{at}"));
    let ends = ["reports.less", "reports.more"].map(|key| word(lang, key));
    let days_of_week = std::array::from_fn(day);
    Ok(Chart {
        title: word(lang, "reports.heat_title"),
        note: format!("{} · {}", days(span), span.currency.code()),
        body: ChartBody::Week(Box::new(ChartWeek { days: days_of_week, counts, ends })),
    })
}
