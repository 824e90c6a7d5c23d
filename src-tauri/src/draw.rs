//! How a page is drawn where the computer has no graphics processor.
//!
//! WebKitGTK paints and composes a page by OpenGL even where OpenGL itself is computed by the
//! processor: on two cores a frame of a list then took 110 ms, and 18 ms once it was painted
//! straight away. With a graphics processor nothing is changed.

use tauri::WebviewWindow;

/// Paints without OpenGL where nothing would speed it up.
///
/// # Errors
/// When the window is gone already.
#[cfg(target_os = "linux")]
pub fn suit(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    let devices = std::fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    if can_compute_pictures(devices.map(|device| device.file_name())) {
        return Ok(());
    }
    window.with_webview(|page| {
        if let Some(settings) = page.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// The other systems choose by themselves.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn suit(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

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
