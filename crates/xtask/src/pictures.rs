//! Pictures of the real window: two for `make run`, every page in every look for
//! `make screenshots`.

use crate::headless::Screen;
use crate::scenes::{self, EMPTY, SCENES};
use crate::small::small;
use crate::webdriver::Session;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of a picture that shows one colour and little else.
const BLANK: usize = 10_000;
/// The window has a book open and shows a page of it.
const OPEN: &str = "return document.querySelector('main section, main [role=row]') !== null";
/// A list's head, at least one row, and what stands beside the list.
const LISTED: &str = "return document.querySelectorAll('[role=row]').length > 1 \
    && document.querySelector('aside [data-component=paid]') !== null \
    && document.querySelector('main [aria-busy=true]') === null";
const EXPLAINED: &str = "return document.querySelector('[data-payout=paid]') !== null";
/// A page that has something to say and waits for nothing.
const SETTLED: &str = "return document.querySelector('main').innerText.trim().length > 20 \
    && document.querySelector('main [aria-busy=true]') === null";
/// How long a page may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// The door of a book that is not open.
const LOCKED: &str = "return document.querySelector('input[type=password]') !== null";
/// The door says why it stays shut.
const SHUT: &str = "return document.querySelector('[role=alert]') !== null";
/// The dialog that finds things has something to say.
const FOUND: &str = "return document.querySelectorAll('[role=option]').length > 1";

/// Who sits at the window, and at the till before.
pub const PERSON: &str = "周敏";

/// A look of the window: the values of its two choices.
const LOOKS: [(&str, &str); 4] = [("light", "zh"), ("light", "en"), ("dark", "zh"), ("dark", "en")];
/// The pictures the README shows, by page and look.
const SHOWN: [&str; 4] = ["home-light-en", "payout-light-en", "breaks-dark-en", "reports-light-zh"];

/// The demo company as a picture needs it.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// Its book.
    pub book: &'a Path,
    /// What opens it.
    pub passphrase: &'a str,
    /// A payout worth showing.
    pub payout: &'a str,
    /// Files to read in, for the report of an import.
    pub bills: &'a Path,
}

impl Model<'_> {
    /// The book of a company that is made while pictures are taken.
    fn new_book(&self) -> PathBuf {
        self.book.with_file_name("新公司.suanpan")
    }

    /// What the window reads to open the book without asking.
    fn environment(&self) -> [(&str, &OsStr); 2] {
        [("SUANPAN_BOOK", self.book.as_os_str()), ("SUANPAN_PASSPHRASE", self.passphrase.as_ref())]
    }
}

/// The window on a private screen.
struct Album<'a> {
    window: Session,
    out: &'a Path,
    taken: Cell<usize>,
    // Dropped last: the window lives on it.
    _screen: Screen,
}

/// Photographs the payouts and one payout, as `window.png` and `payout.png`.
///
/// # Errors
/// When the window does not paint them.
pub fn two(program: &Path, book: &[(&str, &OsStr)], payout: &str, out: &Path) -> Result<()> {
    let album = Album::open(program, book, out)?;
    println!("\nThe window as it looks on a screen:");
    album.take("window", "#/payouts", LISTED)?;
    album.take("payout", &format!("#/payouts/{payout}"), EXPLAINED)
}

/// Photographs every page that the sidebar leads to, a payout with each of its tabs and its
/// statement, panels and dialogs of other pages, what search finds, the door, also while another
/// program has the book, a new company and its empty pages, the report of an import, what it set
/// aside and the assigning of columns, each in every look. Returns how many.
///
/// # Errors
/// When a page does not settle, or a picture is blank.
pub fn every_page(program: &Path, model: Model<'_>, settings: &Path, out: &Path) -> Result<usize> {
    // Looks are remembered by the window; the person's own choice is left alone.
    let own = [("XDG_CONFIG_HOME", settings.as_os_str()), ("USER", OsStr::new(PERSON))];
    let album = Album::open(program, &[&model.environment()[..], &own].concat(), out)?;
    let pages = album.pages()?;
    for (theme, language) in LOOKS {
        album.wear(theme, language)?;
        let look = format!("{theme}-{language}");
        for page in &pages {
            let name = page.trim_start_matches("#/").replace('/', "-");
            album.take(&format!("{name}-{look}"), page, SETTLED)?;
        }
        album.further(&look)?;
        album.payout(model.payout, &look)?;
        album.palette(&look)?;
    }
    // What is done for a scene changes the pages: every page was taken before.
    for (theme, language) in LOOKS {
        album.wear(theme, language)?;
        album.scenes(&format!("{theme}-{language}"))?;
    }
    album.door(model)?;
    album.new_company(model)?;
    album.report(model)?;
    Ok(album.taken.get())
}

/// Copies the pictures that the README shows to where it looks for them.
///
/// # Errors
/// When one is missing.
pub fn show(pages: &Path, docs: &Path) -> Result<()> {
    fs::create_dir_all(docs).with_context(|| format!("cannot create {}", docs.display()))?;
    for name in SHOWN {
        let (from, to) = (pages.join(format!("{name}.png")), docs.join(format!("{name}.png")));
        let picture = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        fs::write(&to, small(&picture)?)
            .with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

impl<'a> Album<'a> {
    fn open(program: &Path, environment: &[(&str, &OsStr)], out: &'a Path) -> Result<Self> {
        fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
        let screen = Screen::start(environment)?;
        let window = screen.open(program, &[])?;
        window.resize(1280, 800)?;
        window.wait_until("the demo company", OPEN, Duration::from_secs(60))?;
        Ok(Self { window, out, taken: Cell::new(0), _screen: screen })
    }

    /// Addresses of the sidebar, in its order.
    fn pages(&self) -> Result<Vec<String>> {
        let found = self.window.script(
            "return [...document.querySelectorAll('nav a[href^=\"#/\"]')] \
             .map((link) => link.getAttribute('href'))",
        )?;
        let pages: Vec<String> = found
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if pages.is_empty() {
            bail!("the window has no way between pages");
        }
        Ok(pages)
    }

    /// Chooses colours and a language.
    fn wear(&self, theme: &str, language: &str) -> Result<()> {
        for value in [theme, language] {
            let button = format!("button[data-value={value}]");
            let there = format!("return document.querySelector('{button}') !== null");
            self.window.wait_until(value, &there, PATIENCE)?;
            self.window.script(&press(&button))?;
        }
        // The language turns when the program has heard of it.
        let turned = format!("return document.documentElement.lang.startsWith('{language}')");
        self.window.wait_until(language, &turned, PATIENCE)
    }

    /// Pages that show more when they are asked for something.
    fn further(&self, look: &str) -> Result<()> {
        const ENTRIES: &str = "return document.querySelector('[data-sum]') !== null \
            && document.querySelector('main [aria-busy=true]') === null";
        self.take(&format!("ledger-figure-{look}"), "#/ledger?account=assets:bank", ENTRIES)?;
        for tab in ["bridge", "rates", "heat"] {
            self.take(&format!("reports-{tab}-{look}"), &format!("#/reports?tab={tab}"), SETTLED)?;
        }
        Ok(())
    }

    /// One payout, then each tab at its foot.
    fn payout(&self, payout: &str, look: &str) -> Result<()> {
        self.take(&format!("payout-{look}"), &format!("#/payouts/{payout}"), EXPLAINED)?;
        let tabs = self.window.script(
            "return [...document.querySelectorAll('main [role=tab]')] \
             .map((tab) => tab.dataset.value)",
        )?;
        for tab in tabs.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let show = press(&format!("[role=tab][data-value={tab}]"));
            let foot = "document.querySelector('[role=tablist]').scrollIntoView()";
            self.window.script(&format!("{show}; {foot}"))?;
            self.shoot(&format!("payout-{tab}-{look}"), SETTLED)?;
        }
        self.window.script(&scenes::script("key('p', { ctrlKey: true })"))?;
        self.shoot(&format!("statement-{look}"), &scenes::has(".paper tbody tr"))?;
        self.leave()
    }

    /// Panels and dialogs, each reached as a person reaches it.
    fn scenes(&self, look: &str) -> Result<()> {
        for scene in &SCENES {
            self.window.script(&format!("location.hash = '{}'", scene.address))?;
            self.window.wait_until(scene.address, &scenes::has(scene.begins), PATIENCE)?;
            for (name, act, ready) in scene.acts {
                self.window.script(&scenes::script(act))?;
                self.shoot(&format!("{name}-{look}"), &scenes::has(ready))?;
            }
            self.leave()?;
        }
        Ok(())
    }

    /// Leaves whatever stands above the page.
    fn leave(&self) -> Result<()> {
        const OPEN: &str = "return document.querySelector('[role=dialog]') === null";
        for _ in 0..3 {
            self.window.script(scenes::ESCAPE)?;
            if self.window.wait_until("the page", OPEN, Duration::from_millis(500)).is_ok() {
                return Ok(());
            }
        }
        self.window.wait_until("the page below its dialogs", OPEN, PATIENCE)
    }

    /// What search finds.
    fn palette(&self, look: &str) -> Result<()> {
        self.window.script(&press("button.find"))?;
        let typed = "return document.querySelector('[role=combobox]') !== null";
        self.window.wait_until("search", typed, PATIENCE)?;
        self.window.script(
            "const field = document.querySelector('[role=combobox]'); \
             field.value = '344.14'; field.dispatchEvent(new Event('input', { bubbles: true }))",
        )?;
        self.shoot(&format!("search-{look}"), FOUND)?;
        let close = "document.querySelector('[role=combobox]').dispatchEvent( \
             new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))";
        self.window.script(close)?;
        let gone = "return document.querySelector('[role=combobox]') === null";
        self.window.wait_until("the end of search", gone, PATIENCE)
    }

    /// The door, in every look, also while another program has the book, and through it again.
    fn door(&self, model: Model<'_>) -> Result<()> {
        let book = json!(model.book);
        for (theme, language) in LOOKS {
            self.wear(theme, language)?;
            self.ask("switch_book", &json!({ "place": book }))?;
            self.window.script("location.reload()")?;
            self.shoot(&format!("lock-{theme}-{language}"), LOCKED)?;
            let secret = model.passphrase;
            let held = hold(model.book)?;
            self.window.script(&scenes::script(&format!(
                "const field = document.querySelector('input[type=password]'); \
                 type(field, {}); field.form.requestSubmit()",
                json!(secret)
            )))?;
            self.shoot(&format!("open-elsewhere-{theme}-{language}"), SHUT)?;
            drop(held);
            let way = json!({ "path": book, "way": "passphrase", "secret": secret });
            self.ask("open_book", &way)?;
            self.window.script("location.reload()")?;
            self.window.wait_until("the demo company", OPEN, PATIENCE)?;
        }
        Ok(())
    }

    /// A new company: what is asked of its owner, and its pages while they are empty.
    fn new_company(&self, model: Model<'_>) -> Result<()> {
        const ASKED: &str = "return document.querySelector('#company') !== null";
        let (path, passphrase) = (model.new_book(), model.passphrase);
        for (theme, language) in LOOKS {
            self.wear(theme, language)?;
            self.ask("switch_book", &json!({ "place": path }))?;
            self.window.script("location.reload()")?;
            self.shoot(&format!("new-company-{theme}-{language}"), ASKED)?;
            self.ask("switch_book", &json!({ "place": model.book }))?;
            let way = json!({ "path": model.book, "way": "passphrase", "secret": passphrase });
            self.ask("open_book", &way)?;
            self.window.script("location.reload()")?;
            self.window.wait_until("the demo company", OPEN, PATIENCE)?;
        }
        let new = json!({ "path": path, "company": "算盘练习咖啡馆", "passphrase": passphrase });
        self.ask("switch_book", &json!({ "place": path }))?;
        self.ask("create_book", &new)?;
        self.window.script("location.reload()")?;
        let inside = "return document.querySelector('nav') !== null";
        self.window.wait_until("a new book", inside, PATIENCE)?;
        for (theme, language) in LOOKS {
            self.wear(theme, language)?;
            for page in EMPTY {
                let name = format!("empty-{page}-{theme}-{language}");
                self.take(&name, &format!("#/{page}"), SETTLED)?;
            }
        }
        Ok(())
    }

    /// The report of an import into the new book, a row it set aside, and a table whose columns
    /// have to be assigned, in every look.
    fn report(&self, model: Model<'_>) -> Result<()> {
        const READ: &str = "return document.querySelector('.report li') !== null";
        self.window.script("location.hash = '#/import'")?;
        let field = "return document.querySelector('input[name=path]') !== null";
        self.window.wait_until("import", field, PATIENCE)?;
        // As files dropped on the page: a path typed there would stay in every picture.
        self.ask("start_import", &json!({ "paths": [model.bills], "mapping": null }))?;
        self.window.wait_until("the report", READ, Duration::from_secs(120))?;
        for (theme, language) in LOOKS {
            self.wear(theme, language)?;
            self.shoot(&format!("report-{theme}-{language}"), READ)?;
        }
        for (name, press_on, shows) in [
            ("set-aside", "[data-aside]", "[data-set-aside]"),
            ("mapping", "[data-mapping]", "[role=dialog] select"),
        ] {
            self.window.script(&press(press_on))?;
            self.window.wait_until(name, &scenes::has(shows), PATIENCE)?;
            for (theme, language) in LOOKS {
                self.wear(theme, language)?;
                self.shoot(&format!("{name}-{theme}-{language}"), &scenes::has(shows))?;
            }
            self.leave()?;
        }
        Ok(())
    }

    /// Asks the program something the page would ask it.
    fn ask(&self, command: &str, with: &Value) -> Result<()> {
        let answer = self.window.script_async(&format!(
            "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('{command}', {with}) \
             .then(() => done('done'), (no) => done(JSON.stringify(no)))",
        ))?;
        if answer != "done" {
            bail!("{command}: {answer}");
        }
        Ok(())
    }

    fn take(&self, name: &str, address: &str, ready: &str) -> Result<()> {
        self.window.script(&format!("location.hash = '{address}'"))?;
        self.shoot(name, ready)
    }

    fn shoot(&self, name: &str, ready: &str) -> Result<()> {
        self.window.wait_until(name, ready, PATIENCE)?;
        let picture = self.window.screenshot()?;
        if picture.len() < BLANK {
            bail!("the picture {name} is blank ({} bytes)", picture.len());
        }
        let path = self.out.join(format!("{name}.png"));
        fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))?;
        println!("  {}", path.display());
        self.taken.set(self.taken.get() + 1);
        Ok(())
    }
}

/// Has a book as another program has it that is open there, until it is dropped.
fn hold(book: &Path) -> Result<fs::File> {
    let mut path = book.as_os_str().to_owned();
    path.push(".lock");
    let open = fs::File::options().read(true).write(true).create(true).truncate(false).open(&path);
    let file = open.with_context(|| format!("cannot open {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// A script that presses what `css` finds.
fn press(css: &str) -> String {
    format!("document.querySelector('{css}').click()")
}
