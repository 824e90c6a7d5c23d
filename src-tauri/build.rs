//! Writes the manifest of commands and what the window may do: these commands and no others.

use std::path::Path;

include!("src/commands/list.rs");

macro_rules! names {
    ($($area:ident: [$($name:ident),* $(,)?]),* $(,)?) => {
        &[$($(stringify!($name),)*)*]
    };
}

const COMMANDS: &[&str] = with_commands!(names);

/// What the window may do beside the commands: hear the program's events.
const EVENTS: [&str; 2] = ["core:event:allow-listen", "core:event:allow-unlisten"];

fn main() {
    println!("cargo::rerun-if-changed=src/commands/list.rs");
    let out = std::env::var("OUT_DIR").expect("cargo names a folder for what a build makes");
    let folder = Path::new(&out).join("rights");
    std::fs::create_dir_all(&folder).expect("the build's own folder can be written");
    std::fs::write(folder.join("main.json"), rights()).expect("the build's own folder is writable");
    tell_the_guard();
    let pattern: &'static str = Box::leak(format!("{}/*.json", folder.display()).into_boxed_str());

    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes =
        tauri_build::Attributes::new().app_manifest(manifest).capabilities_path_pattern(pattern);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}

/// Writes the list for the frame that every message of a page passes through.
fn tell_the_guard() {
    println!("cargo::rerun-if-changed=isolation");
    let file = Path::new("isolation/commands.js");
    let text =
        format!("// Made by build.rs of src/commands/list.rs.\nconst COMMANDS = {COMMANDS:?};\n");
    // Written only when it differs: a newer file would have the next build begin again.
    if std::fs::read_to_string(file).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::write(file, text).expect("the frame's folder can be written");
}

/// The capability of the one window, as Tauri reads it.
fn rights() -> String {
    let allowed = COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let quoted: Vec<String> = EVENTS
        .map(str::to_owned)
        .into_iter()
        .chain(allowed)
        .map(|right| format!("\"{right}\""))
        .collect();
    format!(
        "{{\"identifier\": \"main\", \"description\": \"The one window\", \"local\": true, \
         \"windows\": [\"main\"], \"permissions\": [{}]}}\n",
        quoted.join(", ")
    )
}
