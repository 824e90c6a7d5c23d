//! The window under a WebDriver, on a screen of its own.

use crate::screen::Screen;
use anyhow::{Context, Result, bail, ensure};
use backoffice::practice_shop::create_demo;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A dot nobody sees that changes on and on. The driver's picture waits for the next thing painted,
/// and without OpenGL WebKitGTK 2.50 never answers it where nothing is: a page at rest.
const STIR: &str = "const dot = document.createElement('i'); let beats = 0; \
    dot.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 1px; height: 1px'; \
    document.body.append(dot); window.stir = { dot, beat: setInterval(() => { \
    dot.style.background = ++beats % 2 ? '#00000001' : '#00000002'; }, 40) }";
/// Bytes of a picture that shows one colour and little else.
const BLANK: usize = 10_000;
/// The day after the demo company's last: 20 April 2026, 08:00 in Shanghai.
const DEMO_DAY_MS: i64 = 1_776_643_200_000;

/// What is started under the driver.
pub struct Ask<'a> {
    program: PathBuf,
    arguments: Value,
    env: Vec<(&'a str, &'a str)>,
}

impl<'a> Ask<'a> {
    /// Our window on a book.
    pub fn book(book: &Path) -> Result<Self> {
        Ok(Self::program(&program()?, json!(["--book", book])))
    }

    /// Any window of WebKitGTK.
    pub fn program(program: &Path, arguments: Value) -> Self {
        Self { program: program.to_owned(), arguments, env: Vec::new() }
    }

    /// The same with one more variable of the environment.
    pub fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.env.push((name, value));
        self
    }
}

/// The window under control.
pub struct Window {
    /// When it was asked for.
    pub begun: Instant,
    client: Client,
    pictures: Option<PathBuf>,
    // Dropped last: the client still speaks to it.
    screen: Screen,
}

impl Window {
    /// Opens the window on the book at `book`, with a home folder of its own.
    pub async fn open(book: &Path, home: &Path) -> Result<Self> {
        Self::ask(&Ask::book(book)?, home).await
    }

    /// Opens what is asked for.
    pub async fn ask(ask: &Ask<'_>, home: &Path) -> Result<Self> {
        let mut screen = Screen::default();
        let port = screen.drive(home, &ask.env)?;
        let wanted = json!({
            "webkitgtk:browserOptions": { "binary": ask.program, "args": ask.arguments }
        });
        let Value::Object(wanted) = wanted else { bail!("the capabilities are an object") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let begun = Instant::now();
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await;
        let client = client.context("no window")?;
        client.set_window_size(1360, 860).await?;
        // A script that walks through a whole page takes longer than the usual half minute.
        let patience = Some(Duration::from_secs(180));
        client.update_timeouts(TimeoutConfiguration::new(patience, None, None)).await?;
        let pictures = std::env::var_os("SUANPAN_PICTURES").map(PathBuf::from);
        if let Some(folder) = &pictures {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { begun, client, pictures, screen })
    }

    /// A command beside the window, on its screen and its bus.
    pub fn beside(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(self.screen.env()).env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
        command
    }

    /// Windows to be seen on the screen, by their numbers.
    pub fn shown(&self) -> Result<BTreeSet<String>> {
        let mut look = self.beside("xdotool");
        look.args(["search", "--onlyvisible", "--maxdepth", "1", "--name", ".+"]);
        let said = look.output().context("cannot start xdotool")?;
        Ok(String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect())
    }

    /// Types a path into the system's dialog for files, which is none of `before`, and takes it.
    pub async fn choose(&self, before: &BTreeSet<String>, path: &Path) -> Result<()> {
        let begun = Instant::now();
        let other = |shown: BTreeSet<String>| shown.difference(before).last().cloned();
        let dialog = loop {
            if let Some(dialog) = other(self.shown()?) {
                break dialog;
            }
            ensure!(begun.elapsed() < Duration::from_secs(30), "no dialog opened");
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        // What is typed before the dialog has read its folder is lost.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let path = path.display().to_string();
        let tell = |words: &[&str]| -> Result<()> {
            let done = self.beside("xdotool").args(words).status()?;
            ensure!(done.success(), "xdotool {words:?}");
            Ok(())
        };
        tell(&["windowfocus", "--sync", &dialog])?;
        tell(&["key", "--clearmodifiers", "ctrl+a"])?;
        tell(&["type", "--delay", "15", &path])?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        // The first Enter may only take what the dialog proposes.
        for _ in 0..10 {
            tell(&["key", "Return"])?;
            for _ in 0..30 {
                if !self.shown()?.contains(&dialog) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        bail!("the dialog stays open")
    }

    /// The process that draws the page: below the driver's, so that no other window's is meant.
    pub fn page_process(&self) -> Option<u32> {
        let below = self.screen.below_driver();
        below.into_iter().find(|(_, name)| name.starts_with("WebKitWebProc")).map(|(pid, _)| pid)
    }

    /// What all processes of the window hold, what they share counted once.
    pub fn memory_mib(&self) -> u64 {
        let held = |pid: u32| -> Option<u64> {
            let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let line = text.lines().find(|line| line.starts_with("Pss:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        let below = self.screen.below_driver();
        below.into_iter().filter_map(|(pid, _)| held(pid)).sum::<u64>() / 1024
    }

    /// Makes the window so large, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
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
        self.chord('\u{e009}', value).await
    }

    /// Presses a key while Shift is held.
    pub async fn with_shift(&self, value: char) -> Result<()> {
        self.chord('\u{e008}', value).await
    }

    async fn chord(&self, held: char, value: char) -> Result<()> {
        let actions = KeyActions::new("keys".into())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: held });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Types into a field.
    pub async fn type_into(&self, css: &str, text: &str) -> Result<()> {
        Ok(self.client.find(Locator::Css(css)).await?.send_keys(text).await?)
    }

    /// Puts a value into a field as a paste does.
    pub async fn fill(&self, css: &str, value: &str) -> Result<()> {
        let script = format!(
            "const field = document.querySelector({}); field.value = {}; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }}))",
            json!(css),
            json!(value)
        );
        self.script(&script).await.map(|_| ())
    }

    /// What stands in a field.
    pub async fn value(&self, css: &str) -> Result<String> {
        let script = format!("return document.querySelector({}).value", json!(css));
        let value = self.script(&script).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
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
        // By a script: a handle on what the page replaces at that moment is an error.
        const LOOK: &str = "return document.querySelector(arguments[0]) !== null";
        while begun.elapsed() < patience {
            if self.client.execute(LOOK, vec![css.into()]).await? == there {
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
            self.script(STIR).await?;
            let picture = self.client.screenshot().await?;
            self.script("clearInterval(window.stir.beat); window.stir.dot.remove()").await?;
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

/// The demo company, made in `folder`; its door is closed.
pub async fn demo(folder: &Path) -> Result<PathBuf> {
    let book = folder.join("demo.suanpan");
    let place = book.display().to_string();
    let made = tokio::task::spawn_blocking(move || {
        create_demo(&place, DEMO_DAY_MS, &mut |_| {}).map(backoffice::Office::close)
    });
    made.await??;
    Ok(book)
}

/// Opens the window on a demo company of its own.
pub async fn open_demo(folder: &Path) -> Result<Window> {
    Window::open(&demo(folder).await?, folder).await
}

/// The window's program: named by the environment, else the one built beside this test.
pub fn program() -> Result<PathBuf> {
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
