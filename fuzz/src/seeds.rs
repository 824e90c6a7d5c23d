//! Real files to start from: the fixtures of the readers, unpacked and packed.

use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

const SHEET: &str = "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/\
    spreadsheetml/2006/main\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\">\
    <is><t>日期</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>金额</t></is></c></row>\
    <row r=\"2\"><c r=\"A2\"><v>46126</v></c>\
    <c r=\"B2\"><v>12.5</v></c></row></sheetData></worksheet>";

const MAPPING: &str = "{\"target\":\"bank\",\"columns\":{\"交易日期\":\"booked_on\",\"借方金额\":\"debit\",\
    \"贷方金额\":\"credit\",\"余额\":\"balance\",\"摘要\":\"memo\",\"账号\":\"account_no\"},\
    \"amount\":{\"style\":\"debit_credit\"}}";

/// The inputs a target starts from.
///
/// # Errors
/// When a fixture cannot be read.
pub fn of(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/connectors/fixtures");
    let wechat = files(&fixtures.join("wechat_pay"))?;
    let zips = files(&fixtures.join("alipay"))?;
    let bank = files(&fixtures.join("bank"))?;
    let tables = files(&fixtures.join("table"))?;
    let of_kind = |files: &[(String, Vec<u8>)], part: &str| -> Vec<Vec<u8>> {
        files.iter().filter(|(name, _)| name.contains(part)).map(|(_, b)| b.clone()).collect()
    };
    Ok(match target {
        "wechat_trade" => of_kind(&wechat, "trade"),
        "wechat_fund" => of_kind(&wechat, "fund"),
        "alipay_trade" => inside(&zips, 0),
        "alipay_account" => inside(&zips, 0),
        "alipay_summaries" => inside(&zips, 1),
        "replay" => of_kind(&wechat, "").iter().map(|bill| second_row(bill)).collect(),
        "bank_ofx" => of_kind(&bank, ".ofx"),
        "bank_mt940" => of_kind(&bank, ".mt940"),
        "bank_camt053" => of_kind(&bank, ".xml"),
        "table_text" => of_kind(&tables, ".csv"),
        "table_workbook" => vec![workbook(&files(&fixtures.join("table/workbook"))?)?],
        "mapping" => of_kind(&tables, "bank.csv")
            .iter()
            .map(|table| [MAPPING.as_bytes(), b"\0", table].concat())
            .collect(),
        "answer_wechat" => {
            let answers = files(&fixtures.join("api/wechat_pay"))?;
            // The first byte chooses the status 200.
            of_kind(&answers, ".json").iter().map(|body| [b"\0", &body[..]].concat()).collect()
        }
        "answer_stripe" => {
            let answers = files(&fixtures.join("api/stripe"))?;
            of_kind(&answers, ".json").iter().map(|body| [b"\0", &body[..]].concat()).collect()
        }
        "answer_union_pay" => {
            let mut all = of_kind(&files(&fixtures.join("api/union_pay"))?, ".txt");
            // The fields of an answer stand one a line; they travel joined.
            all.extend(of_kind(&files(&fixtures.join("api/union_pay"))?, "fields").iter().map(
                |lines| String::from_utf8_lossy(lines).trim_end().replace('\n', "&").into_bytes(),
            ));
            all
        }
        "union_pay_clearing" => of_kind(&files(&fixtures.join("api/union_pay"))?, "zm"),
        "stripe_balance" => of_kind(&files(&fixtures.join("stripe"))?, ""),
        "answer_shops" => {
            let answers = files(&fixtures.join("shops"))?;
            of_kind(&answers, ".json").iter().map(|body| [b"\0", &body[..]].concat()).collect()
        }
        "shop_orders" => {
            let answers = files(&fixtures.join("shops"))?;
            of_kind(&answers, "vendure").iter().map(|body| shop_orders(body)).collect()
        }
        "answer_alipay" => of_kind(&files(&fixtures.join("api/alipay"))?, ""),
        _ => {
            let mut all: Vec<Vec<u8>> =
                [wechat, zips, bank, tables].concat().into_iter().map(|(_, bytes)| bytes).collect();
            let packed: io::Result<Vec<_>> = all.iter().take(2).map(|bytes| gzip(bytes)).collect();
            all.extend(packed?);
            all
        }
    })
}

/// Writes the seeds of a target into the folder that `SUANPAN_SEEDS` names, and ends the program;
/// without that name nothing happens. So a target needs no second program for its corpus.
///
/// # Panics
/// When a fixture cannot be read or the folder cannot be written.
pub fn write_if_asked(target: &str) {
    let Some(folder) = std::env::var_os("SUANPAN_SEEDS") else { return };
    write(target, Path::new(&folder)).expect("fixtures can be read and the folder written");
    std::process::exit(0);
}

/// Writes the seeds of a target into a folder.
///
/// # Errors
/// When a fixture cannot be read or the folder cannot be written.
pub fn write(target: &str, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, seed) in of(target)?.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:02}")), seed)?;
    }
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, fs::read(&path)?))
        })
        .collect()
}

/// The `index`-th entry of every archive, unpacked.
fn inside(zips: &[(String, Vec<u8>)], index: usize) -> Vec<Vec<u8>> {
    let entry = |bytes: &Vec<u8>| {
        let entries = connectors::open_bytes("seed", bytes.clone()).ok()?;
        let mut unpacked = Vec::new();
        entries.get(index)?.reader().ok()?.read_to_end(&mut unpacked).ok()?;
        Some(unpacked)
    };
    zips.iter().filter_map(|(_, bytes)| entry(bytes)).collect()
}

fn second_row(bill: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = bill.split(|byte| *byte == b'\n').take(2).collect();
    lines.join(&b'\n')
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn workbook(parts: &[(String, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| -> io::Result<()> {
        zip.start_file(name, SimpleFileOptions::default()).map_err(io::Error::other)?;
        zip.write_all(bytes)
    };
    for (name, bytes) in parts {
        let place = match name.as_str() {
            "content-types.xml" => "[Content_Types].xml",
            "rels.xml" => "_rels/.rels",
            "workbook.xml" => "xl/workbook.xml",
            "workbook-rels.xml" => "xl/_rels/workbook.xml.rels",
            _ => "xl/styles.xml",
        };
        add(place, bytes)?;
    }
    for sheet in ["sheet1", "sheet2", "sheet3"] {
        add(&format!("xl/worksheets/{sheet}.xml"), SHEET.as_bytes())?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}

/// A file of fetched orders, out of a recorded answer.
fn shop_orders(answer: &[u8]) -> Vec<u8> {
    use connectors::shops::archive::{FORMAT, Head, Kept, VERSION, write};
    use connectors::shops::{Platform, Terms, Window, vendure};
    let body = answer.to_vec();
    let answer = connectors::http::HttpAnswer { status: 200, headers: Vec::new(), body };
    let page = vendure::read_list(&answer, &Window::default()).unwrap_or_default();
    let kept = |order: connectors::shops::Found| Kept { order: order.json, refunds: String::new() };
    let orders: Vec<Kept> = page.orders.into_iter().map(kept).collect();
    let head = Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        platform: "vendure".to_owned(),
        shop: "shop.example".to_owned(),
        fetched_at_ms: 1_772_700_000_000,
        from_ms: None,
        until_ms: None,
        terms: Terms { decimals: Some(2), ..Terms::default() },
    };
    write(Platform::Vendure, &head, &orders, &["3".to_owned()])
}
