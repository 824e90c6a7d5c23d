//! `runner seeds DIR`: writes the seeds as a corpus for libFuzzer.
//! `runner TARGET SECONDS`: mutates the seeds without libFuzzer; needs nothing but stable Rust.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};
use suanpan_fuzz::{TARGETS, run, seeds};

/// No seed grows past this.
const LONGEST: usize = 64 << 10;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["seeds", folder] => write_seeds(Path::new(folder)),
        [target, seconds] if TARGETS.contains(&target) => match seconds.parse() {
            Ok(seconds) => return mutate(target, Duration::from_secs(seconds)),
            Err(_) => Err(io::Error::other("SECONDS is not a number")),
        },
        _ => Err(io::Error::other("runner seeds DIR | runner TARGET SECONDS")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write_seeds(folder: &Path) -> io::Result<()> {
    TARGETS.into_iter().try_for_each(|target| seeds::write(target, &folder.join(target)))
}

fn mutate(target: &str, time: Duration) -> ExitCode {
    let seeds = match seeds::of(target) {
        Ok(seeds) if !seeds.is_empty() => seeds,
        _ => {
            eprintln!("{target}: no seeds");
            return ExitCode::FAILURE;
        }
    };
    let mut dice = Dice(RandomState::new().build_hasher().finish() | 1);
    let first = dice.0;
    let started = Instant::now();
    let mut runs = 0u64;
    while started.elapsed() < time {
        let mut input = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(8) {
            change(&mut input, &seeds, &mut dice);
        }
        input.truncate(LONGEST);
        if catch_unwind(AssertUnwindSafe(|| run(target, &input))).is_err() {
            let name = format!("crash-{target}-{first:016x}-{runs}");
            let kept = fs::write(&name, &input).is_ok();
            eprintln!("{target}: a panic after {runs} runs, input in {name} (written: {kept})");
            return ExitCode::FAILURE;
        }
        runs += 1;
    }
    println!("{target}: {runs} runs in {} s, no panic", started.elapsed().as_secs());
    ExitCode::SUCCESS
}

/// xorshift64*: enough to wander, and it can be repeated.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Pieces that mean something to one of the readers.
const WORDS: [&[u8]; 24] = [
    b",`",
    b"`",
    b",",
    b"\r\n",
    b"\n",
    b"\t",
    b"\0",
    b"#",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"-",
    b"0.00",
    b"9007199254740991",
    b"-9223372036854775808",
    b"99999999999999999999.999",
    b"=1+1",
    b":61:",
    b":86:",
    b"<",
    b"</",
    b"&#x",
    b"\"",
    "合计".as_bytes(),
    "（元）".as_bytes(),
];

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(input.len() + 1);
    match dice.below(8) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.next() as u8,
        2 => {
            let end = (at + dice.below(64)).min(input.len());
            input.drain(at..end);
        }
        3 => {
            let word = WORDS[dice.below(WORDS.len())];
            input.splice(at..at, word.iter().copied());
        }
        4 => input.truncate(at),
        5 => {
            let end = (at + dice.below(512)).min(input.len());
            let piece = input[at..end].to_vec();
            let place = dice.below(input.len() + 1);
            input.splice(place..place, piece);
        }
        6 => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            let end = (from + dice.below(512)).min(other.len());
            input.splice(at..at, other[from..end].iter().copied());
        }
        _ => {
            let word = WORDS[dice.below(WORDS.len())];
            let end = (at + word.len()).min(input.len());
            input.splice(at..end, word.iter().copied());
        }
    }
}
