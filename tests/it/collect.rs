//! Taking money at the counter, against the practice platform: what was asked for stands in the
//! book before anything is sent, and only the channel's own word makes it paid or closed.

use backoffice::channels::{self, Route, Setup, SyncRequest};
use backoffice::collect::{
    Collection, State, Wanted, ask, begin, collected_on, collection, counters, drawing, follow,
    give_up, open_collections,
};
use backoffice::decisions::Actor;
use backoffice::{BusinessDate, Error, Secret};
use practice::Options;
use practice::platform::{Action, AlipayKeys, Fault, Platform, Settings, WechatKeys};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::testing::TestBook;
use support::{Kind, new_book, reader};

const NOON_MS: i64 = 1_772_683_200_000;

/// A counter with a book, a platform, and the clock both sides go by.
struct Desk {
    test: TestBook,
    platform: Platform,
    now: Arc<AtomicI64>,
}

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let now = Arc::new(AtomicI64::new(NOON_MS));
        let clock = Arc::clone(&now);
        let options = Options { days: 2, size: 2, ..Options::default() };
        let mut settings = Settings::new(options, Arc::new(move || clock.load(Ordering::SeqCst)));
        change(&mut settings);
        let platform = Platform::start(settings).expect("a port is free");
        let desk = Self { test: new_book(Kind::Sqlite), platform, now };
        for channel in ["wechat_pay", "alipay"] {
            let setup = desk.platform.setup(channel).expect("the platform speaks it");
            let setup = Setup::parse(&Secret::new(setup.to_json())).expect("a set-up file");
            let actor = Actor { name: "老板", at_ms: NOON_MS };
            channels::add(&desk.test.book, &setup, "", None, &actor).expect("it can be connected");
        }
        desk
    }

    fn clock(&self) -> impl Fn() -> i64 + Sync {
        let now = Arc::clone(&self.now);
        move || now.load(Ordering::SeqCst)
    }

    fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    fn wanted(&self, channel: &str, nonce: &str, amount_minor: i64) -> Wanted {
        let found = counters(&mut reader(&self.test.book)).expect("counters can be listed");
        let counter = found.into_iter().find(|counter| counter.channel == channel);
        let connection = counter.expect("it is connected").connection;
        let (nonce, note) = (nonce.to_owned(), "拿铁 × 2".to_owned());
        Wanted { nonce, connection, amount_minor, note }
    }

    fn begin(&self, channel: &str, nonce: &str) -> Collection {
        let wanted = self.wanted(channel, nonce, 2_850);
        let begun = begin(&self.test.book, &wanted, &net(), &self.clock(), "小王");
        begun.expect("it begins")
    }

    fn ask(&self, id: i64) -> Collection {
        ask(&self.test.book, id, &net(), &self.clock()).expect("it can be asked")
    }

    fn give_up(&self, id: i64) -> Collection {
        give_up(&self.test.book, id, &net(), &self.clock()).expect("it can be given up")
    }

    fn calls(&self, part: &str) -> usize {
        let calls = self.platform.calls();
        calls.iter().filter(|call| format!("{call:?}").contains(part)).count()
    }
}

fn net() -> SyncRequest {
    SyncRequest { route: Route::Direct, ..SyncRequest::default() }
}

fn fault(on: &str, action: Action) -> Fault {
    Fault { on: on.to_owned(), skip: 0, times: 1, action }
}

/// What a channel's call to show a code says, and what one to close it says.
const MAKES: [(&str, &str, &str); 2] = [
    ("wechat_pay", "transactions/native", "/close"),
    ("alipay", "alipay.trade.precreate", "alipay.trade.close"),
];

#[test]
fn a_buyer_scans_and_pays_and_the_counter_learns_it() {
    for (channel, ..) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        assert_eq!((begun.state, begun.made_by.as_str()), (State::Waiting, "小王"));
        assert!(drawing(&begun).expect("a code").contains("<svg"), "{channel}");
        assert_eq!(desk.ask(begun.id).state, State::Waiting);
        assert!(desk.platform.pay(channel, &begun.order_id), "{channel}");
        let paid = desk.ask(begun.id);
        assert_eq!((paid.state, paid.next_at_ms), (State::Paid, None), "{channel}");
        assert!(!paid.channel_ref.is_empty() && paid.paid_at_ms.is_some());
        // What is paid stays so, whatever is pressed.
        assert_eq!(desk.give_up(begun.id).state, State::Paid);
        let today = BusinessDate::of_ms(NOON_MS);
        let listed = collected_on(&mut reader(&desk.test.book), today).expect("a list");
        assert_eq!(listed, [collection(&mut reader(&desk.test.book), begun.id).expect("it")]);
        assert!(open_collections(&mut reader(&desk.test.book)).expect("a list").is_empty());
    }
}

#[test]
fn the_channel_is_asked_by_itself_until_it_says_paid() {
    let desk = Desk::with(|settings| settings.pays_after_ms = Some(9_000));
    let begun = desk.begin("wechat_pay", "one");
    let now = Arc::clone(&desk.now);
    let mut wait = |ms| {
        now.fetch_add(i64::try_from(ms).unwrap_or(500), Ordering::SeqCst);
    };
    let book = &desk.test.book;
    let paid = follow(book, begun.id, &net(), &desk.clock(), &mut wait, &mut |_| false);
    assert_eq!(paid.expect("an end").state, State::Paid);
    let asked = desk.calls("GET /v3/pay/transactions/out-trade-no") as i64;
    assert!((4..=6).contains(&asked), "every two seconds for nine: {asked}");
}

#[test]
fn what_nobody_pays_is_closed_at_the_channel_when_its_time_is_over() {
    for (channel, _, close) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        desk.pass(10 * 60_000 + 1_000);
        let ended = desk.ask(begun.id);
        assert_eq!(ended.state, State::Closed, "{channel}");
        // WeChat Pay says by itself that it is closed; Alipay has to be told.
        assert_eq!(desk.calls(close), usize::from(channel == "alipay"));
        assert!(!desk.platform.pay(channel, &begun.order_id), "nobody can pay it any more");
    }
}

#[test]
fn what_is_given_up_is_closed_and_asked_once_more_where_nobody_had_scanned_it() {
    for (channel, ..) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        let closed = desk.give_up(begun.id);
        assert_eq!(closed.state, State::Closed, "{channel}");
        // Alipay knows of no trade before a code is scanned, so its word is not the last one.
        assert_eq!(closed.next_at_ms.is_some(), channel == "alipay");
        desk.pass(12 * 60_000);
        for open in open_collections(&mut reader(&desk.test.book)).expect("a list") {
            assert_eq!(desk.ask(open.id).next_at_ms, None);
        }
        assert!(open_collections(&mut reader(&desk.test.book)).expect("a list").is_empty());
    }
}

#[test]
fn an_answer_lost_after_the_order_was_made_leaves_one_order_and_a_code() {
    for (channel, make, _) in MAKES {
        for action in [
            Action::ResetAfter,
            Action::StatusAfter { status: 502 },
            Action::Html,
            Action::WrongSignature,
            Action::Truncated { bytes: 10 },
        ] {
            let desk = Desk::new();
            desk.platform.fault(fault(make, action.clone()));
            let begun = desk.begin(channel, "one");
            assert_eq!(begun.state, State::Waiting, "{channel} {action:?}");
            assert_eq!(desk.calls(make), 2, "asked by its number, then the same again");
            assert!(desk.platform.pay(channel, &begun.order_id));
            assert_eq!(desk.ask(begun.id).state, State::Paid, "{channel} {action:?}");
        }
    }
}

#[test]
fn while_nobody_knows_the_outcome_it_is_said_so_and_asked_again_with_the_same_number() {
    for (channel, make, _) in MAKES {
        let desk = Desk::new();
        desk.platform.fault(Fault { times: 9, ..fault("", Action::ResetAfter) });
        let begun = desk.begin(channel, "one");
        assert_eq!((begun.state, begun.code.as_str()), (State::Unknown, ""), "{channel}");
        assert!(!begun.trouble.is_empty() && begun.next_at_ms.is_some());
        let open = open_collections(&mut reader(&desk.test.book)).expect("a list");
        assert_eq!(open.len(), 1);
        desk.platform.clear();
        let found = desk.ask(begun.id);
        assert_eq!((found.state, found.order_id), (State::Waiting, begun.order_id), "{channel}");
        assert!(desk.calls(make) >= 2);
    }
}

#[test]
fn a_payment_that_arrives_while_it_is_closed_is_not_lost() {
    for (channel, _, close) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        // Paid in the very moment somebody gives up: the channel refuses to close it.
        assert!(desk.platform.pay(channel, &begun.order_id));
        let found = desk.give_up(begun.id);
        assert_eq!(found.state, State::Paid, "{channel}");
        assert_eq!(desk.calls(close), 1);
    }
}

#[test]
fn an_answer_lost_while_closing_is_asked_for_before_anything_is_said() {
    for (channel, _, close) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        // Neither the closing nor the question after it is answered.
        desk.platform.fault(fault(close, Action::ResetBefore));
        desk.platform.fault(fault("query", Action::ResetBefore));
        desk.platform.fault(fault("GET /v3/pay", Action::ResetBefore));
        let closing = desk.give_up(begun.id);
        assert!(!closing.state.is_final() || channel == "wechat_pay", "{channel} {closing:?}");
        desk.platform.clear();
        let closed = desk.ask(begun.id);
        assert_eq!(closed.state, State::Closed, "{channel}");
        assert!(!desk.platform.pay(channel, &begun.order_id));
    }
}

#[test]
fn without_a_network_nothing_was_sent_and_the_same_number_goes_out_later() {
    for (channel, make, _) in MAKES {
        let desk = Desk::new();
        let nowhere = SyncRequest {
            route: Route::Proxy("http://127.0.0.1:9".to_owned()),
            ..SyncRequest::default()
        };
        let wanted = desk.wanted(channel, "one", 2_850);
        let book = &desk.test.book;
        let begun = begin(book, &wanted, &nowhere, &desk.clock(), "小王").expect("it is kept");
        assert_eq!(begun.state, State::NotSent, "{channel} {begun:?}");
        assert_eq!(desk.calls(make), 0);
        let found = desk.ask(begun.id);
        assert_eq!((found.state, found.order_id), (State::Waiting, begun.order_id));
    }
}

#[test]
fn pressing_twice_asks_the_buyer_once() {
    let desk = Desk::new();
    let first = desk.begin("wechat_pay", "the same press");
    let second = desk.begin("wechat_pay", "the same press");
    assert_eq!(first.order_id, second.order_id);
    assert_eq!(desk.calls("POST /v3/pay/transactions/native"), 1);
    let other = desk.begin("wechat_pay", "another press");
    assert_ne!(first.order_id, other.order_id);
}

#[test]
fn what_the_program_died_over_is_asked_for_when_it_comes_back() {
    // The platform made the order, and the program died before it could keep what it heard: what
    // is in the book is what was kept before sending.
    for (channel, make, _) in MAKES {
        let desk = Desk::new();
        let begun = desk.begin(channel, "one");
        let mut writer = store::bulk::Writer::open(&desk.test.book).expect("a writer");
        let mut loader = writer.begin().expect("a transaction");
        loader
            .execute("update collection set state = 'sending', code = '', shown_at_ms = null", &[])
            .expect("as it stood before the answer");
        loader.commit().expect("it is kept");
        let open = open_collections(&mut reader(&desk.test.book)).expect("a list");
        assert_eq!(open.len(), 1, "{channel}");
        let found = desk.ask(open[0].id);
        assert_eq!((found.state, found.order_id), (State::Waiting, begun.order_id));
        assert_eq!(desk.calls(make), 2, "the same words under the same number");
    }
}

#[test]
fn certificates_and_sealed_content_serve_at_the_counter_too() {
    let desk = Desk::with(|settings| {
        settings.wechat_keys = WechatKeys::Certificates;
        settings.alipay_keys = AlipayKeys::Certificates;
        settings.alipay_sealed = true;
    });
    let mut numbers = HashSet::new();
    for (channel, ..) in MAKES {
        let begun = desk.begin(channel, channel);
        assert_eq!(begun.state, State::Waiting, "{channel} {begun:?}");
        assert!(desk.platform.pay(channel, &begun.order_id));
        assert!(desk.platform.rotate(channel), "the channel takes its next key");
        assert_eq!(desk.ask(begun.id).state, State::Paid, "{channel}");
        numbers.insert(begun.order_id);
    }
    assert_eq!(numbers.len(), 2);
}

#[test]
fn an_amount_no_channel_takes_leaves_no_number_behind() {
    let desk = Desk::new();
    for amount_minor in [0, -5, 10_000_000_001] {
        let wanted = desk.wanted("wechat_pay", "one", amount_minor);
        let begun = begin(&desk.test.book, &wanted, &net(), &desk.clock(), "小王");
        assert!(matches!(begun, Err(Error::BadInput { field: "amount", .. })), "{begun:?}");
    }
    assert!(open_collections(&mut reader(&desk.test.book)).expect("a list").is_empty());
}
