//! Orders and refunds of a shop's own system.

use super::{Gift, Line};
use crate::channels::setup::Setup;
use crate::error::Error;
use crate::import::Proof;
use connectors::error::CallError;
use connectors::shops::{self, Cursor, Platform};
use std::collections::BTreeMap;
use store::Secret;

/// The one stream of a shop.
pub const STREAM: &str = "orders";

/// A shop with its key.
pub struct Shop {
    platform: Platform,
    base: String,
    fields: BTreeMap<String, Secret<String>>,
    /// Opened with the first question: its host is looked up then.
    open: Option<shops::Shop>,
    cursor: Cursor,
}

/// A piece of what a shop has.
pub struct Piece {
    /// Its file; `None` when there is no news in it.
    pub gift: Option<Gift>,
    /// The time of placing that was read whole.
    pub covered_ms: Option<(i64, i64)>,
    /// Where the next piece begins, to be kept with this one.
    pub cursor: String,
}

impl Shop {
    pub fn new(setup: &Setup, platform: Platform) -> Result<Self, Error> {
        let secret = |name: &'static str| {
            setup.get(name).map(|value| (name.to_owned(), Secret::new(value.to_owned())))
        };
        let fields = setup.kind.fields().iter().filter_map(|field| secret(field.name)).collect();
        let base = setup.base.to_string();
        shops::Setup::new(platform, &base, &fields)
            .map_err(|problem| Error::BadInput { field: "setup", reason: problem.to_string() })?;
        Ok(Self { platform, base, fields, open: None, cursor: Cursor::default() })
    }

    /// Goes on where the book stands.
    pub fn go_on(&mut self, cursor: Option<&str>, start_ms: i64) {
        let kept = cursor.and_then(|text| serde_json::from_str(text).ok());
        self.cursor = kept.unwrap_or_else(|| Cursor::starting(start_ms));
    }

    fn shop(&mut self, line: &Line<'_>) -> Result<&shops::Shop, CallError> {
        if self.open.is_none() {
            let setup = shops::Setup::new(self.platform, &self.base, &self.fields)
                .expect("it was read when the connection was");
            self.open = Some(shops::Shop::open(setup, line.timing, line.route)?);
        }
        Ok(self.open.as_ref().expect("it was opened above"))
    }

    /// Asks who the shop is, with the key.
    pub fn test(&mut self, line: &Line<'_>) -> Result<(), CallError> {
        self.shop(line)?.test().map(drop)
    }

    /// The next piece; `None` when nothing is due.
    pub fn next(&mut self, line: &Line<'_>) -> Result<Option<Piece>, CallError> {
        let cursor = self.cursor.clone();
        let now_ms = (line.clock)();
        let Some(fetched) = self.shop(line)?.fetch(&cursor, now_ms)? else { return Ok(None) };
        let gift = (!fetched.archive.is_empty()).then_some(Gift {
            name: fetched.name,
            bytes: fetched.archive,
            proof: Proof::Pages,
            account_no: None,
            fund_account: None,
        });
        self.cursor = fetched.next;
        let cursor = serde_json::to_string(&self.cursor).unwrap_or_default();
        Ok(Some(Piece { gift, covered_ms: fetched.covered_ms, cursor }))
    }
}
