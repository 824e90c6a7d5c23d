//! UnionPay.

use super::notices::{Heard, Listener};
use super::{Bench, NOON, bench, doubtful, unknown, unsigned, yuan};
use connectors::error::CallError;
use connectors::http::Effect;
use connectors::keys::Certificate;
use connectors::union_pay::codes::Call;
use connectors::union_pay::file::{self, FileOffer};
use connectors::union_pay::message::{Trust, Verifier};
use connectors::union_pay::notice::{self, About, Notice};
use connectors::union_pay::trade::{self, BackInstruction, TradeReport, TradeState};
use connectors::union_pay::zm::read_row;
use connectors::union_pay::{Account, OrderKey, Product, write_time};
use domain::{BusinessDate, Channel};
use practice::platform::Action;
use std::io::Read;

struct Shop {
    bench: Bench,
    account: Account,
    trust: Trust,
    time: String,
}

fn shop() -> Shop {
    let bench = bench(Channel::UnionPay, |settings| settings.union_pay_sales = 6);
    let fields = bench.setup().fields;
    let read = |name: &str| Certificate::parse(&fields[name]).expect("a certificate");
    let account = Account {
        mer_id: fields["mer_id"].clone(),
        cert_id: read("sign_cert_pem").serial_decimal().to_owned(),
        base: bench.base(),
        file_base: bench.base(),
        back_url: "http://www.specialUrl.com".into(),
        product: Product::QrCode,
    };
    let (middle, root) = (vec![read("middle_cert_pem")], read("root_cert_pem"));
    let trust = Trust { middle, roots: vec![root], test_environment: false };
    Shop { bench, account, trust, time: write_time(NOON) }
}

impl Shop {
    fn verifier(&self) -> Verifier<'_> {
        Verifier { trust: &self.trust, now_s: self.bench.now_ms() / 1000 }
    }

    fn order<'a>(&'a self, order_id: &'a str) -> OrderKey<'a> {
        OrderKey { order_id, txn_time: &self.time }
    }

    fn qr_code(&self, number: &str, fen: i64) -> Result<String, CallError> {
        let order = self.order(number);
        let request = trade::qr_code(&self.account, order, yuan(fen), &self.bench.key());
        let read = |a: &_| trade::read_qr_code(&self.verifier(), &self.account, order, a);
        self.bench.call(request, read)
    }

    fn query(&self, number: &str) -> Result<Option<TradeReport>, CallError> {
        let order = self.order(number);
        let request = trade::query(&self.account, order, &self.bench.key());
        let read = |a: &_| trade::read_query(&self.verifier(), &self.account, order, a);
        self.bench.call(request, read)
    }

    fn back(
        &self,
        call: Call,
        number: &str,
        id: &str,
        fen: i64,
    ) -> Result<Option<String>, CallError> {
        let order = self.order(number);
        let asked = BackInstruction { order, orig_query_id: id, amount: yuan(fen) };
        let request = match call {
            Call::Cancel => trade::cancel(&self.account, &asked, &self.bench.key()),
            _ => trade::refund(&self.account, &asked, &self.bench.key()),
        };
        let read = |a: &_| trade::read_back(&self.verifier(), &self.account, call, &asked, a);
        self.bench.call(request, read)
    }

    fn file(&self, day: BusinessDate) -> Result<FileOffer, CallError> {
        let now_ms = self.bench.now_ms();
        let request = file::request(&self.account, day, now_ms, &self.bench.key());
        let read = |a: &_| file::read(&self.verifier(), &self.account, day, a);
        self.bench.call(request, read)
    }

    fn paid(&self, number: &str) -> String {
        self.qr_code(number, 1000).unwrap();
        assert!(self.bench.platform.pay("union_pay", number));
        self.query(number).unwrap().unwrap().query_id.unwrap()
    }
}

#[test]
fn a_sale_is_paid_given_back_and_taken_back() {
    let shop = shop();
    assert_eq!(shop.query("SALE0001").unwrap(), None);
    assert!(shop.qr_code("SALE0001", 1000).unwrap().starts_with("https://qr.95516.com/"));
    assert_eq!(shop.query("SALE0001").unwrap().unwrap().state, TradeState::Pending);
    assert!(shop.bench.platform.pay("union_pay", "SALE0001"));
    let paid = shop.query("SALE0001").unwrap().unwrap();
    assert_eq!((paid.state, paid.amount), (TradeState::Succeeded, Some(yuan(1000))));
    let id = paid.query_id.unwrap();
    shop.back(Call::Refund, "BACK0001", &id, 300).unwrap();
    shop.bench.later(3000);
    assert_eq!(shop.query("BACK0001").unwrap().unwrap().state, TradeState::Succeeded);
    let over = shop.back(Call::Refund, "BACK0002", &id, 701).unwrap_err();
    assert_eq!(over.class(), "rejected", "{over:?}");
    let id = shop.paid("SALE0002");
    shop.back(Call::Cancel, "BACK0003", &id, 1000).unwrap();
    let twice = shop.back(Call::Cancel, "BACK0004", &id, 1000).unwrap_err();
    assert_eq!(twice.class(), "rejected", "{twice:?}");
}

#[test]
fn every_row_of_every_file_proves_itself() {
    let shop = shop();
    let mut rows = 0;
    for day in 15..=26 {
        let day = BusinessDate::parse(&format!("2026-01-{day}")).unwrap();
        let FileOffer::Ready { archive, .. } = shop.file(day).unwrap() else {
            panic!("{day} has sales")
        };
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
        let mut text = Vec::new();
        zip.by_index(0).unwrap().read_to_end(&mut text).unwrap();
        for line in text.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            read_row(line, day).unwrap_or_else(|why| panic!("{day}: {why:?}"));
            rows += 1;
        }
    }
    assert!(rows > 60, "{rows}");
    let before = BusinessDate::parse("2025-12-31").unwrap();
    assert_eq!(shop.file(before).unwrap(), FileOffer::Absent);
}

#[test]
fn every_fault_ends_in_doubt_and_a_repeat_never_gives_back_twice() {
    let shop = shop();
    let faults = unsigned().into_iter().chain([Action::ForeignCertificate]);
    let all = doubtful().into_iter().chain(faults.map(|action| (action, true)));
    let day = BusinessDate::parse("2026-01-20").unwrap();
    for (n, (action, was_done)) in all.enumerate() {
        let (sale, back) = (format!("SALE{n:04}"), format!("BACK{n:04}"));
        let id = shop.paid(&sale);
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Changes, &shop.back(Call::Refund, &back, &id, 600));
        assert_eq!(shop.query(&back).unwrap().is_some(), was_done, "{action:?}");
        // The same numbers again: done now, or known to be a repeat.
        assert_eq!(shop.back(Call::Refund, &back, &id, 600).is_ok(), !was_done, "{action:?}");
        let over = shop.back(Call::Refund, &format!("{back}X"), &id, 401);
        assert!(over.is_err(), "{action:?}: only 400 are left");
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.query(&sale));
        shop.bench.break_next(action.clone());
        unknown(&action, Effect::Reads, &shop.file(day));
    }
}

/// A shop whose payments and refunds name somebody on this computer, and who that is.
fn told_shop() -> (Shop, Listener) {
    let (mut shop, listener) = (shop(), Listener::new());
    shop.account.back_url.clone_from(&listener.url);
    (shop, listener)
}

impl Shop {
    fn read(&self, heard: &Heard) -> Result<Notice, CallError> {
        notice::read(&self.verifier(), &self.account, &heard.body)
    }
}

#[test]
fn a_sale_a_refund_and_a_cancellation_are_told_of_once_they_are_done() {
    let (shop, listener) = told_shop();
    let id = shop.paid("SALE0001");
    let paid = shop.read(&listener.only(1)).unwrap();
    assert_eq!((paid.about, paid.order_id.as_str()), (About::Payment, "SALE0001"));
    assert_eq!((paid.amount, paid.succeeded), (Some(yuan(1000)), true));
    assert_eq!((paid.txn_time.as_str(), paid.query_id), (shop.time.as_str(), Some(id.clone())));
    shop.back(Call::Refund, "BACK0001", &id, 300).unwrap();
    shop.bench.told(1);
    shop.bench.later(3000);
    let back = shop.read(&listener.only(2)).unwrap();
    assert_eq!((back.about, back.amount), (About::Refund, Some(yuan(300))));
    let id = shop.paid("SALE0002");
    shop.back(Call::Cancel, "BACK0002", &id, 1000).unwrap();
    listener.only(3);
    shop.bench.later(3000);
    let back = shop.read(&listener.only(4)).unwrap();
    assert_eq!((back.about, back.order_id.as_str()), (About::Cancel, "BACK0002"));
    // A code that nobody pays is told of to nobody.
    shop.qr_code("SALE0003", 1000).unwrap();
    shop.bench.later(86_400_000);
    shop.bench.told(4);
}

#[test]
fn a_notice_is_refused_unless_it_is_unionpays_and_reads_the_same_however_often_it_comes() {
    let (shop, listener) = told_shop();
    shop.bench.break_notices(1, Action::Twice);
    shop.paid("SALE0001");
    let twice = listener.wait(2);
    let [first, second] = [0, 1].map(|at| shop.read(&twice[at]).unwrap());
    assert_eq!(first, second);
    let wrong = unsigned().into_iter().chain([Action::ForeignCertificate, Action::Flip { bit: 9 }]);
    for (n, action) in wrong.enumerate() {
        shop.bench.break_notices(1, action.clone());
        shop.paid(&format!("SALE1{n:03}"));
        unknown(&action, Effect::Reads, &shop.read(&listener.only(3 + n)));
    }
    let (shop, listener) = told_shop();
    listener.answers("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    shop.paid("SALE0001");
    shop.bench.comes_again(&[60, 120, 240, 300]);
    let all = listener.wait(5);
    let first = shop.read(&all[0]).unwrap();
    assert!(all.iter().all(|heard| shop.read(heard).unwrap() == first), "the same notice");
    // A redirect is an answer too.
    listener.answers("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    let id = first.query_id.unwrap();
    shop.bench.later(-7 * 86_400_000);
    shop.back(Call::Refund, "BACK0001", &id, 300).unwrap();
    shop.bench.later(3000);
    listener.only(6);
    shop.bench.later(86_400_000);
    shop.bench.told(6);
}
