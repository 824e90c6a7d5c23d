//! A folder with a book, and the program run in it as people and scripts run it.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub struct Desk {
    pub folder: TempDir,
}

impl Desk {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A new book.
    pub fn with_book() -> Self {
        let desk = Self::empty();
        desk.run(&["book", "new", "--company", "某某咖啡"]).ends(0);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_suanpan"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("SUANPAN_BOOK", "shop.suanpan")
            .env("SUANPAN_PASSPHRASE", "correct horse")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        Said::of(self.command(args).output().unwrap())
    }

    pub fn json(&self, args: &[&str]) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        let said = self.run(&args);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:#?}"))
    }
}

/// What one run of the program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// The code of the error it ended with.
    #[track_caller]
    pub fn error_code(&self) -> String {
        let error: Value = serde_json::from_str(&self.err).unwrap();
        assert_eq!(self.out, "", "an error leaves standard output empty");
        assert_eq!(error["error"]["money_moved"], "no");
        for key in ["message", "next_step"] {
            assert!(error["error"][key].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        }
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}
