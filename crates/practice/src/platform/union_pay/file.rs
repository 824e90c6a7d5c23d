//! The file of a clearing day.

use super::{Done, Fields, MERCHANT, format_error, get, no};
use crate::files::Zip;
use crate::platform::clock::{beijing, date, read_day};
use crate::platform::keys::base64;
use crate::platform::script::BillTwist;
use crate::platform::{Turn, World};
use crate::time::{civil, compact_date, day_of};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::{self, Cursor, Write};

/// Files are ready at nine on the day after the clearing day.
const READY_SECS: u32 = 9 * 3600;

/// `txnType` 76: `settleDate` names no year, so the latest such day is meant.
pub(super) fn download(world: &World, turn: &Turn, asked: &Fields) -> Done {
    if get(asked, "fileType")? != "00" {
        return Err(format_error("fileType"));
    }
    let wanted = get(asked, "settleDate")?;
    let now = beijing(turn.now_ms);
    let (year, _, _) = civil(now.day);
    let day = [year, year - 1]
        .into_iter()
        .filter_map(|year| read_day(&format!("{year}{wanted}")))
        .find(|day| *day <= now.day)
        .filter(|_| wanted.len() == 4)
        .ok_or_else(|| format_error("settleDate"))?;
    let twists = world.script().twist("union_pay", "trade", &date(day), turn.now_ms);
    let file = file(world, day, &twists).filter(|_| is_ready(day, turn.now_ms));
    let Some((name, zip)) = file else {
        return Err(no("98", "9100098", "文件不存在"));
    };
    let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
    let packed = out.write_all(&zip).and_then(|()| out.finish());
    let packed = packed.expect("memory takes any bytes");
    Ok(Fields::from([("fileName".into(), name), ("fileContent".into(), base64(&packed))]))
}

/// Every clearing day's file that is ready, as nothing is wrong with it.
pub(in crate::platform) fn files(world: &World, now_ms: i64) -> Vec<(String, Vec<u8>)> {
    let first = day_of(world.settings.shop.from);
    (first..beijing(now_ms).day)
        .filter(|day| is_ready(*day, now_ms))
        .filter_map(|day| file(world, day, &[]))
        .collect()
}

fn is_ready(day: i32, now_ms: i64) -> bool {
    let now = beijing(now_ms);
    day + 1 < now.day || (day + 1 == now.day && now.sec >= READY_SECS)
}

/// Name and bytes; `None` for a day on which nothing is cleared.
fn file(world: &World, day: i32, twists: &[BillTwist]) -> Option<(String, Vec<u8>)> {
    let lines = world.union_season.file(day, MERCHANT, twists)?;
    let date = compact_date(day);
    let entry = format!("INN{}88ZM_{MERCHANT}", &date[2..]);
    let zip = archive(day, &entry, &lines).expect("memory takes any bytes");
    Some((format!("{MERCHANT}_{date}.zip"), zip))
}

fn archive(day: i32, entry: &str, lines: &str) -> io::Result<Vec<u8>> {
    let mut zip = Zip::new(Cursor::new(Vec::new()), day + 1);
    zip.start(entry)?;
    zip.text(lines)?;
    zip.end()?;
    zip.finish().map(Cursor::into_inner)
}
