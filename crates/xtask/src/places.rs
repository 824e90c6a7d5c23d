//! Where things are: the clone, the build output, what a run leaves behind.

use anyhow::{Context, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders every task works with.
#[derive(Clone, Debug)]
pub struct Places {
    /// The clone.
    pub root: PathBuf,
    /// Cargo's output; outside the clone unless `CARGO_TARGET_DIR` says otherwise.
    pub target: PathBuf,
    /// What `make run` leaves for the reader: screenshot, statement, workbook.
    pub out: PathBuf,
}

/// The profile `make run` and `make test` share, so that neither builds twice.
pub const PROFILE: &str = "fast";

impl Places {
    /// # Errors
    /// When neither `HOME` nor the variables that replace it are set.
    pub fn find() -> Result<Self> {
        let root = root();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            None => cache()?.join("suanpan/target"),
        };
        Ok(Self { out: root.join("out"), root, target })
    }

    /// A program we built.
    pub fn built(&self, name: &str) -> PathBuf {
        self.target.join(PROFILE).join(name)
    }

    /// `cargo` in the clone with the shared target folder, linking with mold where there is one.
    ///
    /// The linker is set here and not in `.cargo/config.toml`, so that a machine without mold
    /// builds too.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        let flags = env::var("RUSTFLAGS").unwrap_or_default();
        if !flags.contains("fuse-ld") && on_path("mold") {
            cargo.env("RUSTFLAGS", format!("{flags} -Clink-arg=-fuse-ld=mold").trim());
        }
        // Set by `cargo run` for this program; they would make the child's builds differ from
        // the same command typed by hand.
        for variable in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME"] {
            cargo.env_remove(variable);
        }
        cargo
    }

    /// `npm` in the interface's folder.
    pub fn npm(&self) -> Command {
        let mut npm = Command::new("npm");
        npm.current_dir(self.root.join("ui"));
        npm
    }
}

/// True when a program of this name is on `PATH`.
pub fn on_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|d| d.join(name).is_file()))
}

/// The clone this program was built from.
pub fn root() -> PathBuf {
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    let mut up = Path::new(&here).ancestors().skip(2);
    up.next().expect("the manifest sits two folders below the root").to_path_buf()
}

/// Where this user's programs keep what can be made again.
fn cache() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        return Ok(dir.into());
    }
    let home = env::var_os("HOME").context("set CARGO_TARGET_DIR, XDG_CACHE_HOME or HOME")?;
    Ok(Path::new(&home).join(".cache"))
}
