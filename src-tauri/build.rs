//! Writes the manifest of commands: the window may call these and no others.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&[]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}
