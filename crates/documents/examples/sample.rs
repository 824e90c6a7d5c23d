//! Writes sample statements in both languages: `sample <folder>`.

mod samples;

use documents::{Statement, render_csv, render_pdf, render_xlsx};
use domain::Channel;
use messages::Lang;
use samples::{golden_payout, period};
use std::error::Error;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "out".to_owned()));
    std::fs::create_dir_all(&folder)?;
    for lang in Lang::ALL {
        write(&folder, "payout", &golden_payout(lang))?;
        write(&folder, "channel", &period(lang, Some(Channel::WechatPay), 500))?;
        write(&folder, "company", &period(lang, None, 60))?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, statement: &Statement) -> Result<(), Box<dyn Error>> {
    let stem = format!("{name}.{}", statement.lang.code());
    let files = [
        ("pdf", render_pdf(statement)?),
        ("xlsx", render_xlsx(statement)?),
        ("csv", render_csv(statement)?),
    ];
    for (kind, bytes) in files {
        println!("{stem}.{kind}: {} bytes", bytes.len());
        std::fs::write(folder.join(format!("{stem}.{kind}")), bytes)?;
    }
    Ok(())
}
