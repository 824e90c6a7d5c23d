//! Money taken at the counter through the practice platform, and then the platform's own bill of
//! the day: what it leaves out, tells differently, or has under a number nobody here asked for.

use backoffice::channels::{self, Route, Setup, SyncRequest};
use backoffice::collect::{Collection, State, Wanted, ask, begin, counters, give_up};
use backoffice::decisions::Actor;
use backoffice::import::Watch;
use backoffice::{BusinessDate, Secret};
use practice::Options;
use practice::platform::{BillFault, BillTwist, Platform, Settings};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use store::Book;
use store::testing::TestBook;
use support::{Kind, breaks, new_book, reader};

/// 5 March 2026, 12:00 in the channel's zone: the shop's own season is long over.
const NOON_MS: i64 = 1_772_683_200_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

struct World {
    platform: Platform,
    now: Arc<AtomicI64>,
}

impl World {
    fn new() -> Self {
        let now = Arc::new(AtomicI64::new(NOON_MS));
        let clock = Arc::clone(&now);
        let options = Options { days: 2, size: 2, ..Options::default() };
        let settings = Settings::new(options, Arc::new(move || clock.load(Ordering::SeqCst)));
        Self { platform: Platform::start(settings).expect("a port is free"), now }
    }

    fn clock(&self) -> impl Fn() -> i64 + Sync {
        let now = Arc::clone(&self.now);
        move || now.load(Ordering::SeqCst)
    }

    fn at(&self, ms: i64) {
        self.now.store(ms, Ordering::SeqCst);
    }

    /// A book of one seat, connected to a channel.
    fn seat(&self, channel: &str) -> TestBook {
        let made = new_book(Kind::Sqlite);
        let setup = self.platform.setup(channel).expect("the platform speaks it");
        let setup = Setup::parse(&Secret::new(setup.to_json())).expect("a set-up file");
        let actor = Actor { name: "老板", at_ms: NOON_MS };
        let from = BusinessDate::of_ms(NOON_MS).days();
        channels::add(&made.book, &setup, "", Some(from), &actor).expect("it can be connected");
        made
    }

    /// A minute later somebody wants so much.
    fn begin(&self, book: &Book, amount_minor: i64) -> Collection {
        self.now.fetch_add(MINUTE_MS, Ordering::SeqCst);
        let found = counters(&mut reader(book)).expect("counters can be listed");
        let connection = found.first().expect("it is connected").connection;
        let nonce = format!("{amount_minor}");
        let wanted = Wanted { nonce, connection, amount_minor, note: String::new() };
        begin(book, &wanted, &net(), &self.clock(), "小王").expect("it begins")
    }

    fn paid(&self, book: &Book, channel: &str, amount_minor: i64) -> Collection {
        let begun = self.begin(book, amount_minor);
        assert!(self.platform.pay(channel, &begun.order_id), "{channel} {amount_minor}");
        let paid = ask(book, begun.id, &net(), &self.clock()).expect("it can be asked");
        assert_eq!(paid.state, State::Paid);
        paid
    }

    fn wrong(&self, channel: &str, stream: &str, until_ms: i64, twist: BillTwist) {
        let day = BusinessDate::of_ms(NOON_MS).to_string();
        let (channel, stream) = (channel.to_owned(), stream.to_owned());
        let from_ms = i64::MIN;
        self.platform.bill(BillFault { channel, stream, day, from_ms, until_ms, twist });
    }

    fn sync(&self, book: &Book) {
        let cancel = AtomicBool::new(false);
        let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
        let report = channels::sync(book, &net(), &self.clock(), &mut watch).expect("it runs");
        assert!(report.connections.iter().all(|done| done.failed == 0), "{report:?}");
    }
}

fn net() -> SyncRequest {
    SyncRequest { route: Route::Direct, force: true, ..SyncRequest::default() }
}

/// Kind, record, field and effect of what does not agree, but for bills among themselves.
fn told(book: &Book) -> Vec<(String, String, String, i64)> {
    let ours = |kind: &str| !kind.starts_with("missing");
    let mut found: Vec<_> = breaks(book)
        .into_iter()
        .filter(|found| ours(&found.kind))
        .map(|found| {
            let record = found.records.first().cloned().unwrap_or_default();
            (found.kind, record, found.field, found.effect_minor)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_the_channel_told_at_the_counter_is_held_against_its_own_bill() {
    for channel in ["wechat_pay", "alipay"] {
        let world = World::new();
        let (ours, other) = (world.seat(channel), world.seat(channel));
        let book = &ours.book;
        // In the order of the bill's rows.
        let as_told = world.paid(book, channel, 1_000);
        let absent = world.paid(book, channel, 2_000);
        let changed = world.paid(book, channel, 3_000);
        let closed = world.begin(book, 4_000);
        world.now.fetch_add(20 * MINUTE_MS, Ordering::SeqCst);
        let mut state = give_up(book, closed.id, &net(), &world.clock()).expect("asked").state;
        for _ in 0..3 {
            world.now.fetch_add(MINUTE_MS, Ordering::SeqCst);
            state = ask(book, closed.id, &net(), &world.clock()).expect("asked").state;
        }
        assert_eq!(state, State::Closed, "{channel}");
        assert!(!world.platform.pay(channel, &closed.order_id), "the channel says so");
        assert!(world.platform.pay_late(channel, &closed.order_id), "and takes the money");
        // Another seat, whose book nobody here sees.
        let unknown = world.paid(&other.book, channel, 5_000);

        // The next day's first bill: one sale is in neither, another one is told as a fen more.
        let until_ms = NOON_MS + 2 * DAY_MS;
        world.wrong(channel, "trade", until_ms, BillTwist::Missing { row: 1 });
        world.wrong(channel, "trade", until_ms, BillTwist::Changed { row: 2 });
        // A sale and its fee are two rows of the balance.
        world.wrong(channel, "fund", until_ms, BillTwist::Missing { row: 2 });
        world.at(NOON_MS + DAY_MS);
        world.sync(book);
        let differs = |kind: &str, record: &str, field: &str, effect_minor| {
            (kind.to_owned(), record.to_owned(), field.to_owned(), effect_minor)
        };
        let order = |one: &Collection| format!("order:{}", one.order_id);
        let stays = [
            differs("paid_after_close", &order(&closed), "status", 4_000),
            differs(
                "payment_without_order",
                &format!("payment:{}", unknown.channel_ref),
                "order",
                5_000,
            ),
        ];
        let mut first = vec![
            differs("amount_mismatch", &order(&changed), "amount", 1),
            differs("order_without_payment", &order(&absent), "payment", -2_000),
        ];
        first.extend(stays.clone());
        first.sort();
        assert_eq!(told(book), first, "{channel}, {}", as_told.order_id);

        // On the third day the bill is read again, and is right.
        world.at(NOON_MS + 3 * DAY_MS);
        world.sync(book);
        assert_eq!(told(book), stays, "{channel}");
        // What the other seat asked for is no secret to its own book.
        world.sync(&other.book);
        let of_other = told(&other.book);
        assert!(!of_other.iter().any(|one| one.1.contains(&unknown.channel_ref)), "{of_other:?}");
    }
}
