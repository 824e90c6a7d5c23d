//! A private screen, session bus and WebDriver, with the window on them.

use anyhow::{Context, Result, bail, ensure};
use backoffice::practice_shop::create_demo;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Bytes of a picture that shows one colour and little else.
const BLANK: usize = 10_000;
/// The day after the demo company's last: 20 April 2026, 08:00 in Shanghai.
const DEMO_DAY_MS: i64 = 1_776_643_200_000;

/// Processes of the screen, ended in reverse order when dropped: these and no others.
#[derive(Default)]
struct Screen {
    children: Vec<Child>,
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

    /// Starts the screen, the bus and the driver; `home` becomes the window's home folder.
    fn start(&mut self, home: &Path) -> Result<u16> {
        let size = ["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"];
        let display = self.announce("Xvfb", &size)?;
        let bus = self.announce("dbus-daemon", &["--session", "--nofork", "--print-address=1"])?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .env("DISPLAY", format!(":{display}"))
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .env("GDK_BACKEND", "x11")
            .env_remove("WAYLAND_DISPLAY")
            // Both are needed: without them the session request hangs.
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // The desktop portal would be asked for settings and keeps the window waiting.
            .env("GTK_USE_PORTAL", "0")
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join("data"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("LANG", "zh_CN.UTF-8")
            .env("LANGUAGE", "zh_CN")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start WebKitWebDriver")?;
        self.children.push(driver);
        Ok(port)
    }
}

/// The window under control.
pub struct Window {
    client: Client,
    pictures: Option<PathBuf>,
    // Dropped last: the client still speaks to it.
    screen: Screen,
}

impl Window {
    /// Opens the window on the book at `book`, with a home folder of its own.
    pub async fn open(book: &Path, home: &Path) -> Result<Self> {
        let program = program()?;
        Self::of(&program, json!(["--book", book]), home).await
    }

    /// Opens any window of WebKitGTK under the same driver.
    pub async fn of(program: &Path, arguments: Value, home: &Path) -> Result<Self> {
        let mut screen = Screen::default();
        let port = screen.start(home)?;
        let wanted = json!({
            "webkitgtk:browserOptions": {
                "binary": program,
                "args": arguments,
            }
        });
        let Value::Object(wanted) = wanted else { bail!("the capabilities are an object") };
        let address = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        let client = loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(wanted.clone());
            match builder.connect(&address).await {
                Ok(client) => break client,
                // The driver may not listen yet.
                Err(error) if begun.elapsed() > Duration::from_secs(60) => {
                    return Err(error).context("no window");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        };
        client.set_window_size(1360, 860).await?;
        // A script that walks through a whole page takes longer than the usual half minute.
        let patience = Some(Duration::from_secs(180));
        client.update_timeouts(TimeoutConfiguration::new(patience, None, None)).await?;
        let pictures = std::env::var_os("SUANPAN_PICTURES").map(PathBuf::from);
        if let Some(folder) = &pictures {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { client, pictures, screen })
    }

    /// The process that draws the page: below the driver's, so that no other window's is meant.
    pub fn page_process(&self) -> Option<u32> {
        let driver = self.screen.children.last()?.id();
        let parent = |pid: u32| -> Option<(String, u32)> {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The name stands in brackets and may hold blanks.
            let (name, rest) = stat.split_once('(')?.1.rsplit_once(") ")?;
            Some((name.to_owned(), rest.split(' ').nth(1)?.parse().ok()?))
        };
        let all = std::fs::read_dir("/proc").ok()?.flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).find(|pid| {
            let page = parent(*pid).is_some_and(|(name, _)| name.starts_with("WebKitWebProc"));
            let mut up = *pid;
            while page && up > 1 && up != driver {
                up = parent(up).map_or(0, |(_, above)| above);
            }
            page && up == driver
        })
    }

    /// Gives the window another size, in the page's own pixels.
    pub async fn size(&self, width: u32, height: u32) -> Result<()> {
        Ok(self.client.set_window_size(width, height).await?)
    }

    /// Closes the window.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    /// Presses keys one after the other, wherever the focus is.
    pub async fn keys(&self, text: &str) -> Result<()> {
        let actions = text.chars().fold(KeyActions::new("keys".into()), |actions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Presses a key while Ctrl is held.
    pub async fn with_ctrl(&self, value: char) -> Result<()> {
        const CTRL: char = '\u{e009}';
        let actions = KeyActions::new("keys".into())
            .then(KeyAction::Down { value: CTRL })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: CTRL });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Types into a field.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        Ok(self.client.find(Locator::Css(css)).await?.send_keys(text).await?)
    }

    /// Clicks what `css` finds first.
    pub async fn click(&self, css: &str) -> Result<()> {
        Ok(self.client.find(Locator::Css(css)).await?.click().await?)
    }

    /// The text a person sees.
    pub async fn text(&self, css: &str) -> Result<String> {
        let found = self.client.find(Locator::Css(css)).await;
        Ok(found.with_context(|| format!("nothing is {css}"))?.text().await?)
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Runs a script that answers by calling its last argument.
    pub async fn script_async(&self, script: &str) -> Result<Value> {
        Ok(self.client.execute_async(script, Vec::new()).await?)
    }

    /// Waits until something is there.
    pub async fn see(&self, css: &str, patience: Duration) -> Result<()> {
        self.wait(css, patience, true).await
    }

    /// Waits until nothing is there any more.
    pub async fn gone(&self, css: &str, patience: Duration) -> Result<()> {
        self.wait(css, patience, false).await
    }

    async fn wait(&self, css: &str, patience: Duration, there: bool) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if self.client.find_all(Locator::Css(css)).await?.is_empty() != there {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let shown = self.script("return document.body.innerText.slice(0, 600)").await?;
        bail!("waited in vain for {css} (there: {there}); the window shows: {shown}")
    }

    /// Takes a picture, when pictures are wanted.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let begun = Instant::now();
        // What is in the page may not be painted yet.
        let picture = loop {
            let painted = "const done = arguments[0]; \
                           requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
            self.script_async(painted).await?;
            tokio::time::sleep(Duration::from_millis(400)).await;
            let picture = self.client.screenshot().await?;
            if picture.len() > BLANK {
                break picture;
            }
            ensure!(begun.elapsed() < Duration::from_secs(10), "the picture {name} is blank");
        };
        if let Some(folder) = &self.pictures {
            std::fs::write(folder.join(format!("{name}.png")), picture)?;
        }
        Ok(())
    }
}

/// Opens the window on a demo company of its own; its door is closed.
pub async fn open_demo(folder: &Path) -> Result<Window> {
    let book = folder.join("demo.suanpan");
    let place = book.display().to_string();
    let made = tokio::task::spawn_blocking(move || {
        create_demo(&place, DEMO_DAY_MS, &mut |_| {}).map(backoffice::Office::close)
    });
    made.await??;
    Window::open(&book, folder).await
}

/// The window's program: named by the environment, else the one built beside this test.
fn program() -> Result<PathBuf> {
    let built = std::env::current_exe()?;
    let beside = built.parent().and_then(Path::parent).context("a test lives in deps")?;
    let program = match std::env::var_os("SUANPAN_WINDOW") {
        Some(path) => PathBuf::from(path),
        None => beside.join(format!("suanpan-window{}", std::env::consts::EXE_SUFFIX)),
    };
    ensure!(
        program.exists(),
        "{} is missing; build it first: cargo build -p suanpan-window",
        program.display()
    );
    Ok(program)
}
