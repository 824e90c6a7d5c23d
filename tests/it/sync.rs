//! A sync through the channels' own protocols, against the practice platform.

use backoffice::channels::{self, DayState, Route, Setup, SyncReport, SyncRequest, coverage_of};
use backoffice::decisions::Actor;
use backoffice::import::{Progress, Watch};
use backoffice::practice_shop::{create_demo, create_demo_by_sync};
use backoffice::proof::{derived_hash, state_hash};
use backoffice::{BusinessDate, Secret};
use connectors::stripe::archive::Archive;
use practice::platform::{
    Action, AlipayKeys, BillFault, BillTwist, Fault, Platform, Settings, WechatKeys,
};
use practice::{Options, Plant};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::Book;
use store::testing::TestBook;
use support::{Kind, PracticeShop, import_paths, new_book, reader};

const HOUR_MS: i64 = 3_600_000;

/// A platform over a shop, and the clock both sides go by.
pub struct World {
    pub shop: PracticeShop,
    pub platform: Platform,
    now: Arc<AtomicI64>,
    pub first: i32,
    pub last: i32,
}

impl World {
    pub fn new(options: &Options, change: impl FnOnce(&mut Settings)) -> Self {
        let shop = PracticeShop::write(options);
        let day = |key: &str| {
            let text = shop.truth[key].as_str().expect("the truth names its days");
            BusinessDate::parse(text).expect("a day").days()
        };
        let (first, last) = (day("from"), day("to"));
        let now = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&now);
        let mut settings =
            Settings::new(options.clone(), Arc::new(move || clock.load(Ordering::SeqCst)));
        change(&mut settings);
        let platform = Platform::start(settings).expect("a port is free");
        let world = Self { shop, platform, now, first, last };
        world.at(last + 1, 14);
        world
    }

    pub fn at(&self, day: i32, hour: i64) {
        let midnight = BusinessDate::from_days(day).start_ms();
        self.now.store(midnight + hour * HOUR_MS, Ordering::SeqCst);
    }

    /// So many minutes go by.
    pub fn pass(&self, minutes: i64) {
        self.now.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }

    pub fn setup(&self, channel: &str) -> Setup {
        let setup = self.platform.setup(channel).expect("the platform speaks it");
        Setup::parse(&Secret::new(setup.to_json())).expect("a set-up file")
    }

    /// A set-up with other values; an empty one leaves its field out.
    pub fn setup_with(&self, channel: &str, fields: &[(&'static str, &str)]) -> Setup {
        let mut setup = self.platform.setup(channel).expect("the platform speaks it");
        for (name, value) in fields {
            setup.fields.insert(*name, (*value).to_owned());
        }
        Setup::parse(&Secret::new(setup.to_json())).expect("a set-up file")
    }

    pub fn connect(&self, book: &Book, channel: &str) -> i64 {
        let actor = Actor { name: "老板", at_ms: self.now.load(Ordering::SeqCst) };
        channels::add(book, &self.setup(channel), "", Some(self.first), &actor)
            .expect("it can be connected")
    }

    pub fn clock(&self) -> impl Fn() -> i64 + Sync {
        let now = Arc::clone(&self.now);
        move || now.load(Ordering::SeqCst)
    }

    pub fn sync(&self, book: &Book) -> SyncReport {
        self.sync_with(book, &mut |_| {}, &AtomicBool::new(false))
    }

    fn sync_with(
        &self,
        book: &Book,
        progress: &mut dyn FnMut(&Progress),
        cancel: &AtomicBool,
    ) -> SyncReport {
        let request = SyncRequest { force: true, route: Route::Direct, ..SyncRequest::default() };
        let mut watch = Watch { progress, cancel };
        channels::sync(book, &request, &self.clock(), &mut watch).expect("the sync runs")
    }

    /// A book with the same channels' files, imported, and the shop's and bank's beside them.
    pub fn by_files(&self) -> TestBook {
        let made = new_book(Kind::Sqlite);
        import_paths(
            &made.book,
            &[self.shop.path().join("wechat"), self.shop.path().join("alipay")],
        );
        self.rest(&made.book);
        made
    }

    pub fn rest(&self, book: &Book) {
        import_paths(book, &[self.shop.path().join("bank"), self.shop.path().join("shop")]);
    }

    pub fn states(&self, book: &Book, connection: i64) -> Vec<(String, i32, DayState)> {
        let mut reader = reader(book);
        let connection = channels::connection(&mut reader, connection).expect("it is there");
        let now_ms = self.now.load(Ordering::SeqCst);
        let (streams, _) = coverage_of(&mut reader, &connection, now_ms).expect("it can be read");
        let days = streams.into_iter().flat_map(|stream| {
            let name = stream.stream.clone();
            stream.days.into_iter().map(move |(day, state)| (name.clone(), day.days(), state))
        });
        days.collect()
    }
}

pub fn hashes(book: &Book) -> (String, String) {
    let mut reader = reader(book);
    (state_hash(&mut reader).expect("it can be read"), derived_hash(&mut reader).expect("it too"))
}

/// Source, name and bytes of every file that a book keeps.
pub fn kept(book: &Book) -> Vec<(String, String, Vec<u8>)> {
    let mut reader = reader(book);
    let mut files = Vec::new();
    let read = reader.query("select id, source, name from raw_document order by id", &[], |row| {
        files.push((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned()));
        Ok(())
    });
    read.expect("documents can be listed");
    let bytes = |(id, source, name)| {
        let bytes = store::chunk::bytes_of(&mut reader, id).expect("documents can be read");
        (source, name, bytes)
    };
    files.into_iter().map(bytes).collect()
}

/// Hash and size of every document, with the rows read from it.
fn documents(book: &Book) -> Vec<(String, i64, i64)> {
    let mut found = Vec::new();
    let sql = "select r.sha256, r.size_bytes, sum(d.rows_read) from raw_document r \
               join document d on d.raw_document_id = r.id group by r.sha256, r.size_bytes \
               order by r.sha256";
    let read = reader(book).query(sql, &[], |row| {
        found.push((row.text(0)?.to_owned(), row.int(1)?, row.int(2)?));
        Ok(())
    });
    read.expect("documents can be listed");
    found
}

/// Lines of trade bills that count.
pub fn counted(book: &Book) -> i64 {
    let mut rows = 0;
    let sql = "select count(*) from settlement_line l where not exists \
               (select 1 from superseded s where s.line_id = l.id)";
    let read = reader(book).query(sql, &[], |row| {
        rows = row.int(0)?;
        Ok(())
    });
    read.expect("lines can be counted");
    rows
}

/// Stripe's season as one document, put together without a call.
fn stripe_at_once(world: &World) -> Vec<(String, Vec<u8>)> {
    let from = BusinessDate::from_days(world.first).start_ms().div_euclid(1000);
    let until = world.now.load(Ordering::SeqCst).div_euclid(1000);
    let account = world.platform.stripe_account();
    let mut archive = Archive::new(account, from, until, until);
    let list = |kind: &str, payout: Option<&str>, within: std::ops::Range<i64>| {
        let mut list = world.platform.stripe_list(kind, payout).expect("Stripe has it");
        let items = list["data"].as_array_mut().expect("a list");
        items.retain(|item| within.contains(&item["created"].as_i64().expect("a time")));
        list
    };
    let bytes = |list: &Value| list.to_string().into_bytes();
    let span = || from..until;
    archive.rows(&bytes(&list("balance_transactions", None, span()))).expect("a list");
    let payouts = list("payouts", None, from..i64::MAX);
    archive.payouts(&bytes(&payouts)).expect("a list");
    for payout in payouts["data"].as_array().expect("a list") {
        let id = payout["id"].as_str().expect("an id");
        let own = list("balance_transactions", Some(id), 0..i64::MAX);
        archive.payout_rows(id, &bytes(&own)).expect("a list");
    }
    let balance = world.platform.stripe_balance().to_string().into_bytes();
    archive.balance(&balance).expect("a balance");
    let later = list("balance_transactions", None, until..i64::MAX);
    archive.later_rows(&bytes(&later)).expect("a list");
    assert!(archive.still_stands(&balance).expect("a balance"));
    archive.finish().into_iter().map(|file| (file.name, file.bytes)).collect()
}

/// Every move of Stripe's balance, and what each payout is made of, beside what the practice shop
/// did there.
fn stripe_is_as_it_happened(world: &World, book: &Book) {
    let list = |kind: &str, payout: Option<&str>| {
        let list = world.platform.stripe_list(kind, payout).expect("Stripe has it");
        list["data"].as_array().expect("a list").clone()
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let number = |value: &Value| value.as_i64().expect("a number");
    let rows = list("balance_transactions", None);
    let mut moved: Vec<_> = rows
        .iter()
        .map(|row| {
            (text(&row["id"]), number(&row["created"]), number(&row["net"]), -number(&row["fee"]))
        })
        .collect();
    moved.sort();
    let mut booked = Vec::new();
    let sql = "select t.ledger_ref, t.at_ms, t.amount_minor, t.fee_minor \
               from balance_transaction t join document d on d.id = t.id / 4294967296 \
               where d.kind = 'stripe_balance' order by t.ledger_ref";
    let read = reader(book).query(sql, &[], |row| {
        booked.push((row.text(0)?.to_owned(), row.int(1)? / 1000, row.int(2)?, row.int(3)?));
        Ok(())
    });
    read.expect("rows can be read");
    type Moved = (String, i64, i64, i64);
    let only = |one: &[Moved], other: &[Moved]| -> Vec<Moved> {
        one.iter().filter(|row| !other.contains(row)).cloned().collect()
    };
    assert_eq!((only(&booked, &moved), only(&moved, &booked)), (vec![], vec![]));
    assert_eq!(booked.len(), moved.len(), "every row once");
    let payouts = list("payouts", None);
    assert!(moved.len() > 150 && payouts.len() > 60, "{} and {}", moved.len(), payouts.len());
    for kind in ["charge", "refund", "adjustment", "stripe_fee", "payout"] {
        assert!(rows.iter().any(|row| row["type"] == kind), "no {kind} in the season");
    }
    for payout in &payouts {
        let id = text(&payout["id"]);
        let found = support::payouts(book).into_iter().find(|found| found.row.number == id);
        let found = found.unwrap_or_else(|| panic!("{id} is not in the books"));
        assert_eq!(found.row.amount_minor, number(&payout["amount"]), "{id}");
        let own = list("balance_transactions", Some(&id));
        let parts: i64 =
            own.iter().filter(|row| row["type"] != "payout").map(|row| number(&row["net"])).sum();
        let told: i64 = found.components.iter().map(|part| part.amount_minor).sum();
        assert_eq!((told, found.row.unexplained_minor), (parts, 0), "{id}");
    }
}

#[test]
fn ninety_days_through_the_protocols_give_the_books_that_the_files_give() {
    let options = Options { days: 90, size: 10, ..Options::default() };
    let world = World::new(&options, |settings| {
        settings.wechat_keys = WechatKeys::Certificates;
        settings.alipay_keys = AlipayKeys::Certificates;
        settings.alipay_sealed = true;
        settings.union_pay_sales = 2;
        settings.stripe_sales = 2;
    });
    let synced = new_book(Kind::Sqlite);
    let wechat = world.connect(&synced.book, "wechat_pay");
    for channel in ["alipay", "union_pay", "stripe"] {
        world.connect(&synced.book, channel);
    }
    // WeChat Pay gives bills out for three months only: who waits longer loses the first days.
    world.at(world.first + 45, 14);
    world.sync(&synced.book);
    world.at(world.last + 1, 14);
    let report = world.sync(&synced.book);
    world.rest(&synced.book);
    // UnionPay's files come from the platform's own hand. Stripe has none: one book has what the
    // sync kept of it, the other one document of Stripe's objects that no sync ever saw.
    let folder = tempfile::tempdir().expect("a folder");
    let by_files = |stripe: Vec<(String, Vec<u8>)>| {
        let made = world.by_files();
        let union_pay = world.platform.union_pay_files();
        assert!(union_pay.len() > 85, "{} files of UnionPay", union_pay.len());
        let cards = union_pay.into_iter().chain(stripe).map(|(name, bytes)| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("the folder can be written");
            path
        });
        import_paths(&made.book, &cards.collect::<Vec<_>>());
        made
    };
    let of_stripe = kept(&synced.book).into_iter().filter(|(source, ..)| source == "stripe");
    let kept_files = by_files(of_stripe.map(|(_, name, bytes)| (name, bytes)).collect());
    assert_eq!(documents(&synced.book), documents(&kept_files.book));
    assert_eq!(hashes(&synced.book), hashes(&kept_files.book));
    let files = by_files(stripe_at_once(&world));
    stripe_is_as_it_happened(&world, &synced.book);
    let same = |list: fn(&Book) -> Vec<String>| assert_eq!(list(&synced.book), list(&files.book));
    same(|book| {
        support::payouts(book)
            .iter()
            .map(|payout| format!("{:?} {:?}", payout.row, payout.components))
            .collect()
    });
    same(|book| {
        let told = |row: &backoffice::lists::BreakRow| {
            let said = (&row.records, &row.field, &row.expected, &row.found, row.effect_minor);
            format!("{} {} {said:?} {}", row.id, row.kind, row.state)
        };
        support::breaks(book).iter().map(told).collect()
    });
    same(|book| {
        let mut verdicts = Vec::new();
        let sql = "select a.channel || ' ' || c.stream || ' ' || c.day || ' ' || c.verdict \
                   from certificate c join channel_account a on a.id = c.account_id \
                   order by a.channel, a.account_no, a.fund_account, c.stream, c.day";
        let read = reader(book).query(sql, &[], |row| {
            verdicts.push(row.text(0)?.to_owned());
            Ok(())
        });
        read.expect("certificates can be listed");
        verdicts
    });
    // Documents are facts: with others for Stripe only what is derived can be the same.
    assert_eq!(hashes(&synced.book).1, hashes(&files.book).1);
    assert!(report.connections.iter().all(|done| !done.left), "{:?}", report.connections);

    // What is asked for again is what was not proven, and it changes nothing.
    let states = world.states(&synced.book, wechat);
    let open = |(_, day, state): &&(String, i32, DayState)| *day <= world.last && !state.is_whole();
    let again = world.sync(&synced.book);
    let asked = again.connections.iter().find(|done| done.connection == wechat);
    assert_eq!(asked.map(|done| done.asked), Some(states.iter().filter(open).count() as u64));
    assert_eq!(hashes(&synced.book), hashes(&kept_files.book));
    assert!(
        states
            .iter()
            .any(|(stream, _, state)| { stream == "fund:operation" && *state == DayState::Empty })
    );
}

fn small() -> Options {
    Options { days: 9, size: 5, planted: Plant::None, ..Options::default() }
}

#[test]
fn a_sync_that_is_stopped_anywhere_goes_on_to_the_same_books() {
    let world = World::new(&small(), |_| {});
    let whole = hashes(&world.by_files().book);
    for stop in 1..24 {
        let made = new_book(Kind::Sqlite);
        world.connect(&made.book, "wechat_pay");
        world.connect(&made.book, "alipay");
        let cancel = AtomicBool::new(false);
        let mut seen = 0;
        let mut progress = |_: &Progress| {
            seen += 1;
            cancel.store(seen >= stop, Ordering::Relaxed);
        };
        world.sync_with(&made.book, &mut progress, &cancel);
        let report = world.sync(&made.book);
        assert!(report.connections.iter().all(|done| done.failed == 0), "stopped at {stop}");
        world.rest(&made.book);
        assert_eq!(hashes(&made.book), whole, "stopped at {stop}");
    }
}

#[test]
fn a_bill_that_is_amended_becomes_a_revision_on_the_day_it_is_read_again() {
    let world = World::new(&small(), |_| {});
    let whole = hashes(&world.by_files().book);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    world.connect(&made.book, "alipay");
    let day = world.first + 3;
    let until_ms = BusinessDate::from_days(day + 2).start_ms();
    world.platform.bill(BillFault {
        channel: "wechat_pay".into(),
        stream: "trade".into(),
        day: BusinessDate::from_days(day).to_string(),
        from_ms: 0,
        until_ms,
        twist: BillTwist::Missing { row: 0 },
    });
    world.at(day + 1, 12);
    world.sync(&made.book);
    let proven = |state: DayState| {
        let states = world.states(&made.book, id);
        states.contains(&("trade".to_owned(), day, state))
    };
    assert!(proven(DayState::Proven), "it proves itself, and is not the last word");
    world.at(world.last + 1, 14);
    world.sync(&made.book);
    world.rest(&made.book);
    assert!(proven(DayState::Proven));
    assert_eq!(counted(&made.book), counted(&world.by_files().book));
    // Both bills are kept, so the facts differ; what is derived from them does not.
    let (state, derived) = hashes(&made.book);
    assert_ne!(state, whole.0);
    assert_eq!(derived, whole.1);
}

#[test]
fn what_is_wrong_with_keys_is_said_exactly() {
    let world = World::new(&small(), |_| {});
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let tried = |setup: &Setup, clock: &(dyn Fn() -> i64 + Sync)| {
        channels::try_keys(setup, &request, clock).expect("it can be tried")
    };
    let clock = world.clock();
    let fine = channels::check(&made.book, id, &request, &clock).expect("it can be tried");
    assert!(fine.is_fine() && fine.skew_ms == 0, "{fine:?}");

    let with = |name: &'static str, value: &str| world.setup_with("wechat_pay", &[(name, value)]);
    let without_certificate = |name: &'static str, value: &str| {
        world.setup_with("wechat_pay", &[("merchant_cert_pem", ""), (name, value)])
    };
    let said = |checked: &channels::Checked| (checked.code.clone(), checked.detail.clone());
    let serial = "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C";
    let own = "5F4E3D2C1B0A99887766554433221100AABBCCDD".to_owned();
    let wrong = tried(&with("serial_no", serial), &clock);
    assert_eq!(said(&wrong), ("serial_differs".into(), own), "seen without the channel");
    assert!(wrong.streams.is_empty());
    // Without the certificate only the channel can see it, and it has one code for both mistakes.
    let told = |setup: &Setup| said(&tried(setup, &clock));
    let refused = ("refused_key".to_owned(), "SIGN_ERROR".to_owned());
    assert_eq!(told(&without_certificate("serial_no", serial)), refused);
    let late = || clock() + 600_000;
    let off = tried(&world.setup("wechat_pay"), &late);
    assert!(off.is_fine() && (off.skew_ms + 600_000).abs() < 2_000, "{off:?}");
    let other = world.platform.setup("alipay").expect("the platform speaks it");
    let other = other.fields.get("private_key_pem").expect("it has a key");
    assert_eq!(told(&with("private_key_pem", other)).0, "key_differs");
    assert_eq!(told(&without_certificate("private_key_pem", other)), refused);
    let shop_public = include_str!("../../crates/practice/keys/wechat-shop.public.pem");
    assert_eq!(told(&with("public_key_pem", shop_public)).0, "own_public_key");
    assert_eq!(told(&with("serial_no", "")).0, "", "the certificate has it");
    let expired = world.clock()() + 30 * 365 * 86_400_000;
    assert_eq!(tried(&world.setup("wechat_pay"), &|| expired).code, "own_key_ended");
    let bad = with("private_key_pem", "CANARY");
    let error = channels::try_keys(&bad, &request, &clock).expect_err("no key at all");
    assert!(error.to_string().starts_with("private_key_pem"), "{error}");
    assert!(!error.to_string().contains("CANARY"));
}

#[test]
fn a_right_that_is_missing_for_one_bill_is_told_with_its_name() {
    let world = World::new(&small(), |_| {});
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let refuse = |code: &str| Action::Refuse {
        status: if code == "SIGN_ERROR" { 401 } else { 403 },
        code: code.to_owned(),
        message: "无权限".to_owned(),
    };
    let fault = |on: &str, code: &str| Fault {
        on: on.to_owned(),
        skip: 0,
        times: 99,
        action: refuse(code),
    };
    let tried = |channel: &str| {
        let checked = channels::try_keys(&world.setup(channel), &request, &world.clock());
        let checked = checked.expect("it can be tried");
        let lack = checked.streams.iter().filter(|stream| !stream.code.is_empty());
        let lack: Vec<String> = lack.map(|stream| stream.stream.clone()).collect();
        (checked.code, checked.streams.len(), lack)
    };
    assert_eq!(tried("wechat_pay"), (String::new(), 4, vec![]));
    world.platform.fault(fault("account_type=FEES", "NO_AUTH"));
    let fees = (vec!["fund:fees".to_owned()], "refused_permission".to_owned());
    assert_eq!(tried("wechat_pay"), (fees.1, 4, fees.0));
    world.platform.clear();
    world.platform.fault(fault("signcustomer", "isv.insufficient-isv-permissions"));
    assert_eq!(tried("alipay").2, ["fund"]);
    world.platform.clear();
    // What is wrong with the keys is wrong with every bill: one answer says it.
    world.platform.fault(fault("/v3/bill", "SIGN_ERROR"));
    assert_eq!(tried("wechat_pay").1, 1);
}

#[test]
fn card_sales_at_unionpay_and_stripe_are_synced_booked_and_explained() {
    let world = World::new(&small(), |settings| {
        settings.union_pay_sales = 4;
        settings.stripe_sales = 4;
    });
    let made = new_book(Kind::Sqlite);
    let union_pay = world.connect(&made.book, "union_pay");
    let stripe = world.connect(&made.book, "stripe");
    // In two halves, so that payouts and their lists cross from one sync to the next.
    world.at(world.first + 5, 22);
    world.sync(&made.book);
    world.at(world.last + 3, 22);
    let report = world.sync(&made.book);
    assert!(report.connections.iter().all(|done| done.failed == 0 && !done.left), "{report:?}");
    let files = &report.import.files;
    assert!(files.iter().all(backoffice::import::FileReport::is_whole), "{files:?}");
    for id in [union_pay, stripe] {
        let open =
            |(_, day, state): &(String, i32, DayState)| *day <= world.last && !state.is_whole();
        let states = world.states(&made.book, id);
        assert!(!states.iter().any(open), "{states:?}");
    }
    let mut payouts = std::collections::BTreeMap::new();
    let sql = "select a.channel, count(*), sum(case when p.unexplained_minor <> 0 then 1 else 0 end) \
               from payout p join channel_account a on a.id = p.account_id group by a.channel";
    let read = reader(&made.book).query(sql, &[], |row| {
        payouts.insert(row.text(0)?.to_owned(), (row.int(1)?, row.int(2)?));
        Ok(())
    });
    read.expect("payouts can be counted");
    for channel in ["union_pay", "stripe"] {
        let (count, open) = payouts.get(channel).copied().unwrap_or_default();
        assert!(count > 0 && open == 0, "{channel}: {count} payouts, {open} not explained");
    }
    let mut incomplete = Vec::new();
    let sql = "select a.channel || ' ' || c.stream || ' ' || c.day || ' ' || c.checks \
               from certificate c join channel_account a on a.id = c.account_id \
               where c.verdict <> 'complete' and a.channel in ('union_pay', 'stripe')";
    let read = reader(&made.book).query(sql, &[], |row| {
        incomplete.push(row.text(0)?.to_owned());
        Ok(())
    });
    read.expect("certificates can be listed");
    assert!(incomplete.is_empty(), "{incomplete:#?}");
    // Stripe says two days after the day it leaves, by its own midnight.
    let mut expected = Vec::new();
    let sql = "select p.promised_day, p.at_ms from payout p join channel_account a \
               on a.id = p.account_id where a.channel = 'stripe'";
    let read = reader(&made.book).query(sql, &[], |row| {
        expected.push((row.int(0)?, row.int(1)?.div_euclid(86_400_000) + 2));
        Ok(())
    });
    read.expect("payouts can be read");
    assert!(expected.iter().all(|(told, named)| told == named), "{expected:?}");
    let again = world.sync(&made.book);
    assert!(again.import.files.iter().all(|file| file.rows_new == 0), "nothing comes twice");
}

#[test]
fn the_demo_company_that_is_fetched_has_the_books_of_the_one_that_is_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let imported = create_demo(&place("files.suanpan"), 0, &mut |_| {}).expect("it is made");
    let fetched =
        create_demo_by_sync(&place("sync.suanpan"), 0, &mut |_| {}).expect("it is fetched");
    assert_eq!(hashes(fetched.book()), hashes(imported.book()));
    let list = channels::list(&mut reader(fetched.book())).expect("it can be read");
    assert_eq!(list.len(), 4, "one connection for each channel");
    assert!(list.iter().all(|connection| connection.paused));
    let cards = create_demo_by_sync(&place("cards.suanpan"), 2, &mut |_| {}).expect("with cards");
    let found = support::payouts(cards.book());
    for channel in ["wechat_pay", "alipay", "union_pay", "stripe"] {
        let own: Vec<_> = found.iter().filter(|p| p.row.channel == channel).collect();
        assert!(own.len() > 10, "{channel}: {} payouts", own.len());
    }
    [imported, fetched, cards].into_iter().for_each(backoffice::Office::close);
}

#[test]
fn a_bill_that_becomes_another_and_then_itself_again_ends_as_it_began() {
    let world = World::new(&small(), |_| {});
    let whole = hashes(&world.by_files().book);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    world.connect(&made.book, "alipay");
    let day = world.first;
    // On the third day after it the bill is short of a row; on the tenth it is whole again.
    let noon = |after: i32| BusinessDate::from_days(day + after).start_ms() + 12 * HOUR_MS;
    world.platform.bill(BillFault {
        channel: "wechat_pay".into(),
        stream: "trade".into(),
        day: BusinessDate::from_days(day).to_string(),
        from_ms: noon(2),
        until_ms: noon(8),
        twist: BillTwist::Missing { row: 0 },
    });
    world.at(day + 1, 14);
    world.sync(&made.book);
    let first = counted(&made.book);
    world.at(day + 3, 14);
    world.sync(&made.book);
    let second = counted(&made.book);
    world.at(day + 10, 14);
    world.sync(&made.book);
    world.rest(&made.book);
    assert!(first > 0 && second > 0);
    assert_eq!(hashes(&made.book).1, whole.1, "at the end the first bill counts");
    assert!(world.states(&made.book, id).contains(&("trade".to_owned(), day, DayState::Proven)));
}
