//! Names the shop gives to the channels that are its own, known by their files alone.
//!
//! A name is a setting of the book and nothing else: facts, accounts and the state hash go by the
//! channel's code.

use crate::error::Error;
use crate::office::Office;
use domain::{Channel, Family};
use messages::{Lang, lookup, text};
use std::collections::BTreeMap;
use store::bulk::Reader;

/// How a setting of the book that is such a name begins.
const KEY: &str = "channel_name.";
/// Longest name, characters.
const LONGEST: usize = 40;

/// The names of a book, by the channel's code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelNames(BTreeMap<String, String>);

impl ChannelNames {
    /// The name the shop gave; `None` where it gave none.
    pub fn given(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// What the channel is called: by the shop, else by the catalogue.
    pub fn of(&self, lang: Lang, code: &str) -> String {
        let usual = || text(lang, &format!("statement.channel.{code}"), &[]);
        self.given(code).map_or_else(usual, str::to_owned)
    }

    /// Code and name of every channel with one, by code.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(code, name)| (code.as_str(), name.as_str()))
    }
}

/// The names given in a book.
///
/// # Errors
/// The database's.
pub fn channel_names(reader: &mut Reader) -> Result<ChannelNames, Error> {
    let mut names = BTreeMap::new();
    let sql = "select key, value from book_meta where key like 'channel_name.%'";
    reader.query(sql, &[], |row| {
        let name = row.text(1)?;
        if let (Some(code), false) = (row.text(0)?.strip_prefix(KEY), name.is_empty()) {
            names.insert(code.to_owned(), name.to_owned());
        }
        Ok(())
    })?;
    Ok(ChannelNames(names))
}

impl Office {
    /// Gives one of the shop's own channels a name, or takes it away with an empty one.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a channel that is not the shop's own, a name longer than 40
    /// characters or not on one line, and one that another channel has.
    pub fn name_channel(&self, code: &str, name: &str) -> Result<(), Error> {
        let bad = |field, reason: &str| Error::BadInput { field, reason: reason.to_owned() };
        let known = Channel::from_code(code).and_then(Channel::definition);
        if known.is_none_or(|known| known.family != Family::Own) {
            return Err(bad("channel", "is none of the shop's own"));
        }
        let name = name.trim();
        if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(bad("channel_name", "is longer than 40 characters, or not on one line"));
        }
        let names = channel_names(&mut self.reader()?)?;
        let others = || Channel::ALL.into_iter().map(Channel::code).filter(|other| *other != code);
        let called = |other: &str| {
            let usual = Lang::ALL.map(|lang| lookup(lang, &format!("statement.channel.{other}")));
            names.given(other) == Some(name) || usual.contains(&Some(name))
        };
        if !name.is_empty() && others().any(called) {
            return Err(bad("channel_name", "is another channel's"));
        }
        self.set_meta(&format!("{KEY}{code}"), name)
    }
}
