//! The practice shop's files, and the demo company made from them.

use crate::error::Error;
use crate::import::{ImportOptions, Progress, Watch, import};
use crate::office::Office;
use practice::{Options, Plant};
use secrets::Secret;
use std::path::Path;
use std::sync::atomic::AtomicBool;

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
pub fn write(
    out: &Path,
    seed: u64,
    days: u32,
    size: u32,
    no_problems: bool,
) -> Result<Written, Error> {
    let planted = if no_problems { Plant::None } else { Plant::All };
    let options = Options { seed, days, size, planted, ..Options::default() };
    practice::write(out, &options).map_err(|error| Error::Practice(error.to_string()))
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
    let office =
        Office::create(location, DEMO_COMPANY, Secret::new(DEMO_PASSPHRASE.to_owned()), false)?;
    let made = fill(&office.office, location, now_ms, on_progress);
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

fn fill(
    office: &Office,
    location: &str,
    now_ms: i64,
    on_progress: &mut dyn FnMut(&Progress),
) -> Result<(), Error> {
    let folder = Path::new(location).with_extension("practice");
    let written = write(&folder, 1, Options::default().days, DEMO_SIZE, false);
    let imported = written.and_then(|_| {
        let options = ImportOptions { now_ms, ..ImportOptions::default() };
        let cancel = AtomicBool::new(false);
        let mut watch = Watch { progress: on_progress, cancel: &cancel };
        // The truth file is for tests, not for the book.
        let parts = ["wechat", "alipay", "bank", "shop"].map(|part| folder.join(part));
        import(office.book(), &parts, &options, &mut watch)
    });
    let _ = std::fs::remove_dir_all(&folder);
    imported.map(|_| ())
}
