//! Fetching over the network beside importing the same files from the disk.

use crate::{beside, row, settle, timed};
use anyhow::{Result, ensure};
use backoffice::channels::{self, Route, Setup, SyncRequest};
use backoffice::decisions::Actor;
use backoffice::import::{ImportOptions, Watch, import};
use backoffice::proof::state_hash;
use backoffice::{BusinessDate, Secret};
use practice::Options;
use practice::platform::{Platform, Settings};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use support::{Kind, PracticeShop, new_book, reader};

/// Two books of the same bills: one imported, one fetched from the practice platform.
pub fn run(options: &Options) -> Result<()> {
    let shop = PracticeShop::write(options);
    let first = BusinessDate::from_naive(options.from);
    let end = first.plus_days(i32::try_from(options.days)?);
    let now_ms = end.start_ms() + 14 * 3_600_000;
    let mut settings = Settings::new(options.clone(), Arc::new(move || now_ms));
    settings.bills_made = true;
    let platform = Platform::start(settings)?;

    let files = new_book(Kind::Sqlite);
    let folders = ["wechat", "alipay"].map(|part| shop.path().join(part));
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    let (done, imported) = timed(|| {
        let done = import(&files.book, &folders, &ImportOptions::default(), &mut watch);
        settle(&files.book);
        done
    });
    let rows: u64 = done?.files.iter().map(|file| file.rows_new).sum();
    row("import of the channels' files, reconciled", imported, &format!("{rows} rows"));

    let synced = new_book(Kind::Sqlite);
    let actor = Actor { name: "bench", at_ms: now_ms };
    for setup in platform.setups() {
        if matches!(setup.channel, "wechat_pay" | "alipay") {
            let setup = Setup::parse(&Secret::new(setup.to_json()))?;
            channels::add(&synced.book, &setup, "", Some(first.days()), &actor)?;
        }
    }
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let (done, took) = timed(|| {
        let done = channels::sync(&synced.book, &request, &|| now_ms, &mut watch);
        settle(&synced.book);
        done
    });
    let report = done?;
    ensure!(report.connections.iter().all(|done| done.failed == 0), "{:?}", report.connections);
    row("the same fetched by a sync, reconciled", took, "both sides of the line on one machine");
    beside("import from the disk", imported, took, "goal 1.2");
    let hash = |book| state_hash(&mut reader(book));
    ensure!(hash(&synced.book)? == hash(&files.book)?, "the two books differ");
    Ok(())
}
