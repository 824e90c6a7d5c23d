//! A real Vendure server as a separate process: after every step of a shop's day, what we say was
//! captured and refunded equals what the platform says, and what its payment service was asked for.
//!
//! Needs Node and the folder where `tests/vendure/package.json` is installed, in
//! `SUANPAN_VENDURE`; `make test-platforms` sees to both.

mod day;
mod server;

use anyhow::{Context, Result, ensure};
use backoffice::BusinessDate;
use backoffice::channels::{self, SyncRequest};
use backoffice::decisions::Actor;
use backoffice::import::Watch;
use backoffice::proof::{all_hold, verify};
use connectors::shops::{Cursor, Fetched, Piece, Platform, Setup, Shop};
use connectors::transport::{Route, Timing};
use secrets::Secret;
use server::Server;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use store::Book;
use support::{Kind, import_paths, new_book, reader};

/// A shop of ours beside the platform: a cursor and a book, as the sync keeps them.
struct Ours<'a> {
    shop: Shop,
    cursor: Cursor,
    book: &'a Book,
    folder: &'a Path,
    now_ms: i64,
}

impl Ours<'_> {
    /// Fetches whatever is due ten minutes later, and books it.
    fn sync(&mut self) -> Result<Vec<Piece>> {
        self.now_ms += 10 * 60_000;
        let mut pieces = Vec::new();
        while let Some(fetched) = self.shop.fetch(&self.cursor, self.now_ms)? {
            let Fetched { archive, name, next, gone, .. } = fetched;
            ensure!(gone.is_empty(), "orders are gone: {gone:?}");
            ensure!(pieces.len() < 20, "the sync finds no end");
            if !archive.is_empty() {
                let path = self.folder.join(name);
                std::fs::write(&path, archive)?;
                let report = import_paths(self.book, &[path]);
                ensure!(report.files[0].is_whole(), "{:?}", report.files[0]);
            }
            // Kept as text between two pieces, as the book keeps it.
            self.cursor = serde_json::from_str(&serde_json::to_string(&next)?)?;
            pieces.push(fetched.what);
        }
        Ok(pieces)
    }

    /// Captured and refunded minor units by order number, as the book has them.
    fn money(&self) -> Result<BTreeMap<String, (i64, i64)>> {
        let mut money = BTreeMap::new();
        let stands = "not exists (select 1 from superseded s where s.line_id = l.id)";
        let mut reader = reader(self.book);
        reader.query(
            &format!("select order_id, amount_minor, paid_at_ms from shop_order l where {stands}"),
            &[],
            |row| {
                let captured = if row.opt_int(2)?.is_some() { row.int(1)? } else { 0 };
                money.insert(row.text(0)?.to_owned(), (captured, 0));
                Ok(())
            },
        )?;
        reader.query(
            &format!(
                "select order_id, amount_minor from shop_refund l \
                 where {stands} and status_text = 'Settled'"
            ),
            &[],
            |row| {
                money.entry(row.text(0)?.to_owned()).or_default().1 += row.int(1)?;
                Ok(())
            },
        )?;
        Ok(money)
    }

    /// Compares the book with both witnesses, to the cent.
    fn agree(&self, server: &Server, step: &str) -> Result<()> {
        let ours = self.money()?;
        let theirs = server.money()?;
        ensure!(ours == theirs, "{step}: the book has {ours:?}, the platform {theirs:?}");
        for (order, (captured, refunded)) in server.moves()? {
            let (booked, back) = ours.get(&order).copied().unwrap_or_default();
            ensure!(booked == captured, "{step}: {order} was charged {captured}, not {booked}");
            ensure!(back == refunded, "{step}: {order} got back {refunded}, not {back}");
        }
        let found = verify(&mut reader(self.book))?;
        ensure!(all_hold(&found), "{step}: {found:?}");
        Ok(())
    }
}

fn open(server: &Server, key: &str) -> Result<Shop> {
    let fields = [("api_key", key), ("intranet", "true"), ("numbers", "order")];
    let fields = fields.map(|(name, value)| (name.to_owned(), Secret::from(value)));
    let setup = Setup::new(Platform::Vendure, &server.base, &BTreeMap::from(fields))?;
    Ok(Shop::open(setup, Timing::default(), &Route::Direct)?)
}

/// What a book says that was connected to the shop and synced by itself, with sealed keys.
fn by_the_book(server: &Server, key: &str, now_ms: i64) -> Result<BTreeMap<String, (i64, i64)>> {
    let made = new_book(Kind::Sqlite);
    let fields = [("api_key", key), ("intranet", "true"), ("numbers", "order")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let setup = channels::Setup::new("vendure", &server.base, fields.to_vec())?;
    let actor = Actor { name: "shop", at_ms: now_ms };
    let from_day = BusinessDate::of_ms(now_ms - 3 * 86_400_000).days();
    let id = channels::add(&made.book, &setup, "Vendure", Some(from_day), &actor)?;
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let checked = channels::check(&made.book, id, &request, &|| now_ms)?;
    ensure!(checked.is_fine(), "{checked:?}");
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    let report = channels::sync(&made.book, &request, &|| now_ms, &mut watch)?;
    let done = &report.connections[0];
    ensure!(done.files > 0 && done.failed == 0 && !done.left, "{done:?}");
    let again = channels::sync(&made.book, &request, &|| now_ms, &mut watch)?;
    ensure!(again.connections[0].files == 0, "nothing is due twice: {again:?}");
    let folder = tempfile::tempdir()?;
    let (shop, cursor) = (open(server, key)?, Cursor::starting(now_ms));
    Ours { shop, cursor, book: &made.book, folder: folder.path(), now_ms }.money()
}

#[test]
fn our_captures_and_refunds_equal_the_platforms_after_every_step_of_a_day() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let key = server.seed()?;
    let shop = open(&server, &key)?;
    let greeting = shop.test()?;
    ensure!((greeting.currency.as_str(), greeting.decimals) == ("CNY", Some(2)), "{greeting:?}");
    let wrong = open(&server, "no-key")?.test().expect_err("a wrong key");
    ensure!(wrong.class() == "rejected" && wrong.act() == connectors::error::Act::FixAccount);
    let book = new_book(Kind::Sqlite);
    let now_ms = server.now_ms()?;
    let start_ms = now_ms - 3 * 86_400_000;
    let cursor = Cursor::starting(start_ms);
    let mut ours = Ours { shop, cursor, book: &book.book, folder: folder.path(), now_ms };
    let mut steps = 0;
    for (name, step) in day::STEPS {
        step(&server).with_context(|| format!("the shop's own doing: {name}"))?;
        ours.sync().with_context(|| format!("fetching after: {name}"))?;
        ours.agree(&server, name)?;
        steps += 1;
    }
    // A book made from nothing at the end of the day says the same.
    let late = new_book(Kind::Sqlite);
    let shop = open(&server, &key)?;
    let cursor = Cursor::starting(start_ms);
    let mut anew =
        Ours { shop, cursor, book: &late.book, folder: folder.path(), now_ms: ours.now_ms };
    anew.sync()?;
    ensure!(anew.money()? == ours.money()?, "a first sync at the end of the day differs");
    ensure!(
        by_the_book(&server, &key, ours.now_ms)? == ours.money()?,
        "the book's own sync differs"
    );
    // Days later the days before are read again as a whole, and there is nothing new.
    ours.now_ms += 4 * 86_400_000;
    let pieces = ours.sync()?;
    ensure!(pieces.iter().any(|piece| matches!(piece, Piece::Day(_))), "{pieces:?}");
    ours.agree(&server, "days later")?;
    eprintln!("{steps} steps, {} orders, all equal", ours.money()?.len());
    Ok(())
}

#[test]
fn a_hundred_orders_and_more_are_read_across_pages_that_shift() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let key = server.seed()?;
    let book = new_book(Kind::Sqlite);
    let now_ms = server.now_ms()?;
    let start = Cursor::starting(now_ms - 3_600_000);
    let shop = open(&server, &key)?;
    let mut ours = Ours { shop, cursor: start, book: &book.book, folder: folder.path(), now_ms };
    for round in 0..3 {
        std::thread::scope(|scope| {
            // Orders come in while the list is read.
            let selling = scope.spawn(|| server.sell_many(40));
            ours.sync()?;
            selling.join().map_err(|_| anyhow::anyhow!("the seller broke off"))?
        })?;
        ours.sync()?;
        ours.agree(&server, &format!("round {round}"))?;
    }
    ensure!(ours.money()?.len() == 120);
    Ok(())
}
