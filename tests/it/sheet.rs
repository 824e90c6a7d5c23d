//! The till's day on paper, and prepaid cards with their moves.

use crate::till::{NOON_MS, Shop, about, cash, counted, paid, wanted};
use backoffice::statements::Format;
use backoffice::till::{
    Act, SheetOf, Tender, TillProblem, Wanted, card_moves, cards, day_sheet, make_day_sheet,
};
use backoffice::{BusinessDate, Lang};
use support::{BOTH, Kind, reader};

fn today() -> SheetOf {
    SheetOf { day: BusinessDate::of_ms(NOON_MS), till: None }
}

/// A day with every tender, after a day with some cash.
fn busy_day(kind: Kind) -> Shop {
    let shop = Shop::new(kind);
    let yesterday = Wanted { at_ms: Some(NOON_MS - 86_400_000), ..cash("y", 15_000) };
    shop.does(&yesterday);
    shop.does(&wanted("f", Act::Float, 20_000));
    let sale = shop.does(&Wanted { order: "5001".to_owned(), ..cash("a", 12_850) });
    let wrong = shop.does(&cash("b", 3_000));
    shop.does(&about("x", Act::Reversal, &wrong));
    shop.does(&Wanted { amount_minor: Some(850), ..about("r", Act::Refund, &sale) });
    let mut card = Wanted { act: Act::Card, ..cash("c", 50_000) };
    card.facts.insert("card".to_owned(), "8801".to_owned());
    shop.does(&card);
    shop.does(&paid("p", Tender::PrepaidCard, 12_000, &[("card", "8801")]));
    let slip = [("batch", "000123"), ("last4", "1234")];
    shop.does(&Wanted { account: "T0001".to_owned(), ..paid("s", Tender::PosSlip, 26_800, &slip) });
    let payer = [("payer", "杭州某某贸易有限公司")];
    shop.does(&paid("t", Tender::CorporateRemittance, 380_000, &payer));
    let mut batch = Wanted { account: "T0001".to_owned(), ..Wanted::new("k", Act::Batch) };
    batch.facts.insert("batch".to_owned(), "000123".to_owned());
    batch.facts.insert("fee_minor".to_owned(), "161".to_owned());
    shop.does(&batch);
    shop.does(&wanted("d", Act::Drop, 60_000));
    shop.does(&counted("n", "100x3 50x1 10x1 5x1 1x3 0.5x4", "找零多给"));
    shop
}

#[test]
fn a_day_sheet_leads_from_the_morning_to_the_count_and_to_the_bank() {
    for kind in BOTH {
        let shop = busy_day(kind);
        let sheet =
            day_sheet(&mut reader(shop.book()), &today(), Lang::Zh, "某某咖啡").expect("a sheet");
        let tenders: Vec<_> = sheet
            .tenders
            .iter()
            .map(|row| {
                let figures = [row.taken_minor, row.back_minor, row.cards_minor, row.net_minor()];
                (row.tender.code(), row.account.as_str(), row.receipts, figures)
            })
            .collect();
        assert_eq!(
            tenders,
            [
                ("cash", "1", 2, [12_850, -850, 50_000, 62_000]),
                ("pos_slip", "T0001", 1, [26_800, 0, 0, 26_800]),
                ("corporate_remittance", "1", 1, [380_000, 0, 0, 380_000]),
                ("prepaid_card", "1", 1, [12_000, 0, 0, 12_000]),
            ]
        );
        let till = &sheet.cash[0];
        assert_eq!(
            [till.opening_minor, till.taken_minor, till.back_minor, till.moved_minor],
            [15_000, 62_850, -850, 20_000]
        );
        assert_eq!([till.sent_minor, till.over_minor, till.closing_minor], [-60_000, 0, 37_000]);
        assert_eq!(till.closing_minor, shop.in_hand(Tender::Cash));
        assert_eq!(
            (sheet.counts[0].expected_minor, sheet.counts[0].counted_minor),
            (37_000, 37_000)
        );
        let sent: Vec<_> =
            sheet.sent.iter().map(|row| (row.tender.code(), row.amount_minor)).collect();
        assert_eq!(sent, [("pos_slip", 26_639), ("cash", 60_000)]);
        assert_eq!(sheet.records.0, 12);
    }
}

#[test]
fn a_day_sheet_is_the_same_bytes_each_time_in_every_form_and_language() {
    let shop = busy_day(Kind::Sqlite);
    let make = |format, lang| {
        make_day_sheet(&mut reader(shop.book()), &today(), lang, "某某咖啡", format)
            .expect("a file")
    };
    for lang in [Lang::Zh, Lang::En] {
        for (format, start) in
            [(Format::Pdf, &b"%PDF-"[..]), (Format::Xlsx, b"PK"), (Format::Csv, b"\xEF\xBB\xBF")]
        {
            let bytes = make(format, lang);
            assert!(bytes.starts_with(start), "{format:?}");
            assert_eq!(bytes, make(format, lang), "{format:?}");
            if let Ok(folder) = std::env::var("SUANPAN_SHEETS") {
                let name = format!("sheet-{}.{}", lang.code(), format.code());
                std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("written");
            }
        }
    }
    let csv = String::from_utf8(make(Format::Csv, Lang::En)).expect("UTF-8");
    assert!(csv.contains("Cash by till,Cash,1,At closing,,370.00"), "{csv}");
    let empty = SheetOf { day: today().day.plus_days(-30), till: Some("9".to_owned()) };
    let made = make_day_sheet(&mut reader(shop.book()), &empty, Lang::En, "某某咖啡", Format::Pdf);
    assert!(made.expect("a day without records has a sheet too").starts_with(b"%PDF-"));
}

#[test]
fn a_card_opens_with_its_moves_and_what_is_owed_no_more_becomes_income() {
    for kind in BOTH {
        let shop = busy_day(kind);
        let spent = shop.does(&paid("q", Tender::PrepaidCard, 8_000, &[("card", "8801")]));
        shop.does(&Wanted { amount_minor: Some(3_000), ..about("z", Act::Refund, &spent) });
        let breakage = |nonce: &str, amount_minor: Option<i64>, reason: &str| {
            let mut wanted = Wanted { amount_minor, ..Wanted::new(nonce, Act::Breakage) };
            wanted.facts.insert("card".to_owned(), "8801".to_owned());
            Wanted { reason: reason.to_owned(), ..wanted }
        };
        assert!(shop.try_to(&breakage("w", None, "")).is_err(), "nobody said why");
        let much = breakage("v", Some(33_001), "三年未用");
        assert_eq!(shop.refuses(&much), TillProblem::CardShort);
        let broken = shop.does(&breakage("u", None, "三年未用，按章程转收入"));
        assert_eq!(shop.of(&broken).amount_minor, 33_000);
        assert_eq!(shop.on("liabilities:stored_value"), 0);
        assert_eq!(shop.on("revenues:adjustments:prepaid_card:1"), -33_000);
        let moves = card_moves(&mut reader(shop.book()), "8801").expect("its moves");
        let told: Vec<_> =
            moves.iter().map(|m| (m.act.code(), m.amount_minor, m.balance_minor)).collect();
        assert_eq!(
            told,
            [
                ("breakage", -33_000, 0),
                ("refund", 3_000, 33_000),
                ("receipt", -8_000, 30_000),
                ("receipt", -12_000, 38_000),
                ("card", 50_000, 50_000),
            ]
        );
        assert_eq!(cards(&mut reader(shop.book())).expect("cards")[0].balance_minor, 0);
        // The holder came after all.
        shop.does(&about("back", Act::Reversal, &broken));
        assert_eq!(shop.on("liabilities:stored_value"), -33_000);
        assert_eq!(shop.on("revenues:adjustments:prepaid_card:1"), 0);
        assert!(card_moves(&mut reader(shop.book()), "9999").is_err());
        shop.holds();
    }
}
