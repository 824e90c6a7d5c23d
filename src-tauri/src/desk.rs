//! What the window has on its desk: the open book, the language, long work, where one was.

use crate::doors::{make_folder, methods};
use crate::start::Start;
use crate::{events, notify, places, preferences, recent, told, visits};
use backoffice::channels::{KeyFiles, Route, SyncRequest, due_now, line_is_metered, route_of};
use backoffice::dto::{BookStatus, ConnectionView, Failure, JobView, Place, Preferences};
use backoffice::dto::{RecentBook, Tell, failure};
use backoffice::jobs::{Board, Task};
use backoffice::practice_shop::{DEMO_PASSPHRASE, create_demo};
use backoffice::{Error, Lang, Office, Secret, Way};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tauri::AppHandle;

/// How long closing a book waits for its long work to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nothing is begun by itself after the book itself refused.
const REST_MS: i64 = 10 * 60_000;

/// Shared by every command.
pub struct Desk {
    inner: Arc<Inner>,
}

struct Inner {
    /// The place of the book that was opened, or would be.
    place: Mutex<String>,
    demo: String,
    preferences_file: PathBuf,
    recent_file: PathBuf,
    /// Awaited once: a start with a passphrase opens the book by itself.
    opening: Mutex<Option<JoinHandle<Result<(), Error>>>>,
    office: Mutex<Option<Arc<Office>>>,
    preferences: Mutex<Preferences>,
    /// Where the person last said that a statement may be written.
    chosen: Mutex<Option<PathBuf>>,
    board: Board,
    places_file: PathBuf,
    visits_file: PathBuf,
    /// What the menu was last made for.
    menu: Mutex<Option<(Lang, bool)>>,
    /// True while the window has the keyboard.
    in_front: AtomicBool,
    /// Nothing is begun by itself before this time, UTC ms: the last try could not be done.
    rests_until: AtomicI64,
    /// Files picked for a set-up that is being filled in.
    key_files: Mutex<KeyFiles>,
    told_file: PathBuf,
}

/// A panic in one command must not lock the others out of the desk.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Now, UTC milliseconds.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Desk {
    /// A desk. `data` holds this user's books, `config` the preferences. Without a book to start
    /// with it stands before the one that was open last and is still there. A start with a
    /// passphrase begins to open its book, while the window comes up.
    pub fn new(start: Start, data: &Path, config: &Path) -> Self {
        let in_data = |name: &str| data.join(name).display().to_string();
        let preferences_file = config.join("preferences.json");
        let recent_file = config.join("recent.json");
        let last = || recent::read(&recent_file).into_iter().find(|book| book.found);
        let place = start.book.or_else(|| last().map(|book| book.place));
        let desk = Self {
            inner: Arc::new(Inner {
                place: Mutex::new(place.unwrap_or_else(|| in_data("book.suanpan"))),
                demo: in_data("demo.suanpan"),
                preferences: Mutex::new(preferences::read(&preferences_file)),
                preferences_file,
                recent_file,
                opening: Mutex::new(None),
                office: Mutex::new(None),
                chosen: Mutex::new(None),
                board: Board::default(),
                places_file: config.join("places.json"),
                visits_file: config.join("visits.json"),
                menu: Mutex::new(None),
                in_front: AtomicBool::new(false),
                rests_until: AtomicI64::new(0),
                key_files: Mutex::default(),
                told_file: config.join("told.json"),
            }),
        };
        if let Some(passphrase) = start.passphrase {
            let of_thread = Self { inner: Arc::clone(&desk.inner) };
            let open = move || {
                let place = held(&of_thread.inner.place).clone();
                of_thread.open(&place, Way::Passphrase(Secret::new(passphrase)))
            };
            *held(&desk.inner.opening) = Some(std::thread::spawn(open));
        }
        desk
    }

    /// Runs blocking work off the window's thread.
    ///
    /// # Errors
    /// What the work says, in the language of the window.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        let desk = Self { inner: Arc::clone(&self.inner) };
        let lang = self.lang();
        let done = tauri::async_runtime::spawn_blocking(move || work(&desk)).await;
        match done {
            Ok(result) => result.map_err(|error| failure(&error, lang)),
            Err(stopped) => Err(Failure {
                code: "unknown".to_owned(),
                message: stopped.to_string(),
                money_moved: backoffice::dto::MoneyMoved::No,
                next_step: String::new(),
            }),
        }
    }

    /// The open book.
    ///
    /// # Errors
    /// [`Error::NotFound`] while no book is open.
    pub fn office(&self) -> Result<Arc<Office>, Error> {
        let none = || Error::NotFound { what: "open book", id: held(&self.inner.place).clone() };
        held(&self.inner.office).clone().ok_or_else(none)
    }

    /// The language of the window.
    pub fn lang(&self) -> Lang {
        Lang::from_code(&held(&self.inner.preferences).language).unwrap_or(Lang::Zh)
    }

    /// Language, colours, and the person's name: the system's user when none was said.
    pub fn preferences(&self) -> Preferences {
        let mut preferences = held(&self.inner.preferences).clone();
        preferences.person = self.person();
        preferences
    }

    /// Who decides at this desk.
    pub fn person(&self) -> String {
        let said = held(&self.inner.preferences).person.trim().to_owned();
        if said.is_empty() { backoffice::os_user() } else { said }
    }

    /// How channels are asked from this desk.
    pub fn net(&self) -> SyncRequest {
        // What cannot be read any more is no reason to take another way than the computer's.
        let route = route_of(&held(&self.inner.preferences).proxy).unwrap_or(Route::System);
        SyncRequest { route, ..SyncRequest::default() }
    }

    /// Remembers language, colours and the way to the network.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a proxy that is none, and nothing is changed; [`Error::File`] when
    /// they cannot be kept: they hold for this run all the same.
    pub fn keep_preferences(&self, preferences: Preferences) -> Result<(), Error> {
        route_of(&preferences.proxy)?;
        let kept = preferences::write(&self.inner.preferences_file, &preferences);
        *held(&self.inner.preferences) = preferences;
        kept
    }

    /// The state of the book; waits for it when the program was started with its passphrase.
    ///
    /// # Errors
    /// What opening or reading can say.
    pub fn status(&self) -> Result<BookStatus, Error> {
        // Held until the book is open, so that nobody else is told meanwhile that it is closed.
        if let Some(opening) = held(&self.inner.opening).take() {
            opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        let path = held(&self.inner.place).clone();
        let unlock_methods = methods(&path);
        let mut status = BookStatus {
            open: false,
            company: String::new(),
            path,
            data_until: None,
            unlock_methods,
            channel_names: BTreeMap::new(),
        };
        if let Ok(office) = self.office() {
            let mut reader = office.reader()?;
            status.open = true;
            status.company = office.company()?;
            status.data_until = backoffice::lists::extent(&mut reader)?.to;
            let names = backoffice::channel_names(&mut reader)?;
            let pair = |(code, name): (&str, &str)| (code.to_owned(), name.to_owned());
            status.channel_names = names.all().map(pair).collect();
        }
        Ok(status)
    }

    /// Opens a book and puts it on the desk.
    ///
    /// # Errors
    /// What opening can say; the desk stays as it was.
    pub fn open(&self, place: &str, way: Way) -> Result<(), Error> {
        let office = Office::open(place, way)?;
        self.put(place, office);
        Ok(())
    }

    /// Makes a book and puts it on the desk; the answer is its recovery code, shown once.
    ///
    /// # Errors
    /// What creating can say; nothing is left behind then.
    pub fn create(
        &self,
        place: &str,
        company: &str,
        passphrase: Secret<String>,
    ) -> Result<Option<String>, Error> {
        make_folder(place)?;
        let made = Office::create(place, company, passphrase, true)?;
        self.put(place, made.office);
        Ok(made.recovery_code)
    }

    /// Opens the demo company, making it first where there is none.
    ///
    /// A program started on the demo company's book means that one.
    ///
    /// # Errors
    /// What creating, importing and opening can say.
    pub fn open_demo(&self) -> Result<(), Error> {
        let demo_way = || Way::Passphrase(Secret::new(DEMO_PASSPHRASE.to_owned()));
        let named = held(&self.inner.place).clone();
        if Path::new(&named).exists() && self.open(&named, demo_way()).is_ok() {
            return Ok(());
        }
        let place = self.inner.demo.clone();
        if Path::new(&place).exists() {
            return self.open(&place, demo_way());
        }
        make_folder(&place)?;
        let office = create_demo(&place, now_ms(), &mut |_| {})?;
        self.put(&place, office);
        Ok(())
    }

    /// Books that were open on this computer, the latest first.
    pub fn recent(&self) -> Vec<RecentBook> {
        recent::read(&self.inner.recent_file)
    }

    /// A book known on this computer has moved.
    pub fn relocate(&self, from: &str, to: &str) {
        recent::relocate(&self.inner.recent_file, from, to);
    }

    /// Puts the open book away; `place` is the one whose door is shown next.
    pub fn switch(&self, place: &str) {
        self.close();
        place.clone_into(&mut held(&self.inner.place));
    }

    /// The desktop asks for a book before the page has come up to hear of it: its door is the one
    /// that the page will find. With a book on the desk the page decides.
    #[cfg(any(target_os = "macos", test))]
    pub fn ask_for(&self, place: &str) {
        if held(&self.inner.office).is_none() {
            place.clone_into(&mut held(&self.inner.place));
        }
    }

    fn put(&self, place: &str, office: Office) {
        let company = office.company().unwrap_or_default();
        recent::remember(&self.inner.recent_file, place, &company);
        place.clone_into(&mut held(&self.inner.place));
        *held(&self.inner.office) = Some(Arc::new(office));
    }

    /// The long work of this program.
    pub fn board(&self) -> &Board {
        &self.inner.board
    }

    /// Begins a piece of long work and tells the window how it goes on.
    ///
    /// # Errors
    /// [`Error::NotFound`] while no book is open.
    pub fn start(&self, app: &AppHandle, task: Task) -> Result<u32, Error> {
        let office = self.office()?;
        let (app, desk) = (app.clone(), Self { inner: Arc::clone(&self.inner) });
        Ok(self.inner.board.start(office, task, now_ms(), move |id| {
            if let Some(view) = desk.inner.board.view(id, desk.lang()) {
                events::job(&app, &view);
                desk.tell_desktop(&app, &view);
                if view.itself && view.state == "failed" {
                    desk.inner.rests_until.store(now_ms() + REST_MS, Ordering::Relaxed);
                }
            }
        }))
    }

    /// Begins a sync of what is due, when the open book fetches by itself and nothing else is done
    /// at the moment.
    ///
    /// # Errors
    /// What reading the book can say.
    pub fn fetch_what_is_due(&self, app: &AppHandle) -> Result<(), Error> {
        let Ok(office) = self.office() else { return Ok(()) };
        let rests = self.inner.rests_until.load(Ordering::Relaxed) > now_ms();
        if rests || self.inner.board.is_busy() || !office.fetches_itself()? {
            return Ok(());
        }
        let connections = due_now(office.book(), now_ms())?;
        let metered = office.fetches_metered().unwrap_or(false);
        if connections.is_empty() || !metered && line_is_metered() == Some(true) {
            return Ok(());
        }
        let request = SyncRequest { connections, by_itself: true, ..self.net() };
        let request = if metered { request } else { request.minding_the_line() };
        self.start(app, Task::Sync(request)).map(drop)
    }

    /// Files picked for a set-up that is being filled in.
    pub fn key_files(&self) -> MutexGuard<'_, KeyFiles> {
        held(&self.inner.key_files)
    }

    /// Every connection of the open book with its health.
    ///
    /// # Errors
    /// What reading the book can say.
    pub fn connections(&self) -> Result<Vec<ConnectionView>, Error> {
        let found = ConnectionView::all(self.office()?.book(), now_ms())?;
        Ok(found.into_iter().map(|(_, view)| view).collect())
    }

    /// Tells the desktop what a person has to see to at a channel, each thing once while it
    /// lasts, also over a restart: keys that end or have, days that could not be had, soon cannot
    /// be, or no longer can.
    pub fn tell_of_channels(&self, app: &AppHandle) {
        if held(&self.inner.preferences).quiet {
            return;
        }
        let Ok(connections) = self.connections() else { return };
        let news: Vec<Tell> = connections.iter().flat_map(ConnectionView::to_tell).collect();
        let keys: BTreeSet<String> = news.iter().map(|tell| tell.key.clone()).collect();
        let book = held(&self.inner.place).clone();
        let known = told::replace(&self.inner.told_file, &book, &keys);
        for tell in news.iter().filter(|tell| !known.contains(&tell.key)) {
            notify::channel(app, tell, self.lang());
        }
    }

    /// The window has, or has lost, the keyboard.
    pub fn comes_forward(&self, in_front: bool) {
        self.inner.in_front.store(in_front, Ordering::Relaxed);
    }

    /// Tells the desktop of a job that is over, when nobody looks at the window. What the program
    /// does by itself is told on Home, when there is anything to tell.
    fn tell_desktop(&self, app: &AppHandle, view: &JobView) {
        let seen = self.inner.in_front.load(Ordering::Relaxed);
        if view.is_over() && !view.itself && !seen && !held(&self.inner.preferences).quiet {
            notify::over(app, view, self.lang());
        }
    }

    /// Where one was in the book of this desk.
    pub fn last_place(&self) -> Option<Place> {
        places::of(&self.inner.places_file, &held(&self.inner.place))
    }

    /// Notes that Home of the open book is looked at; the answer is the last look of the visit
    /// before, UTC ms.
    pub fn look(&self) -> Option<i64> {
        let place = held(&self.inner.place).clone();
        visits::look(&self.inner.visits_file, &place, now_ms())
    }

    /// Remembers where one is in the open book.
    pub fn remember_place(&self, place: Place) {
        if held(&self.inner.office).is_some() {
            places::remember(&self.inner.places_file, &held(&self.inner.place), place);
        }
    }

    /// Language of the menu and whether a book is open, when the menu is not made for that yet.
    pub fn menu_to_make(&self) -> Option<(Lang, bool)> {
        let wanted = (self.lang(), held(&self.inner.office).is_some());
        let mut made = held(&self.inner.menu);
        (made.replace(wanted) != Some(wanted)).then_some(wanted)
    }

    /// Remembers where the person allowed a file to be written.
    pub fn allow(&self, path: PathBuf) {
        *held(&self.inner.chosen) = Some(path);
    }

    /// Takes the permission to write `path`: one file for each time the person said so.
    ///
    /// # Errors
    /// [`Error::BadInput`] when the person chose no such path.
    pub fn take_allowed(&self, path: &str) -> Result<PathBuf, Error> {
        match held(&self.inner.chosen).take() {
            Some(chosen) if chosen.as_os_str() == path => Ok(chosen),
            _ => Err(Error::BadInput { field: "path", reason: "choose the place again".into() }),
        }
    }

    /// Closes the book, its long work first; unless a command still works on it.
    pub fn close(&self) {
        self.key_files().clear();
        self.inner.board.stop_all(PATIENCE);
        // What was done in one company is nothing for the eyes of the next.
        self.inner.board.dismiss(None);
        let office = held(&self.inner.office).take();
        if let Some(office) = office.and_then(Arc::into_inner) {
            office.close();
        }
    }
}

/// Who sits at the desk, as the system calls them.
pub fn person() -> String {
    ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> Desk {
        let nowhere = Path::new("/nonexistent/suanpan");
        Desk::new(Start::default(), nowhere, nowhere)
    }

    #[test]
    fn a_statement_is_written_only_where_the_person_said() {
        let desk = desk();
        assert!(desk.take_allowed("a.pdf").is_err());
        desk.allow(PathBuf::from("a.pdf"));
        assert!(desk.take_allowed("b.pdf").is_err());
        desk.allow(PathBuf::from("a.pdf"));
        assert!(desk.take_allowed("a.pdf").is_ok());
        assert!(desk.take_allowed("a.pdf").is_err(), "one permission is one file");
    }

    #[test]
    fn a_start_with_a_passphrase_says_once_why_its_book_stays_closed() {
        let nowhere = Path::new("/nonexistent/suanpan");
        let passphrase = Some("tea".to_owned());
        let desk = Desk::new(Start { passphrase, ..Start::default() }, nowhere, nowhere);
        assert!(desk.status().is_err());
        assert!(!desk.status().unwrap().open);
    }

    #[test]
    fn a_book_that_is_double_clicked_before_the_window_is_up_is_the_one_at_the_door() {
        let desk = desk();
        desk.ask_for("/nonexistent/other.suanpan");
        assert_eq!(desk.status().unwrap().path, "/nonexistent/other.suanpan");
    }

    #[test]
    fn a_start_stands_before_the_book_that_was_open_last_and_is_still_there() {
        let folder = std::env::temp_dir().join(format!("suanpan-desk-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let book = |name: &str| folder.join(name).display().to_string();
        std::fs::write(book("tea.suanpan"), "").unwrap();
        for name in ["book.suanpan", "tea.suanpan", "gone.suanpan"] {
            recent::remember(&folder.join("recent.json"), &book(name), "Li");
        }
        let door = |start| Desk::new(start, &folder, &folder).status().unwrap().path;
        assert_eq!(door(Start::default()), book("tea.suanpan"));
        let named = Start { book: Some(book("other.suanpan")), ..Start::default() };
        assert_eq!(door(named), book("other.suanpan"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_new_user_has_a_closed_book_and_no_way_in() {
        let status = desk().status().unwrap();
        assert!(!status.open);
        assert!(status.unlock_methods.is_empty());
        assert!(status.path.ends_with("book.suanpan"));
    }
}
