//! A page's process that ended by a mistake is started again. The book is in the program, not in
//! the page: nothing is lost, and the page goes on where it was.

use tauri::WebviewWindow;

/// Starts the page again whenever its process ends, unless it keeps ending.
///
/// # Errors
/// When the window is gone already.
#[cfg(target_os = "linux")]
pub fn watch(window: &WebviewWindow) -> tauri::Result<()> {
    use std::cell::RefCell;
    use std::time::{Duration, Instant};
    use webkit2gtk::WebViewExt;

    /// A page that ends more often than this within [`SPAN`] would only end again.
    const OFTEN: usize = 4;
    const SPAN: Duration = Duration::from_secs(60);

    window.with_webview(|page| {
        let ends = RefCell::new(Vec::<Instant>::new());
        page.inner().connect_web_process_terminated(move |view, _| {
            let mut ends = ends.borrow_mut();
            ends.retain(|when| when.elapsed() < SPAN);
            ends.push(Instant::now());
            if ends.len() < OFTEN {
                view.reload();
            }
        });
    })
}

/// The web views of the other systems start a page's process again by themselves.
///
/// # Errors
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn watch(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
