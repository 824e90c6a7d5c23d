//! Twenty programs started at once on one book: one opens it, the others answer at once.
//!
//! The test starts itself again; the part that runs there is ignored otherwise.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use store::testing::{block_on, create_options, unlock};
use store::{Book, Location, OpenMode, StoreError};

const PROGRAMS: usize = 20;

#[test]
#[ignore = "runs inside the started programs"]
fn one_of_the_programs() {
    let location = Location::parse(&std::env::var("BOOK").unwrap()).unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    block_on(async {
        let start = Instant::now();
        match Book::open(&location, unlock(&location), OpenMode::Write).await {
            Ok(book) => {
                println!("\nsaid opened {}", std::process::id());
                std::io::stdin().read_line(&mut line).unwrap();
                book.close().await;
            }
            Err(StoreError::AlreadyOpen { pid }) => {
                assert!(start.elapsed() < Duration::from_secs(5));
                println!("\nsaid taken {}", pid.map_or(0, |pid| pid));
            }
            Err(other) => println!("\nsaid failed {other:?}"),
        }
    });
}

struct Program {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Program {
    fn start(location: &Location) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "one_of_the_programs", "--nocapture"])
            .env("BOOK", location.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    fn go(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
    }

    fn said(&mut self) -> (String, u32) {
        for line in (&mut self.output).lines() {
            if let Some(said) = line.unwrap().strip_prefix("said ") {
                let (word, pid) = said.split_once(' ').unwrap();
                return (word.to_owned(), pid.parse().unwrap_or(0));
            }
        }
        panic!("a program said nothing");
    }
}

#[test]
fn of_twenty_programs_started_at_once_one_opens_the_book() {
    let dir = tempfile::tempdir().unwrap();
    let location = Location::File(dir.path().join("shop.suanpan"));
    block_on(async {
        Book::create(&location, create_options()).await.unwrap().0.close().await;
    });
    let mut programs: Vec<Program> = (0..PROGRAMS).map(|_| Program::start(&location)).collect();
    programs.iter_mut().for_each(Program::go);
    let said: Vec<(String, u32)> = programs.iter_mut().map(Program::said).collect();
    let opened: Vec<u32> =
        said.iter().filter(|(word, _)| word == "opened").map(|(_, pid)| *pid).collect();
    assert_eq!(opened.len(), 1, "{said:?}");
    let taken: Vec<u32> =
        said.iter().filter(|(word, _)| word == "taken").map(|(_, pid)| *pid).collect();
    assert_eq!(taken.len(), PROGRAMS - 1, "{said:?}");
    assert!(taken.iter().all(|pid| *pid == opened[0]), "{said:?}");
    // A holder that dies frees the book by dying.
    let holder = said.iter().position(|(word, _)| word == "opened").unwrap();
    programs[holder].child.kill().unwrap();
    for program in &mut programs {
        program.child.wait().unwrap();
    }
    block_on(async {
        Book::open(&location, unlock(&location), OpenMode::Write).await.unwrap();
    });
}
