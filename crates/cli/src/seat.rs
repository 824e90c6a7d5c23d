//! `channel seat …`: the key this computer seals channels' keys with, in a book on a server.

use crate::args::SeatTask;
use crate::output::{Output, write_file};
use crate::problem::{Exit, Problem};
use crate::unlock;
use backoffice::{Error, Office};
use serde_json::json;
use std::path::Path;

/// Does one of the commands about it.
///
/// # Errors
/// What the keyring, the file and the passphrase can say.
pub fn run(office: &Office, task: &SeatTask, output: &mut Output) -> Result<Exit, Problem> {
    match task {
        SeatTask::Show => {}
        SeatTask::Export { file } => {
            let text = office.carry_key(&unlock::new_seat_passphrase(output)?)?;
            write_file(file, false, |out| Ok(out.write_all(text.as_bytes())?))?;
            if !output.json {
                let file = file.display().to_string();
                output.say("cli.channel.seat.written", &[("file", &file)])?;
            }
        }
        SeatTask::Import { file } => {
            let text = read(file)?;
            office.receive_key(&text, &unlock::seat_passphrase(output)?)?;
        }
    }
    let name = office.book().sealing_key().map_err(Error::Store)?;
    if output.json {
        output.value(&json!({ "key": name }))?;
        return Ok(Exit::Fine);
    }
    match name.as_deref() {
        Some("") => output.say("cli.channel.seat.own_book", &[])?,
        Some(name) => output.say("cli.channel.seat.has", &[("name", name)])?,
        None => output.say("cli.channel.seat.none", &[])?,
    }
    Ok(Exit::Fine)
}

fn read(path: &Path) -> Result<String, Problem> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    Ok(std::fs::read_to_string(path).map_err(failed)?)
}
