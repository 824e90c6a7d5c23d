//! An account while its keys change: both sets are believed, and one of them signs.

use super::shop::Piece;
use super::{Client, Line};
use crate::channels::setup::Setup;
use crate::error::Error;
use connectors::Blame;
use connectors::error::CallError;

/// A channel with our keys for it: the set that signs and, during a change, the other one.
pub(crate) struct Keyed {
    /// The one that signs.
    pub client: Client,
    other: Option<Client>,
    /// True when the channel refused the set that was to sign, and the other one signs.
    pub other_signs: bool,
}

impl Keyed {
    /// Reads the set-ups of one account, the one that signs first.
    ///
    /// # Errors
    /// As [`Client::new`] for the first, and [`Error::NotFound`] without any.
    pub fn new(setups: &[Setup], now_ms: i64) -> Result<Self, Error> {
        let none = || Error::NotFound { what: "credential", id: String::new() };
        let (first, others) = setups.split_first().ok_or_else(none)?;
        let mut client = Client::new(first, now_ms)?;
        // An old set that can no longer be used leaves the new one as it is.
        let mut other = others.first().and_then(|setup| Client::new(setup, now_ms).ok());
        if let Some(other) = &mut other {
            client.also(other);
            other.also(&client);
        }
        Ok(Self { client, other, other_signs: false })
    }

    /// Makes a call; once more with the other set when the channel refuses the keys themselves. A
    /// call it refused did nothing.
    ///
    /// # Errors
    /// What the call says; of two refusals of keys the first.
    pub fn call<T>(
        &mut self,
        call: impl Fn(&mut Client) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let of_keys = |error: &CallError| error.blame().is_some_and(Blame::is_of_keys);
        let refused = match call(&mut self.client) {
            Err(error) if of_keys(&error) => error,
            done => return done,
        };
        let Some(other) = self.other.as_mut() else { return Err(refused) };
        match call(other) {
            Err(error) if of_keys(&error) => Err(refused),
            done => {
                std::mem::swap(&mut self.client, other);
                self.other_signs = !self.other_signs;
                done
            }
        }
    }

    /// Begins where the book stands, for a shop.
    pub fn go_on(&mut self, cursor: Option<&str>, start_ms: i64) {
        for client in std::iter::once(&mut self.client).chain(&mut self.other) {
            if let Client::Shop(shop) = client {
                shop.go_on(cursor, start_ms);
            }
        }
    }

    /// The next piece of a shop; `None` when nothing is due, and for any other channel.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn next(&mut self, line: &Line<'_>) -> Result<Option<Piece>, CallError> {
        let piece = self.call(|client| match client {
            Client::Shop(shop) => shop.next(line),
            _ => Ok(None),
        })?;
        // Should the channel refuse these keys later, the others go on from here.
        if let (Some(piece), Some(Client::Shop(other))) = (&piece, &mut self.other) {
            other.go_on(Some(&piece.cursor), 0);
        }
        Ok(piece)
    }
}
