//! A private screen, session bus and WebDriver.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Processes of the screen, ended in reverse order when dropped: these and no others.
#[derive(Default)]
pub struct Screen {
    children: Vec<Child>,
    env: Vec<(&'static str, String)>,
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

impl Screen {
    /// Starts a server that prints one line when it is ready, and returns that line.
    fn announce(&mut self, program: &str, arguments: &[&str]) -> Result<String> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let output = child.stdout.take().context("no output")?;
        self.children.push(child);
        let line = BufReader::new(output).lines().next();
        Ok(line.with_context(|| format!("{program} ended at once"))??.trim().to_owned())
    }

    /// The environment of a program on this screen.
    pub fn env(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.env.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Starts the screen and the bus for programs with `home` as their home folder.
    pub fn light(&mut self, home: &Path) -> Result<()> {
        let size = ["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"];
        let display = self.announce("Xvfb", &size)?;
        let bus = self.announce("dbus-daemon", &["--session", "--nofork", "--print-address=1"])?;
        let below = |name: &str| home.join(name).display().to_string();
        self.env = vec![
            ("DISPLAY", format!(":{display}")),
            ("DBUS_SESSION_BUS_ADDRESS", bus),
            ("GDK_BACKEND", "x11".to_owned()),
            // The desktop portal would be asked for settings and keeps the window waiting.
            ("GTK_USE_PORTAL", "0".to_owned()),
            ("HOME", home.display().to_string()),
            ("XDG_DATA_HOME", below("data")),
            ("XDG_CONFIG_HOME", below("config")),
            ("XDG_CACHE_HOME", below("cache")),
            ("LANG", "zh_CN.UTF-8".to_owned()),
            ("LANGUAGE", "zh_CN".to_owned()),
        ];
        Ok(())
    }

    /// Starts a program that is ended with the screen.
    pub fn keep(&mut self, command: &mut Command) -> Result<()> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = quiet.spawn();
        self.children.push(child.with_context(|| format!("cannot start {command:?}"))?);
        Ok(())
    }

    /// Starts a driver on a new screen and waits until it listens; the answer is its port.
    pub fn drive(&mut self, home: &Path, more: &[(&str, &str)]) -> Result<u16> {
        self.light(home)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut driver = Command::new("WebKitWebDriver");
        driver.arg(format!("--port={port}")).envs(self.env()).envs(more.iter().copied());
        driver.env_remove("WAYLAND_DISPLAY");
        // Both are needed: without them the session request hangs.
        driver.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        self.keep(&mut driver)?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > Duration::from_secs(60) {
                bail!("the driver does not listen");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(port)
    }

    /// Processes below the last one started, with their names.
    pub fn below_driver(&self) -> Vec<(u32, String)> {
        let Some(driver) = self.children.last().map(Child::id) else { return Vec::new() };
        let above = |pid: u32| -> Option<(String, u32)> {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name stands in brackets and may hold blanks.
            let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
            Some((name.to_owned(), rest.split(' ').nth(1)?.parse().ok()?))
        };
        let is_below = |pid: u32| {
            let mut up = pid;
            while up > 1 && up != driver {
                up = above(up).map_or(0, |(_, above)| above);
            }
            up == driver && pid != driver
        };
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|pid| is_below(*pid))
            .filter_map(|pid| Some((pid, above(pid)?.0)))
            .collect()
    }
}
