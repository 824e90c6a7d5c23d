//! Views of lists that people saved: a name and what the list was narrowed to. The book keeps
//! them, so that everybody who opens it has them.

use crate::error::Error;
use crate::office::Office;
use serde::Serialize;
use store::bulk::{Cell, Reader, Writer};

/// Longest name, in characters.
const NAME_MAX: usize = 60;
/// Longest body, in bytes.
const BODY_MAX: usize = 8_000;

/// A saved view of a list.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// What the list was narrowed to, as JSON.
    pub body: String,
}

fn key(list: &str, name: &str) -> String {
    format!("view.{list}.{name}")
}

/// The saved views of a list, by name.
///
/// # Errors
/// The database's.
pub fn list_views(reader: &mut Reader, list: &str) -> Result<Vec<View>, Error> {
    let prefix = key(list, "");
    let mut views = Vec::new();
    reader.query("select key, value from book_meta order by key", &[], |row| {
        if let Some(name) = row.text(0)?.strip_prefix(&prefix) {
            views.push(View { name: name.to_owned(), body: row.text(1)?.to_owned() });
        }
        Ok(())
    })?;
    views.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(views)
}

/// Saves a view under its name; one of that name is replaced.
///
/// # Errors
/// [`Error::BadInput`] for no name, a name or body too long, and a body that is no JSON.
pub fn save_view(office: &Office, list: &str, view: &View) -> Result<(), Error> {
    let bad = |reason: &str| Error::BadInput { field: "view", reason: reason.to_owned() };
    let name = view.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(bad("a view needs a name of at most 60 characters"));
    }
    let json: Result<serde_json::Value, _> = serde_json::from_str(&view.body);
    if view.body.len() > BODY_MAX || json.is_err() {
        return Err(bad("not a view"));
    }
    office.set_meta(&key(list, name), &view.body)
}

/// Forgets a view; one that is not there is forgotten already.
///
/// # Errors
/// The database's.
pub fn remove_view(office: &Office, list: &str, name: &str) -> Result<(), Error> {
    let mut writer = Writer::open(office.book())?;
    let mut loader = writer.begin()?;
    loader.execute("delete from book_meta where key = $1", &[Cell::Text(&key(list, name))])?;
    loader.commit()?;
    Ok(())
}
