//! Fetches what a shop has, piece by piece, so that nothing of it can be missed.
//!
//! "Updated at" cannot be trusted, so three things are read in turn: orders placed since the last
//! time, with an hour's overlap; orders whose money or goods are under way, by their ids, less
//! often the older they are; and every day as a whole, some hours after its end and again after
//! 3, 10, 30, 60 and 90 days, because a delivered order can still be refunded.
//!
//! Lists go on from the last order's time, not from a page number, so orders that come and go
//! while a list is read shift nothing. Blocking.

use super::archive::{FORMAT, Head, Kept, LONGEST_ORDER, VERSION, write};
use super::cursor::{Cursor, Seen};
use super::{CHANNEL, Found, Page, Platform, Setup, Terms, Window, contract};
use super::{medusa, shopify, vendure, woocommerce};
use crate::error::CallError;
use crate::http::{HttpAnswer, HttpRequest};
use crate::plan::RateLimit;
use crate::transport::{Retry, Route, Slot, Timing, Transport};
use domain::BusinessDate;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Orders after which a piece ends, at the end of a day.
const PIECE: usize = 1_000;
/// Orders after which it ends within a day.
const LARGEST_PIECE: usize = 10_000;
/// Pages of a piece; more of them would mean a list that does not move on.
const PAGES: usize = 2_000;
/// How long an order may take to show up in a list.
const SETTLE_MS: i64 = 5 * 60_000;

/// Calls of all kinds; what hosts of shops bear.
const LIMIT: RateLimit = RateLimit { call: "shop", calls: 5, window_ms: 1_000 };

/// What a shop says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// Its name, or its host.
    pub name: String,
    /// Its currency's code; empty where it does not say.
    pub currency: String,
    /// Vendure: decimal places of every amount.
    pub decimals: Option<u32>,
}

/// What a piece is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Orders placed since the last time.
    New,
    /// Orders under way.
    Again,
    /// All orders of a day.
    Day(BusinessDate),
}

/// A piece of what a shop has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// What it is about.
    pub what: Piece,
    /// A file of kind `shop_orders`; empty when nothing in it would be news.
    pub archive: Vec<u8>,
    /// A name for it.
    pub name: String,
    /// Orders in it.
    pub orders: u64,
    /// Where to go on: to be kept in the same transaction as what was imported.
    pub next: Cursor,
    /// The span of the time of placing that was read whole, first instant inside and outside.
    pub covered_ms: Option<(i64, i64)>,
    /// Orders under way that the shop no longer gives out; they stand in the file too.
    pub gone: Vec<String>,
}

/// A shop that can be asked.
#[derive(Debug)]
pub struct Shop {
    setup: Setup,
    transport: Transport,
    decimals: OnceLock<u32>,
}

/// Orders of a list.
#[derive(Default)]
struct Listed {
    orders: Vec<Found>,
    /// True when the list ended by itself.
    end: bool,
    hidden: bool,
    /// The server's clock at the first page.
    server_ms: Option<i64>,
}

impl Shop {
    /// Looks the shop's host up, checks where it leads, and makes ready. Sends nothing.
    ///
    /// # Errors
    /// [`CallError::NotSent`].
    pub fn open(setup: Setup, timing: Timing, route: &Route) -> Result<Self, CallError> {
        let transport = Transport::to_shop(timing, route, &setup.base, setup.intranet)?;
        Ok(Self { setup, transport, decimals: OnceLock::new() })
    }

    /// How the shop is reached and read.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Asks who it is, with the key: what fails here says what is wrong.
    ///
    /// # Errors
    /// [`CallError`].
    pub fn test(&self) -> Result<Greeting, CallError> {
        let setup = &self.setup;
        let build = || {
            Ok(match setup.platform {
                Platform::Vendure => vendure::test_request(setup),
                Platform::Medusa => medusa::test_request(setup),
                Platform::WooCommerce => woocommerce::test_request(setup),
                Platform::Shopify => shopify::test_request(setup),
            })
        };
        self.call(build, |answer| match setup.platform {
            Platform::Vendure => vendure::read_test(answer),
            Platform::Medusa => medusa::read_test(setup, answer),
            Platform::WooCommerce => woocommerce::read_test(setup, answer),
            Platform::Shopify => shopify::read_test(answer),
        })
    }

    /// Fetches the next piece; `None` when nothing is due at `now_ms` (UTC). To be called until
    /// then. Clocks that go back make nothing due and lose nothing.
    ///
    /// # Errors
    /// [`CallError`]; the cursor stays where it was, and the same piece is fetched again.
    pub fn fetch(&self, cursor: &Cursor, now_ms: i64) -> Result<Option<Fetched>, CallError> {
        if cursor.is_new_due(now_ms) {
            return self.fetch_new(cursor, now_ms).map(Some);
        }
        let ids = cursor.due_again(now_ms, PIECE);
        if !ids.is_empty() {
            return self.fetch_again(cursor, ids, now_ms).map(Some);
        }
        match cursor.due_day(now_ms) {
            Some(day) => self.fetch_day(cursor, day, now_ms).map(Some),
            None => Ok(None),
        }
    }

    fn fetch_new(&self, cursor: &Cursor, now_ms: i64) -> Result<Fetched, CallError> {
        let reach_ms = self.reach_ms(now_ms);
        let covered_from = cursor.placed_ms().max(reach_ms);
        let from_ms = cursor.listed_from_ms().max(reach_ms);
        let mut listed = self.list(Window { from_ms, ..Window::default() }, covered_from)?;
        let clock_ms = listed.server_ms.unwrap_or(now_ms).min(now_ms);
        let last_ms = listed.orders.last().map_or(from_ms, |order| order.placed_at_ms);
        let covered_until = match listed.end {
            true => clock_ms - SETTLE_MS,
            false => {
                let day_ms = BusinessDate::of_ms(last_ms).start_ms();
                if day_ms > covered_from { day_ms } else { last_ms }
            }
        };
        let covered_until = covered_until.max(covered_from);
        if !listed.end {
            // The rest of a day that was not read whole comes with the next piece.
            listed.orders.retain(|order| order.placed_at_ms < covered_until);
        }
        let covered = (covered_from, covered_until);
        let mut next = cursor.clone();
        next.read_until(covered, listed.end, now_ms, self.setup.watch_days);
        let within = |order: &Found| (covered.0..covered.1).contains(&order.placed_at_ms);
        let kept = self.keep(&mut next, listed.orders, now_ms, within)?;
        let covered = (!listed.hidden && covered.0 < covered.1).then_some(covered);
        self.piece(Piece::New, (kept, Vec::new()), covered, next, now_ms)
    }

    fn fetch_again(
        &self,
        cursor: &Cursor,
        ids: Vec<String>,
        now_ms: i64,
    ) -> Result<Fetched, CallError> {
        let mut orders: Vec<Found> = Vec::new();
        for some in ids.chunks(self.page_size()) {
            let page = self.call(|| self.again_request(some), |answer| self.read_again(answer))?;
            let asked: BTreeSet<&String> = some.iter().collect();
            if page.orders.iter().any(|order| !asked.contains(&order.id)) {
                return Err(contract("an order nobody asked for"));
            }
            orders.extend(page.orders);
        }
        let mut next = cursor.clone();
        let there: BTreeSet<&str> = orders.iter().map(|order| order.id.as_str()).collect();
        let gone: Vec<String> = ids.into_iter().filter(|id| !there.contains(id.as_str())).collect();
        gone.iter().for_each(|id| next.forget(id));
        let kept = self.keep(&mut next, orders, now_ms, |_| false)?;
        self.piece(Piece::Again, (kept, gone), None, next, now_ms)
    }

    fn fetch_day(
        &self,
        cursor: &Cursor,
        day: BusinessDate,
        now_ms: i64,
    ) -> Result<Fetched, CallError> {
        let (from_ms, until_ms) = (day.start_ms(), day.plus_days(1).start_ms());
        let window = Window { from_ms, until_ms: Some(until_ms), ..Window::default() };
        let mut listed = self.list(window, i64::MAX)?;
        listed.orders.retain(|order| (from_ms..until_ms).contains(&order.placed_at_ms));
        let mut next = cursor.clone();
        next.day_was_read(day, now_ms, self.setup.watch_days);
        let kept = self.keep(&mut next, listed.orders, now_ms, |_| true)?;
        let whole = !listed.hidden && listed.end && from_ms >= self.reach_ms(now_ms);
        let covered = whole.then_some((from_ms, until_ms));
        self.piece(Piece::Day(day), (kept, Vec::new()), covered, next, now_ms)
    }

    /// Reads a list to its end, or to the end of a day once a piece is full. Orders placed before
    /// `from_ms` only overlap and fill nothing.
    fn list(&self, mut window: Window, from_ms: i64) -> Result<Listed, CallError> {
        let mut listed = Listed::default();
        let mut known = BTreeSet::new();
        for _ in 0..PAGES {
            let (page, date_ms) = self.page(&window)?;
            listed.server_ms = listed.server_ms.or(date_ms);
            listed.hidden |= page.hidden;
            let mut latest = window.from_ms;
            for order in page.orders {
                latest = latest.max(order.placed_at_ms);
                if known.insert(order.id.clone()) {
                    listed.orders.push(order);
                }
            }
            if !page.more {
                listed.end = true;
                break;
            }
            match page.after {
                Some(after) => window.after = Some(after),
                // Go on from the last order's time; orders of one instant by their number.
                None if latest > window.from_ms => {
                    window = Window { from_ms: latest, skip: 0, ..window };
                }
                None => window.skip = window.skip.saturating_add(page.items),
            }
            if is_full(&listed.orders, from_ms) {
                break;
            }
        }
        listed.orders.sort_by(|a, b| (a.placed_at_ms, &a.id).cmp(&(b.placed_at_ms, &b.id)));
        Ok(listed)
    }

    fn page(&self, window: &Window) -> Result<(Page, Option<i64>), CallError> {
        let setup = &self.setup;
        let build = || {
            Ok(match setup.platform {
                Platform::Vendure => vendure::list_request(setup, window),
                Platform::Medusa => medusa::list_request(setup, window),
                Platform::WooCommerce => woocommerce::list_request(setup, window),
                Platform::Shopify => shopify::list_request(setup, window),
            })
        };
        self.call(build, |answer| {
            let page = match setup.platform {
                Platform::Vendure => vendure::read_list(answer, window),
                Platform::Medusa => medusa::read_list(answer, window),
                Platform::WooCommerce => woocommerce::read_list(answer, window),
                Platform::Shopify => shopify::read_list(answer, window),
            }?;
            Ok((page, answer.date_ms()))
        })
    }

    fn again_request(&self, ids: &[String]) -> Result<HttpRequest, CallError> {
        match self.setup.platform {
            Platform::Vendure => vendure::again_request(&self.setup, ids),
            Platform::Medusa => medusa::again_request(&self.setup, ids),
            Platform::WooCommerce => woocommerce::again_request(&self.setup, ids),
            Platform::Shopify => shopify::again_request(&self.setup, ids),
        }
    }

    fn read_again(&self, answer: &HttpAnswer) -> Result<Page, CallError> {
        let all = Window::default();
        match self.setup.platform {
            Platform::Vendure => vendure::read_list(answer, &all),
            Platform::Medusa => medusa::read_list(answer, &all),
            Platform::WooCommerce => woocommerce::read_list(answer, &all),
            Platform::Shopify => shopify::read_again(answer),
        }
    }

    fn page_size(&self) -> usize {
        let size = match self.setup.platform {
            Platform::Vendure => vendure::PAGE,
            Platform::Medusa => medusa::PAGE,
            Platform::WooCommerce => woocommerce::PAGE,
            Platform::Shopify => shopify::PAGE,
        };
        size as usize
    }

    /// Before this instant the shop shows no orders, whether it has some or not.
    fn reach_ms(&self, now_ms: i64) -> i64 {
        match self.setup.platform {
            Platform::Shopify if !self.setup.all_orders => {
                now_ms - shopify::REACH_DAYS * 86_400_000
            }
            _ => i64::MIN,
        }
    }

    /// Notes what was read, and leaves out what would be no news: orders read before, byte for
    /// byte the same, unless `always` wants them.
    fn keep(
        &self,
        next: &mut Cursor,
        orders: Vec<Found>,
        now_ms: i64,
        always: impl Fn(&Found) -> bool,
    ) -> Result<Vec<Kept>, CallError> {
        let terms = self.terms()?;
        let mut kept = Vec::new();
        for order in orders {
            let order = self.whole(order)?;
            let refunds = self.refunds_of(&order)?;
            if order.json.len() + refunds.len() > LONGEST_ORDER {
                return Err(contract("an order is longer than a megabyte"));
            }
            let sale = self.setup.platform.read_order(&terms, &order.json, &refunds);
            let seen = Seen {
                placed_ms: order.placed_at_ms,
                read_ms: now_ms,
                digest: digest(&order.json, &refunds),
                // What cannot be read yet may be readable later.
                money: sale.as_ref().map_or(true, super::Sale::is_money_open),
                goods: sale.as_ref().map_or(true, super::Sale::is_open),
            };
            let news = next.note(&order.id, seen, self.setup.watch_days);
            if news || always(&order) {
                kept.push(Kept { order: order.json, refunds });
            }
        }
        next.tidy(now_ms, self.setup.watch_days);
        Ok(kept)
    }

    fn refunds_of(&self, order: &Found) -> Result<String, CallError> {
        let apart = self.setup.platform == Platform::WooCommerce;
        if !apart || !woocommerce::has_refunds(&order.json) {
            return Ok(String::new());
        }
        let mut refunds = Vec::new();
        loop {
            let skip = refunds.len();
            let build = || woocommerce::refunds_request(&self.setup, &order.id, skip);
            let page = self.call(build, |answer| woocommerce::read_refunds(answer, skip))?;
            refunds.extend(page.refunds);
            if !page.more {
                return Ok(format!("[{}]", refunds.join(",")));
            }
        }
    }

    /// The order with its lists whole: where one of them came cut, the order is asked for by
    /// itself, with room for more. Cut even then, it is set aside when it is read.
    fn whole(&self, order: Found) -> Result<Found, CallError> {
        if self.setup.platform != Platform::Shopify || !shopify::is_cut(&order.json) {
            return Ok(order);
        }
        let build = || shopify::whole_request(&self.setup, &order.id);
        let page = self.call(build, shopify::read_again)?;
        match <[Found; 1]>::try_from(page.orders) {
            Ok([found]) if found.id == order.id => Ok(found),
            // Taken away between the two calls.
            Err(none) if none.is_empty() => Ok(order),
            _ => Err(contract("an order nobody asked for")),
        }
    }

    /// How this shop's orders are read: what the owner said, else what the shop says.
    fn terms(&self) -> Result<Terms, CallError> {
        let mut terms = self.setup.terms.clone();
        if self.setup.platform == Platform::Vendure && terms.decimals.is_none() {
            let decimals = match self.decimals.get() {
                Some(decimals) => *decimals,
                None => {
                    let said = self.test()?.decimals.unwrap_or(2);
                    *self.decimals.get_or_init(|| said)
                }
            };
            terms.decimals = Some(decimals);
        }
        Ok(terms)
    }

    fn piece(
        &self,
        what: Piece,
        (kept, gone): (Vec<Kept>, Vec<String>),
        covered_ms: Option<(i64, i64)>,
        next: Cursor,
        now_ms: i64,
    ) -> Result<Fetched, CallError> {
        let host = self.setup.base.authority();
        let word = match what {
            Piece::New => "new".to_owned(),
            Piece::Again => "again".to_owned(),
            Piece::Day(day) => day.to_string(),
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let shop: String = host.chars().map(plain).collect();
        let (from_ms, until_ms) = covered_ms.unzip();
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            platform: self.setup.platform.code().to_owned(),
            shop: host.to_owned(),
            fetched_at_ms: now_ms,
            from_ms,
            until_ms,
            terms: self.terms()?,
        };
        // A day without orders is news too: it is proven that there were none.
        let archive = match (kept.is_empty() && gone.is_empty(), what) {
            (true, Piece::New | Piece::Again) => Vec::new(),
            _ => write(self.setup.platform, &head, &kept, &gone),
        };
        Ok(Fetched {
            what,
            archive,
            name: format!("shop_orders_{shop}_{word}_{now_ms}.jsonl"),
            orders: kept.len() as u64,
            next,
            covered_ms,
            gone,
        })
    }

    fn call<T>(
        &self,
        build: impl FnMut() -> Result<HttpRequest, CallError>,
        mut read: impl FnMut(&HttpAnswer) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let account = self.setup.base.authority();
        let slot = Slot { channel: CHANNEL, account, limit: LIMIT };
        self.transport.call(slot, Retry::default(), build, |reply| read(&reply.answer))
    }
}

/// True when a piece has enough orders and they are of more than one day, or far too many.
fn is_full(orders: &[Found], from_ms: i64) -> bool {
    let counted = || orders.iter().map(|order| order.placed_at_ms).filter(|at| *at >= from_ms);
    if orders.len() < PIECE || counted().count() < PIECE {
        return false;
    }
    let day = |at: Option<i64>| at.map(BusinessDate::of_ms);
    day(counted().min()) != day(counted().max()) || orders.len() >= LARGEST_PIECE
}

fn digest(order: &str, refunds: &str) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(order.as_bytes());
    hasher.update([0]);
    hasher.update(refunds.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize()[..8]);
    // Below 2^53, which every reader of JSON keeps exactly.
    u64::from_le_bytes(first) >> 11
}
