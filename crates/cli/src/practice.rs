//! `practice write`, `practice serve`, `demo`.

use crate::import::{Meter, now_ms};
use crate::output::Output;
use crate::problem::{Exit, Problem};
use backoffice::import::Progress;
use backoffice::{Error, practice_shop};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

pub use backoffice::practice_shop::{Season, Shop};

/// Writes the practice shop's files.
///
/// # Errors
/// When the folder is not empty or cannot be written.
pub fn write(out: &Path, shop: &Shop, output: &mut Output) -> Result<Exit, Problem> {
    let written = practice_shop::write(out, shop)?;
    let place = out.display().to_string();
    if output.json {
        output.value(&json!({
            "path": place,
            "files": written.files,
            "orders": written.orders,
            "trade_lines": written.trade_lines,
            "fund_rows": written.fund_rows,
            "bank_lines": written.bank_lines,
            "payouts": written.payouts,
            "problems": written.problems,
        }))?;
    } else {
        let files = written.files.to_string();
        output.say("cli.practice.written", &[("files", &files), ("place", &place)])?;
    }
    Ok(Exit::Fine)
}

/// Serves a season by the channels' protocols until Ctrl+C.
///
/// # Errors
/// When the port is taken or the folder cannot be written.
pub fn serve(season: &Season, out: Option<&Path>, output: &mut Output) -> Result<Exit, Problem> {
    let serving = practice_shop::serve(season, out, now_ms)?;
    let (from, to) = (serving.days.0.as_str(), serving.days.1.as_str());
    let files = serving.files.as_ref().map(|path| path.display().to_string());
    let setups: Vec<String> = serving.setups.iter().map(|p| p.display().to_string()).collect();
    if output.json {
        output.value(&json!({
            "base": serving.base(), "from": from, "to": to, "channels": serving.channels(),
            "files": files, "setups": setups,
        }))?;
    } else {
        let values = [("base", serving.base()), ("from", from), ("to", to)];
        output.say("cli.practice.serving", &values)?;
        for path in &setups {
            output.say("cli.practice.setup", &[("path", path)])?;
        }
        if let Some(path) = &files {
            output.say("cli.practice.files", &[("path", path)])?;
        }
    }
    output.finish()?;
    let (tell, stop) = mpsc::channel();
    // Without a handler Ctrl+C ends the program at once, which loses nothing here.
    let _ = ctrlc::set_handler(move || {
        let _ = tell.send(());
    });
    // The handler keeps its end for as long as the program runs.
    let _ = stop.recv();
    if !output.json {
        output.say("cli.practice.stopped", &[])?;
    }
    Ok(Exit::Fine)
}

/// Card sales a day of a demo company that is fetched.
const DEMO_CARDS: u32 = 3;

/// Makes the demo book, or says that it is there already.
///
/// # Errors
/// What making it can say.
pub fn demo(at: Option<PathBuf>, sync: bool, output: &mut Output) -> Result<Exit, Problem> {
    let path = match at {
        Some(path) => path,
        None => default_place().ok_or_else(|| Problem::usage("no_home", ""))?,
    };
    let place = path.display().to_string();
    let made = !path.exists();
    if made {
        make(&path, &place, sync, output)?;
    }
    if output.json {
        output.value(&json!({
            "place": place, "made": made, "passphrase": practice_shop::DEMO_PASSPHRASE,
        }))?;
        return Ok(Exit::Fine);
    }
    let key = if made { "cli.demo.made" } else { "cli.demo.exists" };
    output.say(key, &[("place", &place)])?;
    let values = [("passphrase", practice_shop::DEMO_PASSPHRASE), ("place", &place)];
    output.say("cli.demo.hint", &values)?;
    Ok(Exit::Fine)
}

fn make(path: &Path, place: &str, sync: bool, output: &Output) -> Result<(), Problem> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::File { path: folder.display().to_string(), source })?;
    }
    let mut meter = Meter::new(output);
    let mut show = |at: &Progress| meter.show(at);
    let made = match sync {
        true => practice_shop::create_demo_by_sync(place, DEMO_CARDS, &mut show),
        false => practice_shop::create_demo(place, now_ms(), &mut show),
    };
    meter.clear();
    made?.close();
    Ok(())
}

/// `suanpan/demo.suanpan` in the folder where this user's programs keep their data.
fn default_place() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = set("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| Some(std::env::home_dir()?.join(".local").join("share")));
    data.map(|data| data.join("suanpan").join("demo.suanpan"))
}
