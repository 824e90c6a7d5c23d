//! What the program is started with: `--book PATH`, or the environment.

use std::ffi::OsString;
use std::path::Path;

/// The book to open and, for scripts and tests, its passphrase.
#[derive(Default)]
pub struct Start {
    /// Where the book is; `None` for the book of this user.
    pub book: Option<String>,
    /// Opens the book at once when given.
    pub passphrase: Option<String>,
}

impl Start {
    /// Reads the arguments and `SUANPAN_BOOK`, `SUANPAN_PASSPHRASE`; an argument wins.
    ///
    /// # Errors
    /// A line for the person, when an argument is unknown or lacks its value.
    pub fn from_process() -> Result<Self, String> {
        let variable = |name| std::env::var(name).ok().filter(|text: &String| !text.is_empty());
        let mut start = Self::parse(std::env::args_os().skip(1))?;
        start.book = start.book.or_else(|| variable("SUANPAN_BOOK"));
        start.passphrase = variable("SUANPAN_PASSPHRASE");
        Ok(start)
    }

    fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut start = Self::default();
        let mut arguments = arguments.map(|text| text.to_string_lossy().into_owned());
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--book" => {
                    let path = arguments.next().ok_or("--book wants the path of a book")?;
                    start.book = Some(path);
                }
                text if text.starts_with("--book=") => {
                    start.book = Some(text["--book=".len()..].to_owned());
                }
                // A double click on a book file starts the program with its path.
                text if !text.starts_with('-') => start.book = Some(argument),
                unknown => {
                    return Err(format!("unknown option {unknown}; usage: [--book PATH]"));
                }
            }
        }
        Ok(start)
    }
}

/// The book that a second start asks for: `arguments` begin with the program's name, and a path is
/// relative to the second start's `folder`.
pub fn asked_again(arguments: &[String], folder: &str) -> Option<String> {
    let start = Start::parse(arguments.iter().skip(1).map(OsString::from)).ok()?;
    let book = start.book?;
    if book.contains("://") {
        return Some(book);
    }
    Some(Path::new(folder).join(book).to_string_lossy().into_owned())
}

/// The book that the desktop opens by its address: `file:///srv/li/a.suanpan`.
#[cfg(any(target_os = "macos", test))]
pub fn opened(address: &tauri::Url) -> Option<String> {
    let path = address.to_file_path().ok()?;
    Some(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_click_on_a_mac_names_the_book_by_its_address() {
        let named = |text: &str| opened(&tauri::Url::parse(text).unwrap());
        let book = "file:///srv/%E8%B4%A6%E5%A5%97/a%20b.suanpan";
        assert_eq!(named(book), Some("/srv/账套/a b.suanpan".to_owned()));
        assert_eq!(named("https://example.com/a.suanpan"), None);
    }

    fn parse(arguments: &[&str]) -> Result<Option<String>, String> {
        Start::parse(arguments.iter().map(OsString::from)).map(|start| start.book)
    }

    #[test]
    fn a_second_start_names_its_book_from_its_own_folder() {
        let asked = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            asked_again(&words, "/srv/li")
        };
        assert_eq!(asked(&["suanpan-window"]), None);
        assert_eq!(asked(&["suanpan-window", "a.suanpan"]), Some("/srv/li/a.suanpan".to_owned()));
        assert_eq!(asked(&["suanpan-window", "--book=/b"]), Some("/b".to_owned()));
        let server = "postgres://li@books/shop";
        assert_eq!(asked(&["suanpan-window", "--book", server]), Some(server.to_owned()));
        assert_eq!(asked(&["suanpan-window", "--bok"]), None);
    }

    #[test]
    fn a_book_is_named_by_option_or_by_double_click() {
        assert_eq!(parse(&["--book", "a.suanpan"]), Ok(Some("a.suanpan".to_owned())));
        assert_eq!(parse(&["--book=a.suanpan"]), Ok(Some("a.suanpan".to_owned())));
        assert_eq!(parse(&["a.suanpan"]), Ok(Some("a.suanpan".to_owned())));
        assert_eq!(parse(&[]), Ok(None));
        assert!(parse(&["--book"]).is_err());
        assert!(parse(&["--bok", "a"]).is_err());
    }
}
