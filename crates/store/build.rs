//! Lists the migrations of both databases, so that adding a file is all it takes to add one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = root.join("../../migrations");
    let mut code = String::new();
    for kind in ["sqlite", "postgres"] {
        let dir = root.join(kind);
        println!("cargo::rerun-if-changed={}", dir.display());
        writeln!(code, "pub(crate) const {}: &[Migration] = &[", kind.to_uppercase())
            .expect("writing to a string cannot fail");
        for file in sql_files(&dir) {
            println!("cargo::rerun-if-changed={}", file.display());
            let name = file.file_stem().expect("a listed file has a name").to_string_lossy();
            let (number, name) = name.split_once('_').expect("a migration is NNNN_name.sql");
            let number: u32 = number.parse().expect("a migration starts with its number");
            let path = file.canonicalize().expect("a listed file exists");
            writeln!(
                code,
                "Migration {{ number: {number}, name: {name:?}, sql: include_str!({path:?}) }},"
            )
            .expect("writing to a string cannot fail");
        }
        code.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("migrations.rs"), code).expect("the output folder can be written");
}

fn sql_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("the folder of migrations is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    files
}
