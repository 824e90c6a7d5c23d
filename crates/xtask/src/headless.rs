//! A screen, a session bus and a driver of our own, for machines that have none.
//!
//! Everything is private: a display number the X server picks, a bus nobody else knows, a free
//! port. Dropping a [`Screen`] ends its processes, and only those.

use crate::webdriver::{Session, wait_for_port};
use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A private screen with a driver for one window at a time.
#[derive(Debug)]
pub struct Screen {
    /// In order of their start; each is a direct child, so that Ctrl+C reaches it too.
    children: Vec<Child>,
    port: u16,
}

impl Screen {
    /// Starts the screen, the session bus and the driver.
    ///
    /// `environment` is given to the window on top of what it needs to be driven.
    ///
    /// # Errors
    /// When Xvfb, dbus-daemon or WebKitWebDriver cannot be started.
    pub fn start(environment: &[(&str, &OsStr)]) -> Result<Self> {
        let mut screen = Self { children: Vec::new(), port: free_port()? };
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
        let display = screen.announce(server).context("Xvfb")?;

        let mut bus = Command::new("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let address = screen.announce(bus).context("dbus-daemon")?;

        let mut driver = Command::new("WebKitWebDriver");
        driver
            .arg(format!("--port={}", screen.port))
            .env("DISPLAY", format!(":{display}"))
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .env_remove("WAYLAND_DISPLAY")
            .env("GDK_BACKEND", "x11")
            // Both are needed: without them the session request hangs.
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // The desktop portal would be asked for settings and keeps the window waiting.
            .env("GTK_USE_PORTAL", "0")
            // With the shared-buffer renderer off, the driver never answers with a picture.
            .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        screen.children.push(driver.spawn().context("cannot start WebKitWebDriver")?);
        wait_for_port(screen.port)?;
        Ok(screen)
    }

    /// Opens a program's window on this screen.
    ///
    /// # Errors
    /// When the window does not come up.
    pub fn open(&self, program: &Path, arguments: &[&str]) -> Result<Session> {
        Session::open(self.port, program, arguments)
    }

    /// Starts a server that prints one line when it is ready, and returns that line.
    fn announce(&mut self, mut command: Command) -> Result<String> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("cannot start")?;
        let output = child.stdout.take().context("no output")?;
        self.children.push(child);
        let line = BufReader::new(output).lines().next().context("ended at once")??;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // Both fail only when the process has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A port nobody uses right now.
fn free_port() -> Result<u16> {
    let probe = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(probe.local_addr()?.port())
}
