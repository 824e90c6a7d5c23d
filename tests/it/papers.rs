//! What leads home from an import's report, and charts as drawings.

use backoffice::charts::{ChartOf, draw};
use backoffice::files::file_rows;
use backoffice::payouts::{PayoutFilter, list_payouts};
use backoffice::reports::{Clock, Grain, Span, heat, series};
use backoffice::{Currency, Error, Lang};
use practice::Options;
use std::collections::BTreeMap;
use support::{BOTH, PracticeShop, import_paths, new_book, reader};

fn shop() -> PracticeShop {
    PracticeShop::write(&Options { days: 20, size: 6, ..Options::default() })
}

#[test]
fn every_number_of_new_rows_opens_as_many_rows_and_their_sums_are_those_of_the_file() {
    for kind in BOTH {
        let test = new_book(kind);
        let report = import_paths(&test.book, &shop().files());
        let mut reader = reader(&test.book);
        let mut opened = 0;
        for file in &report.files {
            let Some(document) = file.document else { continue };
            let (mut rows, mut cursor) = (Vec::new(), None);
            let whole = loop {
                let found = file_rows(&mut reader, document, cursor.as_deref(), 7).expect("rows");
                rows.extend(found.page.rows.clone());
                cursor.clone_from(&found.page.next);
                if cursor.is_none() {
                    break found;
                }
            };
            assert_eq!(whole.count as u64, file.rows_new + file.rows_changed, "{}", file.path);
            assert_eq!(rows.len() as i64, whole.count, "{}", file.path);
            assert!(rows.is_sorted_by(|one, next| one.line_no < next.line_no), "{}", file.path);
            let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
            for row in &rows {
                *sums.entry(&row.currency).or_default() += row.amount_minor;
            }
            let said: BTreeMap<&str, i64> =
                whole.sums.iter().map(|sum| (&*sum.currency, sum.amount_minor)).collect();
            assert_eq!(said, sums, "{}", file.path);
            opened += usize::from(whole.count > 0);
        }
        assert!(opened > 40, "{opened} files were opened");
        let unknown = file_rows(&mut reader, 999_999, None, 7);
        assert!(matches!(unknown, Err(Error::NotFound { what: "file", .. })), "{unknown:?}");
    }
}

#[test]
fn every_chart_is_drawn_from_the_figures_of_its_page_in_both_languages() {
    for kind in BOTH {
        let test = new_book(kind);
        import_paths(&test.book, &shop().files());
        let mut reader = reader(&test.book);
        let payout = list_payouts(&mut reader, &PayoutFilter::default(), None, 1).expect("payouts");
        let payout = payout.rows.first().expect("a payout");
        let from = backoffice::BusinessDate::parse("2026-01-18").expect("a day").days();
        let span = Span { from, until: from + 60, channel: None, currency: Currency::CNY };
        let days = series(&mut reader, Clock::Paid, Grain::Day, span).expect("a series");
        let cells = heat(&mut reader, span).expect("a week");
        let busy = cells.iter().filter(|cell| cell.count > 0).count();
        let boxes = |svg: &str| svg.matches("<rect ").count() - 1;
        for lang in Lang::ALL {
            let mut drawn = |what: ChartOf| draw(&mut reader, &what, lang).expect("a drawing");
            let waterfall = drawn(ChartOf::Waterfall(payout.id.clone()));
            let paid = backoffice::minor_to_major(payout.amount_minor, 2);
            assert!(waterfall.svg.replace(',', "").contains(&format!(">{paid}</text>")));
            assert!(waterfall.title.contains(&payout.number), "{}", waterfall.title);
            let by_day = drawn(ChartOf::Series(Clock::Paid, Grain::Day, span));
            assert_eq!(boxes(&by_day.svg), days.steps.len());
            let week = drawn(ChartOf::Heat(span));
            assert_eq!(boxes(&week.svg), 7 * 24 + 6);
            let white = week.svg.matches("fill=\"#f2f0ea\"").count();
            assert_eq!(7 * 24 - white, busy);
            let bridge = drawn(ChartOf::Bridge(Clock::Paid, Clock::InBank, span));
            assert!(boxes(&bridge.svg) > 3);
            let map = drawn(ChartOf::MoneyMap);
            assert!(map.svg.contains('¥'), "{}", map.svg);
            drawn(ChartOf::Expected);
        }
        let unknown = draw(&mut reader, &ChartOf::Waterfall("none".to_owned()), Lang::En);
        assert!(matches!(unknown, Err(Error::NotFound { what: "payout", .. })));
    }
}
