//! Keys that change: both sets are whole, both are believed, the newest signs unless the channel
//! refuses it, and there is a way back until the old ones are retired or end.

use crate::sync::World;
use backoffice::channels::{
    self, Connection, Route, SyncReport, SyncRequest, renew, retire_keys, use_keys,
};
use backoffice::decisions::Actor;
use backoffice::dto::ConnectionView;
use practice::platform::AlipayKeys;
use practice::{Options, Plant};
use store::Book;
use store::bulk::{Cell, Writer};
use support::{Kind, new_book, reader};

const DAY_MS: i64 = 86_400_000;
const NEXT_WECHAT: &str = include_str!("../../crates/practice/keys/wechat-next.public.pem");
const NEXT_ALIPAY: &str = include_str!("../../crates/practice/keys/alipay-next.public.pem");
const NEXT_CERTIFICATE: &str = include_str!("../../crates/practice/keys/alipay-next.pem");
const ENDED: &str = include_str!("../../crates/practice/keys/alipay-expired.pem");
const ROOT: &str = include_str!("../../crates/practice/keys/alipay-root.pem");
/// A private key that is not the merchant's at WeChat Pay: not accepted there, or not yet.
const OTHER_KEY: &str = include_str!("../../crates/practice/keys/alipay-shop.key.pem");

fn world(alipay_keys: AlipayKeys) -> World {
    let options = Options { days: 3, size: 2, planted: Plant::None, ..Options::default() };
    World::new(&options, |settings| settings.alipay_keys = alipay_keys)
}

fn request() -> SyncRequest {
    SyncRequest { route: Route::Direct, ..SyncRequest::default() }
}

fn tried(world: &World, book: &Book, id: i64) -> String {
    channels::check(book, id, &request(), &world.clock()).expect("it can be tried").code
}

fn known(book: &Book, id: i64) -> Connection {
    channels::connection(&mut reader(book), id).expect("it is there")
}

fn change(world: &World, book: &Book, (id, channel): (i64, &str), to: &[(&'static str, &str)]) {
    let actor = Actor { name: "老板", at_ms: world.clock()() };
    renew(book, id, &world.setup_with(channel, to), &actor).expect("new keys are kept");
}

fn failed(report: &SyncReport) -> u64 {
    report.connections.iter().map(|done| done.failed).sum()
}

/// Fields of a set-up and what they become.
type Fields<'a> = &'a [(&'static str, &'a str)];

#[test]
fn while_a_channels_own_key_changes_answers_under_either_are_believed() {
    let next_id = "PUB_KEY_ID_0119000001092026060100000000000000";
    let (keys, certificates) = (AlipayKeys::PublicKey, AlipayKeys::Certificates);
    let wechat = [("public_key_id", next_id), ("public_key_pem", NEXT_WECHAT)];
    let changes: [(&str, AlipayKeys, Fields<'_>); 3] = [
        ("wechat_pay", keys, &wechat),
        ("alipay", keys, &[("alipay_public_key_pem", NEXT_ALIPAY)]),
        ("alipay", certificates, &[("alipay_cert_pem", NEXT_CERTIFICATE)]),
    ];
    for (channel, mode, to) in changes {
        let world = world(mode);
        let made = new_book(Kind::Sqlite);
        let id = world.connect(&made.book, channel);
        // The merchant has taken the next key; the channel still signs with the present one.
        change(&world, &made.book, (id, channel), to);
        assert_eq!(tried(&world, &made.book, id), "", "{channel}: the old one is believed");
        assert_eq!(failed(&world.sync(&made.book)), 0, "{channel}");
        assert!(world.platform.rotate(channel));
        assert_eq!(tried(&world, &made.book, id), "", "{channel}: the new one is believed");
        let sets = known(&made.book, id).credentials;
        assert_eq!(sets.len(), 2);
        let older = &sets[1];
        retire_keys(&made.book, id, older.id).expect("the change is over");
        assert_eq!(tried(&world, &made.book, id), "", "{channel}: it stands by itself");
        assert_eq!(known(&made.book, id).credentials.len(), 1);
    }
}

#[test]
fn new_keys_that_the_channel_does_not_take_yet_leave_the_signing_to_the_old_ones() {
    let world = world(AlipayKeys::PublicKey);
    let made = new_book(Kind::Sqlite);
    let book = &made.book;
    let id = world.connect(book, "wechat_pay");
    let to = [("merchant_cert_pem", ""), ("private_key_pem", OTHER_KEY)];
    change(&world, book, (id, "wechat_pay"), &to);
    assert_eq!(tried(&world, book, id), "refused_key", "the try is of the new ones alone");
    let report = world.sync(book);
    let done = &report.connections[0];
    assert!(done.files > 0 && done.failed == 0 && done.other_signs, "{done:?}");
    assert_eq!(known(book, id).check_code, "other_signs", "and it is told");

    // The way back: whole, with its own serial number and certificate.
    let sets = known(book, id).credentials;
    let (new, old) = (&sets[0], &sets[1]);
    assert!(retire_keys(book, id, new.id).is_err(), "those that sign cannot be retired");
    use_keys(book, id, old.id).expect("the way back");
    assert_eq!((tried(&world, book, id), known(book, id).credentials[0].id), ("".into(), old.id));
    world.pass(24 * 60);
    assert!(!world.sync(book).connections[0].other_signs);
    let views = ConnectionView::all(book, world.clock()()).expect("it can be read");
    let states: Vec<&str> = views[0].1.keys.iter().map(|keys| keys.state.as_str()).collect();
    assert_eq!(states, ["signs", "stands_by"]);
    retire_keys(book, id, new.id).expect("those that were refused go");
    assert_eq!(tried(&world, book, id), "");
    // Nobody is believed for keys that are gone.
    change(&world, book, (id, "wechat_pay"), &to);
    retire_keys(book, id, old.id).expect("the old ones go");
    world.pass(24 * 60);
    assert_eq!(failed(&world.sync(book)), 1, "and nobody else signs");
}

#[test]
fn a_change_ends_by_itself_when_the_old_keys_end() {
    let world = world(AlipayKeys::PublicKey);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    change(&world, &made.book, (id, "wechat_pay"), &[]);
    let sets = known(&made.book, id).credentials;
    let (new, old) = (&sets[0], &sets[1]);
    let now_ms = world.clock()();
    ends_at(&made.book, old.id, now_ms + DAY_MS);
    world.sync(&made.book);
    assert_eq!(known(&made.book, id).credentials.len(), 2, "a day before its end it stands by");
    world.pass(24 * 60);
    world.sync(&made.book);
    let left: Vec<i64> = known(&made.book, id).credentials.iter().map(|keys| keys.id).collect();
    assert_eq!(left, [new.id]);
    ends_at(&made.book, new.id, now_ms);
    world.sync(&made.book);
    assert_eq!(known(&made.book, id).credentials.len(), 1, "those that sign are never taken away");
}

fn ends_at(book: &Book, keys: i64, until_ms: i64) {
    let mut writer = Writer::open(book).expect("it can be written");
    let mut loader = writer.begin().expect("it begins");
    let sql = "update credential set until_ms = $2 where id = $1";
    loader.execute(sql, &[Cell::Int(keys), Cell::Int(until_ms)]).expect("it is written");
    loader.commit().expect("it is kept");
}

#[test]
fn the_end_of_keys_is_told_once_at_each_mark_whatever_days_the_shop_is_closed() {
    let world = world(AlipayKeys::PublicKey);
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "alipay");
    let now_ms = world.clock()();
    ends_at(&made.book, known(&made.book, id).credentials[0].id, now_ms + 200 * DAY_MS);
    let mut told = std::collections::BTreeSet::new();
    let mut said = Vec::new();
    // Never open on the very day of a mark.
    for days_left in [150, 88, 87, 29, 28, 6, 3, 0, -1, -5] {
        let at_ms = now_ms + (200 - days_left) * DAY_MS;
        let views = ConnectionView::all(&made.book, at_ms).expect("it can be read");
        let news = views[0].1.to_tell().into_iter().filter(|tell| tell.what.starts_with("keys"));
        for tell in news.filter(|tell| told.insert(tell.key.clone())) {
            said.push((days_left, tell.what));
        }
    }
    let said: Vec<(i64, &str)> = said.iter().map(|(days, what)| (*days, what.as_str())).collect();
    let soon = "keys_soon";
    assert_eq!(said, [(88, soon), (29, soon), (6, soon), (-1, "keys_ended")]);
}

#[test]
fn keys_end_with_the_first_certificate_they_need_and_old_roots_say_nothing() {
    let world = world(AlipayKeys::Certificates);
    let made = new_book(Kind::Sqlite);
    let end_ms = 2_524_521_600_000;
    for channel in ["wechat_pay", "alipay", "union_pay"] {
        let id = world.connect(&made.book, channel);
        assert_eq!(known(&made.book, id).credentials[0].until_ms, Some(end_ms), "{channel}");
    }
    let roots = format!("{ROOT}\n{ENDED}");
    let id = channels::list(&mut reader(&made.book)).expect("a list")[1].id;
    change(&world, &made.book, (id, "alipay"), &[("root_cert_pem", &roots)]);
    let now = known(&made.book, id).credentials[0].until_ms;
    assert_eq!(now, Some(end_ms), "an old root that nothing leads to");
}

#[test]
fn fetched_certificates_of_the_channel_end_too() {
    let options = Options { days: 3, size: 2, planted: Plant::None, ..Options::default() };
    let world = World::new(&options, |settings| {
        settings.wechat_keys = practice::platform::WechatKeys::Certificates;
    });
    let made = new_book(Kind::Sqlite);
    let id = world.connect(&made.book, "wechat_pay");
    assert_eq!(known(&made.book, id).their_until_ms, None);
    world.sync(&made.book);
    let until_ms = known(&made.book, id).their_until_ms.expect("they were fetched");
    let at = |days: i64| {
        let views = ConnectionView::all(&made.book, until_ms - days * DAY_MS);
        let view = &views.expect("it can be read")[0].1;
        view.needs.iter().any(|need| need.what == "their_keys_soon")
    };
    assert!(!at(40) && at(20));
}
