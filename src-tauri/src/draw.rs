//! How pages are drawn where the computer has no graphics processor.
//!
//! WebKitGTK paints and composes a page by OpenGL even where OpenGL itself is computed by the
//! processor: on two cores a frame of a scrolled list then took 101 ms, and 18 ms once it was
//! painted straight away. With a graphics processor nothing is changed.

/// Starts the program anew with WebKit's own switch where nothing would speed up OpenGL.
///
/// The switch is read once, before the first page, and the environment of a running program
/// cannot be changed safely. Whoever set the switch by hand, either way, keeps it.
#[cfg(target_os = "linux")]
pub fn suit() {
    use std::os::unix::process::CommandExt;

    let said = |name: &&str| std::env::var_os(name).is_some();
    let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    let computes = can_compute_pictures(devices.map(|device| device.file_name()));
    let Some(program) = std::env::current_exe().ok().filter(|_| !computes) else { return };
    if [STRAIGHT_AWAY, "WEBKIT_FORCE_COMPOSITING_MODE"].iter().any(said) {
        return;
    }
    let mut all = std::env::args_os();
    let mut again = std::process::Command::new(program);
    again.arg0(all.next().unwrap_or_default()).args(all).env(STRAIGHT_AWAY, "1");
    // Comes back only where it could not be done: slower pages are still pages.
    let _ = again.exec();
}

/// The other systems choose by themselves.
#[cfg(not(target_os = "linux"))]
pub fn suit() {}

#[cfg(target_os = "linux")]
const STRAIGHT_AWAY: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// True when one of these devices is a graphics processor: its driver has a render node then.
#[cfg(target_os = "linux")]
fn can_compute_pictures(mut devices: impl Iterator<Item = std::ffi::OsString>) -> bool {
    devices.any(|device| device.to_string_lossy().starts_with("renderD"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_a_computer_with_a_graphics_processor_paints_by_it() {
        let can = |devices: &[&str]| can_compute_pictures(devices.iter().map(Into::into));
        assert!(!can(&[]));
        // A screen alone, as most virtual machines have it.
        assert!(!can(&["by-path", "card0"]));
        assert!(can(&["by-path", "card0", "renderD128"]));
    }
}
