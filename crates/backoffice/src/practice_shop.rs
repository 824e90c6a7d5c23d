//! The practice shop's files, and the demo company made from them.

use crate::channels::{self, Route, Setup, SyncRequest};
use crate::decisions::Actor;
use crate::error::Error;
use crate::import::{ImportOptions, Progress, Watch, import};
use crate::office::Office;
use domain::BusinessDate;
use practice::platform::{Platform, Settings};
use practice::{Options, Plant};
use secrets::Secret;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The demo company's name.
pub const DEMO_COMPANY: &str = "算盘练习咖啡馆";
/// The demo company's passphrase; it guards nothing.
pub const DEMO_PASSPHRASE: &str = "suanpan-demo";
/// Orders a day in the demo company.
const DEMO_SIZE: u32 = 30;

/// What was written.
pub use practice::Summary as Written;

/// Writes a practice shop's files into an empty or new folder.
///
/// # Errors
/// [`Error::Practice`]: the folder is not empty, an option makes no sense, the disk is full.
pub fn write(out: &Path, shop: &Shop) -> Result<Written, Error> {
    practice::write(out, &shop.options()).map_err(|error| Error::Practice(error.to_string()))
}

/// What the practice shop sells, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    /// The same seed gives the same season.
    pub seed: u64,
    /// Days.
    pub days: u32,
    /// Orders a day.
    pub size: u32,
    /// Plant nothing.
    pub no_problems: bool,
}

impl Shop {
    fn options(&self) -> Options {
        let planted = if self.no_problems { Plant::None } else { Plant::All };
        let Self { seed, days, size, .. } = *self;
        Options { seed, days, size, planted, ..Options::default() }
    }
}

/// A season to serve by the channels' protocols.
#[derive(Clone, Debug)]
pub struct Season {
    /// Port on 127.0.0.1; any free one when 0.
    pub port: u16,
    /// Its last day is yesterday by Beijing's clock.
    pub shop: Shop,
    /// Card sales a day at UnionPay, and as many at Stripe; no file of the shop has them.
    pub cards: u32,
}

/// A practice platform that listens until it is dropped.
pub struct Serving {
    platform: Platform,
    /// First and last day of the season, `YYYY-MM-DD`.
    pub days: (String, String),
    /// The set-up files that were written, one for each channel.
    pub setups: Vec<PathBuf>,
    /// The season's files, where a folder was given.
    pub files: Option<PathBuf>,
}

impl Serving {
    /// `http://127.0.0.1:PORT`, for every channel.
    pub fn base(&self) -> &str {
        self.platform.base()
    }

    /// Codes of the channels it speaks for.
    pub fn channels(&self) -> Vec<&'static str> {
        self.platform.setups().iter().map(|setup| setup.channel).collect()
    }
}

/// Orders made over the protocol are paid by an obliging customer after so long.
const PAYS_AFTER_MS: i64 = 8_000;

/// Serves a season that ends yesterday by the channels' own protocols. Into `out` go a set-up
/// file for each channel, written over, and the season's files in `out/files`, for the bank and
/// the shop's own lists, which no channel delivers.
///
/// # Errors
/// [`Error::PracticePort`] when the port is taken, [`Error::Practice`] when the files cannot be
/// written.
pub fn serve(
    season: &Season,
    out: Option<&Path>,
    clock: impl Fn() -> i64 + Send + Sync + 'static,
) -> Result<Serving, Error> {
    let today = BusinessDate::of_ms(clock());
    let first = today.plus_days(-i32::try_from(season.shop.days).unwrap_or(i32::MAX));
    let shop = Options { from: first.naive(), ..season.shop.options() };
    let mut settings = Settings::new(shop.clone(), Arc::new(clock));
    settings.port = season.port;
    settings.union_pay_sales = season.cards;
    settings.stripe_sales = season.cards;
    settings.pays_after_ms = Some(PAYS_AFTER_MS);
    let platform = Platform::start(settings);
    let platform = platform.map_err(|error| Error::PracticePort(error.to_string()))?;
    let (mut setups, mut files) = (Vec::new(), None);
    if let Some(out) = out {
        let place = out.join("files");
        let written = practice::write(&place, &shop);
        written.map_err(|error| Error::Practice(error.to_string()))?;
        files = Some(place);
        for setup in platform.setups() {
            let path = out.join(format!("{}.json", setup.channel));
            std::fs::write(&path, setup.to_json())
                .map_err(|source| Error::File { path: path.display().to_string(), source })?;
            setups.push(path);
        }
    }
    let days = (first.to_string(), today.plus_days(-1).to_string());
    Ok(Serving { platform, days, setups, files })
}

/// True for the demo company's book.
///
/// # Errors
/// The database's.
pub fn is_demo(office: &Office) -> Result<bool, Error> {
    Ok(office.company()? == DEMO_COMPANY)
}

/// The platform of the demo company's counter, for as long as the program runs.
static COUNTER: Mutex<Option<Serving>> = Mutex::new(None);

/// Days of the season behind the demo company's counter: nothing of it is fetched.
const COUNTER_DAYS: u32 = 2;

/// Connects the demo company to a practice platform in this program, so that money can be taken
/// at a counter where none moves. Its buyers pay by themselves. It listens on another port each
/// time the program runs; then the connections are given the new one.
///
/// # Errors
/// [`Error::BadInput`] for any other company; [`Error::PracticePort`]; what connecting can say.
pub fn practice_counter(
    office: &Office,
    clock: &'static (dyn Fn() -> i64 + Sync),
    who: &str,
) -> Result<(), Error> {
    if !is_demo(office)? {
        let reason = "only the demo company has a practice counter".to_owned();
        return Err(Error::BadInput { field: "company", reason });
    }
    // A panic inside leaves nothing half done: there is a platform or there is none.
    let mut counter = COUNTER.lock().unwrap_or_else(PoisonError::into_inner);
    if counter.is_none() {
        let shop = Shop { seed: 1, days: COUNTER_DAYS, size: 1, no_problems: true };
        let season = Season { port: 0, shop, cards: 0 };
        *counter = Some(serve(&season, None, clock)?);
    }
    let Some(serving) = counter.as_ref() else { return Ok(()) };
    let actor = Actor { name: who, at_ms: clock() };
    let book = office.book();
    for setup in serving.platform.setups() {
        if !["wechat_pay", "alipay"].contains(&setup.channel) {
            continue;
        }
        let setup = Setup::parse(&Secret::new(setup.to_json()))?;
        let known = channels::list(&mut office.reader()?)?
            .into_iter()
            .find(|known| known.kind == setup.kind && known.account_no == setup.account_no());
        match known {
            Some(known) => channels::renew(book, known.id, &setup, &actor)?,
            None => {
                let id = channels::add(book, &setup, "", None, &actor)?;
                // Its two days of sales are not the demo company's.
                channels::pause(book, id, true)?;
            }
        }
    }
    Ok(())
}

/// Makes the demo company's book at `location` and imports the practice shop into it.
///
/// The files are written to a folder beside the book and removed again: the book keeps its own
/// copy of each. Nothing is left behind when it fails.
///
/// # Errors
/// What creating, writing and importing can say.
pub fn create_demo(
    location: &str,
    now_ms: i64,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<Office, Error> {
    created(location, |office| fill(office, location, now_ms, on_progress))
}

/// The same company, but its bills are fetched: the practice platform speaks WeChat Pay's,
/// Alipay's, UnionPay's and Stripe's protocols on this machine, by a clock that stands on the day
/// after the season. What comes from WeChat Pay and Alipay is what the files say; card sales at
/// UnionPay and Stripe, `cards` a day at each, stand beside them. The connections stay in the
/// book, paused: the platform is gone afterwards.
///
/// # Errors
/// What creating, writing, fetching and importing can say.
pub fn create_demo_by_sync(
    location: &str,
    cards: u32,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<Office, Error> {
    created(location, |office| fetched(office, location, cards, on_progress))
}

fn created(
    location: &str,
    fill: impl FnOnce(&Office) -> Result<(), Error>,
) -> Result<Office, Error> {
    let office =
        Office::create(location, DEMO_COMPANY, Secret::new(DEMO_PASSPHRASE.to_owned()), false)?;
    let made = fill(&office.office);
    match made {
        Ok(()) => Ok(office.office),
        Err(error) => {
            office.office.close();
            // Half a demo would be taken for a whole one; nobody else's data is in it.
            for ending in ["", ".keys", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{location}{ending}"));
            }
            Err(error)
        }
    }
}

/// The demo company's shop.
fn demo_shop() -> Shop {
    Shop { seed: 1, days: Options::default().days, size: DEMO_SIZE, no_problems: false }
}

fn fill(
    office: &Office,
    location: &str,
    now_ms: i64,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), Error> {
    // The truth file is for tests, not for the book.
    let parts = ["wechat", "alipay", "bank", "shop"];
    from_files(office, location, &parts, now_ms, on_progress)
}

/// Imports parts of the shop's files, which are written beside the book and removed again.
fn from_files(
    office: &Office,
    location: &str,
    parts: &[&str],
    now_ms: i64,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), Error> {
    let folder = Path::new(location).with_extension("practice");
    let imported = write(&folder, &demo_shop()).and_then(|_| {
        let options = ImportOptions { now_ms, ..ImportOptions::default() };
        let cancel = AtomicBool::new(false);
        let mut watch = Watch { progress: on_progress, cancel: &cancel };
        let parts: Vec<PathBuf> = parts.iter().map(|part| folder.join(part)).collect();
        import(office.book(), &parts, &options, &mut watch)
    });
    let _ = std::fs::remove_dir_all(&folder);
    imported.map(|_| ())
}

fn fetched(
    office: &Office,
    location: &str,
    cards: u32,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), Error> {
    let shop = demo_shop().options();
    let first = BusinessDate::from_naive(shop.from);
    let days = i32::try_from(shop.days).unwrap_or(i32::MAX);
    // In the afternoon every bill of the day before is there.
    let afternoon = |day: i32| first.plus_days(day).start_ms() + 14 * 3_600_000;
    let now_ms = afternoon(days);
    let clock = Arc::new(AtomicI64::new(now_ms));
    let theirs = Arc::clone(&clock);
    let mut settings = Settings::new(shop, Arc::new(move || theirs.load(Ordering::SeqCst)));
    settings.union_pay_sales = cards;
    settings.stripe_sales = cards;
    let platform = Platform::start(settings);
    let platform = platform.map_err(|error| Error::PracticePort(error.to_string()))?;
    let actor = Actor { name: DEMO_COMPANY, at_ms: now_ms };
    let mut connections = Vec::new();
    for setup in platform.setups() {
        let setup = Setup::parse(&Secret::new(setup.to_json()))?;
        connections.push(channels::add(office.book(), &setup, "", Some(first.days()), &actor)?);
    }
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut *on_progress, cancel: &cancel };
    let request = SyncRequest { route: Route::Direct, force: true, ..SyncRequest::default() };
    // Bills are given out for three months only: who waits longer loses the first days.
    for day in [days / 2, days] {
        clock.store(afternoon(day), Ordering::SeqCst);
        let ours = || clock.load(Ordering::SeqCst);
        let report = channels::sync(office.book(), &request, &ours, &mut watch)?;
        // Some bills are not to be had, which is one of the season's planted problems.
        if let Some(left) = report.connections.iter().find(|one| one.left) {
            return Err(Error::Practice(format!("{} {}", left.trouble, left.detail)));
        }
    }
    for id in connections {
        channels::pause(office.book(), id, true)?;
    }
    from_files(office, location, &["bank", "shop"], now_ms, on_progress)
}
