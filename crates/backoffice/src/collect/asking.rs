//! The calls of a counter, and what each answer makes of a collection.

use super::kept::{News, collection, keep, learn};
use super::{Collection, MINUTES, State, Wanted};
use crate::channels::check::trouble_code;
use crate::channels::client::{Asked, Client, Keyed, Line, Seen};
use crate::channels::{Clock, SyncRequest, connection, credentials};
use crate::decisions::Actor;
use crate::error::Error;
use crate::statements::company_name;
use connectors::error::CallError;
use connectors::transport::Transport;
use domain::{Currency, Money};
use store::Book;
use store::bulk::Reader;

/// Time between two questions once the channel's own ladder is at its end.
const LATER_MS: i64 = 10_000;
/// Longest wait after calls that brought no answer.
const LONGEST_MS: i64 = 60_000;
/// A code without time to be scanned is not fetched any more; channels want a minute at least.
const LEAST_MS: i64 = 61_000;
/// A channel that counts minutes itself may be this much later than we are.
const GRACE_MS: i64 = 60_000;

/// Asks a buyer for money: keeps the number, then fetches the code to scan.
///
/// What the channel says, also a refusal or no answer at all, is in the collection; the same
/// nonce again answers with the same collection and sends nothing.
///
/// # Errors
/// [`Error::BadInput`] for an amount or a note that no channel takes, [`Error::NotFound`] for an
/// unknown connection, and what keeping can say. Nothing was sent then.
pub fn begin(
    book: &Book,
    wanted: &Wanted,
    net: &SyncRequest,
    clock: Clock<'_>,
    who: &str,
) -> Result<Collection, Error> {
    wanted.check()?;
    let mut reader = Reader::open(book)?;
    let connection = connection(&mut reader, wanted.connection)?;
    let note = match wanted.note.trim() {
        "" => short(&company_name(&mut reader)?),
        note => note.to_owned(),
    };
    let actor = Actor { name: who, at_ms: clock() };
    // Opened first: keys that cannot be read must not leave a number behind.
    let mut desk = Desk::open(book, connection.id, net, clock)?;
    let (id, new) = keep(book, &connection, wanted, &note, &actor)?;
    if new {
        desk.show(id)?;
        let known = collection(&mut Reader::open(book)?, id)?;
        if known.state == State::Unknown {
            desk.ask(id)?;
        }
    }
    collection(&mut Reader::open(book)?, id)
}

/// A company's name, cut to what every channel takes.
fn short(company: &str) -> String {
    let mut text = String::new();
    for letter in company.chars().filter(|letter| !letter.is_control()) {
        if text.len() + letter.len_utf8() > 100 {
            break;
        }
        text.push(letter);
    }
    if text.trim().is_empty() { "Suanpan".to_owned() } else { text }
}

/// Asks the channel now what became of a collection.
///
/// # Errors
/// [`Error::NotFound`]; the database's. What the channel says is in the collection.
pub fn ask(book: &Book, id: i64, net: &SyncRequest, clock: Clock<'_>) -> Result<Collection, Error> {
    let known = collection(&mut Reader::open(book)?, id)?;
    Desk::open(book, known.connection, net, clock)?.ask(id)?;
    collection(&mut Reader::open(book)?, id)
}

/// Gives a collection up: it is closed at the channel, unless it is paid already.
///
/// # Errors
/// As [`ask`].
pub fn give_up(
    book: &Book,
    id: i64,
    net: &SyncRequest,
    clock: Clock<'_>,
) -> Result<Collection, Error> {
    let known = collection(&mut Reader::open(book)?, id)?;
    if !known.state.is_final() {
        Desk::open(book, known.connection, net, clock)?.give_up(&known)?;
    }
    collection(&mut Reader::open(book)?, id)
}

/// Asks again and again, each time a little later, until the end is known or `enough` says so.
/// `wait` sleeps for so many milliseconds.
///
/// # Errors
/// As [`ask`].
pub fn follow(
    book: &Book,
    id: i64,
    net: &SyncRequest,
    clock: Clock<'_>,
    wait: &mut dyn FnMut(u64),
    enough: &mut dyn FnMut(&Collection) -> bool,
) -> Result<Collection, Error> {
    loop {
        let known = collection(&mut Reader::open(book)?, id)?;
        if known.state.is_final() || enough(&known) {
            return Ok(known);
        }
        let due_ms = known.next_at_ms.unwrap_or(0).saturating_sub(clock());
        if due_ms > 0 {
            // Short sleeps: whoever waits may be told to stop.
            wait(u64::try_from(due_ms.min(500)).unwrap_or(500));
            continue;
        }
        ask(book, id, net, clock)?;
    }
}

/// A channel with our keys, and the way to it.
struct Desk<'a> {
    book: &'a Book,
    keys: Keyed,
    transport: Transport,
    net: &'a SyncRequest,
    clock: Clock<'a>,
    counter: &'static [u32],
}

impl<'a> Desk<'a> {
    fn open(
        book: &'a Book,
        id: i64,
        net: &'a SyncRequest,
        clock: Clock<'a>,
    ) -> Result<Self, Error> {
        let mut reader = Reader::open(book)?;
        let connection = connection(&mut reader, id)?;
        let setups = credentials::open(book, &mut reader, &connection, clock())?;
        let transport = Transport::new(net.timing, &net.route)
            .map_err(|problem| Error::BadInput { field: "proxy", reason: problem.to_string() })?;
        let counter = connection.kind.counter_ladder();
        let keys = Keyed::new(&setups, clock())?;
        Ok(Self { book, keys, transport, net, clock, counter })
    }

    fn known(&self, id: i64) -> Result<Collection, Error> {
        collection(&mut Reader::open(self.book)?, id)
    }

    fn call<T>(
        &mut self,
        make: impl Fn(&mut Client, &Line<'_>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let Self { keys, transport, net, clock, .. } = self;
        let (timing, route, retry) = (net.timing, &net.route, net.retry);
        let line = Line { transport, clock: *clock, timing, route, retry };
        keys.call(|client| make(client, &line))
    }

    /// Fetches the code. Under the same number and with the same words however often.
    fn show(&mut self, id: i64) -> Result<(), Error> {
        let known = self.known(id)?;
        let amount = Money::from_minor(known.amount_minor, Currency::CNY)
            .map_err(|_| Error::BadInput { field: "amount", reason: "is too large".to_owned() })?;
        let asked = Asked {
            number: &known.order_id,
            amount,
            words: &known.note,
            expires_at_ms: known.expires_at_ms,
            minutes: MINUTES,
        };
        let answer = self.call(|client, line| client.show(line, &asked));
        let now_ms = (self.clock)();
        let news = match answer {
            Ok(code) => News {
                state: Some(State::Waiting),
                code: Some(code),
                shown_at_ms: Some(now_ms),
                next_at_ms: Some(self.next(now_ms, now_ms)),
                ..News::default()
            },
            Err(error) => {
                let state = match error {
                    // Sent before, perhaps: only a first call that was not sent is none at all.
                    CallError::NotSent { .. } if known.state == State::Unknown => State::Unknown,
                    CallError::NotSent { .. } => State::NotSent,
                    CallError::Rejected { .. } => State::Refused,
                    CallError::OutcomeUnknown { .. } | CallError::Contract { .. } => State::Unknown,
                };
                self.failed(&known, state, &error, now_ms)
            }
        };
        learn(self.book, id, &news)
    }

    /// What a call without an answer leaves behind.
    fn failed(&self, known: &Collection, state: State, error: &CallError, now_ms: i64) -> News {
        let (code, detail) = trouble_code(error);
        let tries = known.tries + 1;
        let wait_ms = (2_000_i64 << tries.clamp(0, 5)).min(LONGEST_MS);
        News {
            state: Some(state),
            next_at_ms: (!state.is_final()).then(|| now_ms + wait_ms),
            trouble: (code.to_owned(), detail),
            tries,
            ..News::default()
        }
    }

    /// When to ask again for what was shown at `shown_ms`.
    fn next(&self, shown_ms: i64, now_ms: i64) -> i64 {
        let steps = self.counter.iter().map(|seconds| shown_ms + i64::from(*seconds) * 1000);
        // A clock that was set back must not stop the asking.
        steps
            .into_iter()
            .find(|at| *at > now_ms)
            .unwrap_or(now_ms + LATER_MS)
            .min(now_ms + LATER_MS)
    }

    /// Asks the channel, and does what its answer calls for.
    fn ask(&mut self, id: i64) -> Result<(), Error> {
        let known = self.known(id)?;
        if known.state == State::Refused {
            return Ok(());
        }
        let number = known.order_id.clone();
        let seen = match known.state {
            // Nothing ever left: there is nothing to ask about.
            State::NotSent => Ok(Seen::Nothing),
            _ => self.call(|client, line| client.seen(line, &number)),
        };
        let now_ms = (self.clock)();
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                let state =
                    if known.state == State::Sending { State::Unknown } else { known.state };
                let news = self.failed(&known, state, &error, now_ms);
                return learn(self.book, id, &News { asked_at_ms: Some(now_ms), ..news });
            }
        };
        self.take(&known, seen, now_ms)
    }

    fn take(&mut self, known: &Collection, seen: Seen, now_ms: i64) -> Result<(), Error> {
        let asked = News { asked_at_ms: Some(now_ms), ..News::default() };
        let expired = now_ms >= known.expires_at_ms;
        match seen {
            Seen::Paid { channel_ref, at_ms, amount } => {
                let wrong = amount.minor() != known.amount_minor;
                let detail = if wrong { amount.to_major() } else { String::new() };
                let trouble = if wrong { "other_amount" } else { "" };
                let news = News {
                    state: Some(State::Paid),
                    paid: Some((channel_ref, at_ms)),
                    trouble: (trouble.to_owned(), detail),
                    ..asked
                };
                learn(self.book, known.id, &news)
            }
            Seen::Closed => {
                learn(self.book, known.id, &News { state: Some(State::Closed), ..asked })
            }
            Seen::Odd(word) => {
                let trouble = ("odd_state".to_owned(), word);
                let next_at_ms = Some(now_ms + LATER_MS);
                learn(self.book, known.id, &News { trouble, next_at_ms, ..asked })
            }
            // Asked once more after its end, and still nobody had paid.
            Seen::Nothing | Seen::Waiting if known.state == State::Closed => {
                learn(self.book, known.id, &asked)
            }
            Seen::Nothing | Seen::Waiting if known.state == State::Closing || expired => {
                learn(self.book, known.id, &asked)?;
                self.give_up(known)
            }
            // No code was ever shown, so nobody can have paid: the same again is safe.
            Seen::Nothing | Seen::Waiting if known.code.is_empty() => {
                learn(self.book, known.id, &asked)?;
                match now_ms + LEAST_MS < known.expires_at_ms {
                    true => self.show(known.id),
                    false => self.give_up(known),
                }
            }
            Seen::Nothing | Seen::Waiting => {
                let shown_ms = known.shown_at_ms.unwrap_or(known.made_at_ms);
                let next_at_ms = Some(self.next(shown_ms, now_ms));
                learn(
                    self.book,
                    known.id,
                    &News { state: Some(State::Waiting), next_at_ms, ..asked },
                )
            }
        }
    }

    fn give_up(&mut self, known: &Collection) -> Result<(), Error> {
        let now_ms = (self.clock)();
        let given_up = News { given_up_at_ms: Some(now_ms), ..News::default() };
        if known.state == State::NotSent {
            // The channel never heard of it.
            return learn(self.book, known.id, &News { state: Some(State::Closed), ..given_up });
        }
        // Kept before it is sent: after a restart it is closed, not waited for.
        let closing = News { state: Some(State::Closing), next_at_ms: Some(now_ms), ..given_up };
        learn(self.book, known.id, &closing)?;
        let number = known.order_id.clone();
        let closed = self.call(|client, line| client.give_up(line, &number));
        let now_ms = (self.clock)();
        match closed {
            Ok(by_channel) => {
                // A code that nobody had scanned is dead when its time is over: asked once more.
                let end_ms = known.expires_at_ms + GRACE_MS;
                let next_at_ms = (!by_channel && now_ms < end_ms).then_some(end_ms);
                let news = News { state: Some(State::Closed), next_at_ms, ..News::default() };
                learn(self.book, known.id, &news)
            }
            Err(error) => {
                let news = self.failed(known, State::Closing, &error, now_ms);
                learn(self.book, known.id, &news)?;
                // Paid meanwhile, perhaps: its own number tells.
                let number = known.order_id.clone();
                match self.call(|client, line| client.seen(line, &number)) {
                    Ok(seen @ (Seen::Paid { .. } | Seen::Closed)) => {
                        let known = self.known(known.id)?;
                        self.take(&known, seen, now_ms)
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}
