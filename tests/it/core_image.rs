//! After the book is locked no key of it, no passphrase and no credential stands in the program's
//! memory: what a core image would hold is searched from outside.

use crate::sync::World;
use backoffice::channels::{self, Route, SyncRequest};
use backoffice::decisions::Actor;
use backoffice::import::Watch;
use backoffice::{Office, Secret, Way};
use practice::{Options, Plant};
use secrets::KeyFile;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;

const PASSPHRASE: &str = "correct horse CANARYPASSPHRASE staple";
/// What the child keeps on purpose: it shows that the search finds what is there.
const CONTROL: &str = "CONTROL-kept-in-memory-";

/// What must not be found, by name.
type Needles = BTreeMap<String, Vec<u8>>;

#[test]
fn a_locked_program_has_no_key_in_its_memory() {
    let options = Options { days: 4, size: 3, planted: Plant::None, ..Options::default() };
    let world = World::new(&options, |settings| {
        settings.union_pay_sales = 2;
        settings.stripe_sales = 2;
    });
    let folder = tempfile::tempdir().expect("a folder");
    let book = folder.path().join("shop.suanpan");
    let place = book.to_string_lossy().into_owned();
    let secret = |text: &str| Secret::new(text.to_owned());
    let made = Office::create(&place, "某某咖啡", secret(PASSPHRASE), false).expect("a book");
    let mut needles = Needles::from([("passphrase".to_owned(), PASSPHRASE.into())]);
    for channel in ["wechat_pay", "alipay", "union_pay", "stripe"] {
        let actor = Actor { name: "老板", at_ms: world.clock()() };
        let (setup, first) = (world.setup(channel), Some(world.first));
        channels::add(made.office.book(), &setup, "", first, &actor).expect("it is connected");
        credentials(&world, channel, &mut needles);
    }
    drop(made);
    needles.insert("key of the book".to_owned(), data_key(folder.path()));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let key = hex(&needles["key of the book"]);
    needles.insert("key of the book, in hex".to_owned(), key.into_bytes());

    let mut child = Running::start(&place, world.clock()());
    let control = child.memory_of("locked");
    assert!(found(&control, CONTROL.repeat(2).as_bytes()) > 0, "the search finds what is there");
    let left: Vec<String> = needles
        .iter()
        .map(|(name, needle)| (name, found(&control, needle)))
        .filter(|(_, times)| *times > 0)
        .map(|(name, times)| format!("{name}: {times} times"))
        .collect();
    let size: usize = control.iter().map(Vec::len).sum();
    println!("{} secrets sought in {} MiB", needles.len(), size >> 20);
    assert!(left.is_empty(), "{left:#?}");
}

/// Every secret of a set-up: texts as they are, keys as text and as the bytes in it.
fn credentials(world: &World, channel: &str, needles: &mut Needles) {
    let setup = world.platform.setup(channel).expect("the platform speaks it");
    for (field, value) in &setup.fields {
        let name = format!("{channel} {field}");
        if ["api_v3_key", "aes_key", "secret_key"].contains(field) {
            needles.insert(name, value.as_bytes().to_vec());
        } else if *field == "private_key_pem" {
            let body: Vec<&str> = value.lines().filter(|line| !line.starts_with("--")).collect();
            // From the middle: the beginning is the same in every key.
            needles.insert(name.clone(), body[body.len() / 2].as_bytes().to_vec());
            let whole = body.concat();
            let at = whole.len() / 2 / 4 * 4;
            needles.insert(format!("{name}, its bytes"), decode(&whole[at..at + 64]));
        }
    }
}

fn decode(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values =
        text.bytes().filter_map(|letter| LETTERS.iter().position(|known| *known == letter));
    let values: Vec<u32> = values.map(|value| u32::try_from(value).expect("six bits")).collect();
    let four = |four: &[u32]| four.iter().fold(0_u32, |bits, six| bits << 6 | six);
    values.chunks(4).flat_map(|part| four(part).to_be_bytes()[1..].to_vec()).collect()
}

fn data_key(folder: &Path) -> Vec<u8> {
    let texts = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).ok());
    let file = texts.filter_map(|text| KeyFile::from_text(&text).ok()).next().expect("a key file");
    let key = file.unlock_with_passphrase(&Secret::new(PASSPHRASE.to_owned())).expect("it opens");
    let hex = key.to_hex();
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn found(memory: &[Vec<u8>], needle: &[u8]) -> usize {
    let times = |part: &Vec<u8>| part.windows(needle.len()).filter(|at| *at == needle).count();
    memory.iter().map(times).sum()
}

/// The child, and what it says.
struct Running {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(place: &str, now_ms: i64) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this very program"))
            .args(["--exact", "core_image::the_child", "--nocapture"])
            .env("SUANPAN_CORE_BOOK", place)
            .env("SUANPAN_CORE_NOW", now_ms.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdin = child.stdin.as_mut().expect("a pipe");
        stdin.write_all(PASSPHRASE.as_bytes()).expect("it listens");
        stdin.write_all(b"\n").expect("it listens");
        let said = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, said }
    }

    /// Everything that could be written in its memory once it has said `word`.
    fn memory_of(&mut self, word: &str) -> Vec<Vec<u8>> {
        let mut line = String::new();
        while !line.contains(word) {
            line.clear();
            assert!(self.said.read_line(&mut line).expect("a line") > 0, "it ended early");
        }
        let proc = format!("/proc/{}", self.child.id());
        let memory = File::open(format!("{proc}/mem")).expect("a child's memory can be read");
        let maps = std::fs::read_to_string(format!("{proc}/maps")).expect("its map too");
        let writable = maps.lines().filter(|line| line.split(' ').nth(1) == Some("rw-p"));
        let parts = writable.filter_map(|line| {
            let (from, to) = line.split(' ').next()?.split_once('-')?;
            let at = |hex| u64::from_str_radix(hex, 16).ok();
            let (from, to) = (at(from)?, at(to)?);
            let mut bytes = vec![0; usize::try_from(to - from).ok()?];
            let read = memory.read_at(&mut bytes, from).ok()?;
            bytes.truncate(read);
            Some(bytes)
        });
        parts.collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        ended.expect("our own child can be ended");
    }
}

/// Opens the book, syncs, locks it, and waits to be looked at. Does nothing in a run of its own.
#[test]
fn the_child() {
    let Ok(place) = std::env::var("SUANPAN_CORE_BOOK") else { return };
    let now_ms: i64 = std::env::var("SUANPAN_CORE_NOW").expect("a time").parse().expect("a time");
    // A letter at a time into a text that is wiped: no other buffer keeps it.
    let mut stdin = File::open("/dev/stdin").expect("a pipe");
    let (mut letter, mut text) = ([0; 1], String::with_capacity(256));
    while stdin.read(&mut letter).expect("a letter") == 1 && letter[0] != b'\n' {
        text.push(char::from(letter[0]));
    }
    let typed = Secret::new(text);
    let office = Office::open(&place, Way::Passphrase(typed)).expect("it opens");
    let request = SyncRequest { route: Route::Direct, ..SyncRequest::default() };
    let cancel = AtomicBool::new(false);
    let mut watch = Watch { progress: &mut |_| {}, cancel: &cancel };
    let report = channels::sync(office.book(), &request, &|| now_ms, &mut watch).expect("it syncs");
    let asked: u64 = report.connections.iter().map(|done| done.files + done.failed).sum();
    assert!(asked > 0 && report.connections.iter().all(|done| done.failed == 0), "{report:?}");
    office.close();
    let control = CONTROL.repeat(2);
    println!("\nlocked {}", control.len());
    std::io::stdout().flush().expect("somebody listens");
    std::thread::sleep(std::time::Duration::from_secs(120));
    drop(control);
}
