//! What the desktop is told: long work that is over while the window is not in front, and what a
//! person has to see to at a channel.
//!
//! Others may look at that screen: it is told what kind of work it was and how it ended, and no
//! company, no name, no number, no amount.

use backoffice::dto::{JobView, Tell};
use backoffice::{Lang, words};
use notify_rust::Notification;
use tauri::AppHandle;

/// What is said of a job that is over.
fn sentence(job: &JobView, lang: Lang) -> String {
    let kind = words(lang, &format!("jobs.kind.{}", job.kind));
    let ended = match (job.state.as_str(), job.attention) {
        ("done", true) => "jobs.attention",
        ("done", false) => "jobs.state.done",
        ("stopped", _) => "jobs.state.stopped",
        _ => "jobs.state.failed",
    };
    words(lang, "menu.told").replace("{kind}", &kind).replace("{ended}", &words(lang, ended))
}

/// Tells the desktop of a job that is over; a click brings the window to the front.
pub fn over(app: &AppHandle, job: &JobView, lang: Lang) {
    show(app, sentence(job, lang), "jobs.keys", lang);
}

/// Tells the desktop what a person has to see to at a channel, and not which.
pub fn channel(app: &AppHandle, tell: &Tell, lang: Lang) {
    show(app, channel_sentence(tell, lang), "menu.keys_see", lang);
}

fn channel_sentence(tell: &Tell, lang: Lang) -> String {
    words(lang, &format!("menu.told_{}", tell.what)).replace("{count}", &tell.count.to_string())
}

/// On a thread of its own: a desktop answers when somebody clicks, which may be never.
fn show(app: &AppHandle, text: String, act: &str, lang: Lang) {
    let (title, see) = (words(lang, "ui.app"), words(lang, act));
    let app = app.clone();
    std::thread::spawn(move || {
        let mut told = Notification::new();
        told.appname("Suanpan").summary(&title).body(&text).icon("suanpan-window");
        told.action("default", &see);
        // A desktop without notifications has the tray all the same.
        let Ok(shown) = told.show() else { return };
        wait(shown, &app);
    });
}

#[cfg(target_os = "linux")]
fn wait(shown: notify_rust::NotificationHandle, app: &AppHandle) {
    shown.wait_for_action(|act| {
        if act == "default" {
            crate::raise(app);
        }
    });
}

// The other systems bring a program to the front by themselves.
#[cfg(not(target_os = "linux"))]
fn wait<T>(_: T, _: &AppHandle) {}

#[cfg(test)]
mod tests {
    use super::*;
    use backoffice::dto::Failure;

    fn job(state: &str, attention: bool) -> JobView {
        JobView {
            id: 1,
            kind: "import".to_owned(),
            about: "青竹文具店-344.14.csv".to_owned(),
            state: state.to_owned(),
            done: 3,
            total: 3,
            rows: 4021,
            file: "wechat-4021.csv".to_owned(),
            itself: false,
            waits: false,
            asked_at: "2026-04-20 08:12:00".to_owned(),
            attention,
            report: None,
            synced: None,
            compared: None,
            checks: Vec::new(),
            path: Some("4021.pdf".to_owned()),
            failure: None::<Failure>,
        }
    }

    #[test]
    fn everything_a_channel_may_need_has_a_sentence() {
        let needs = ["keys_soon", "keys_ended", "their_keys_soon", "trouble", "at_edge", "lost"];
        for what in needs {
            for lang in [Lang::Zh, Lang::En] {
                let tell = Tell { what: what.to_owned(), count: 17, key: String::new() };
                let said = channel_sentence(&tell, lang);
                assert!(said.contains("17") && !said.contains("menu."), "{said}");
            }
        }
    }

    #[test]
    fn the_desktop_hears_how_work_ended_and_nothing_of_the_business() {
        assert_eq!(sentence(&job("done", false), Lang::Zh), "导入：已完成");
        assert_eq!(sentence(&job("done", true), Lang::En), "Import: Needs attention");
        assert_eq!(sentence(&job("failed", false), Lang::En), "Import: Not done");
        for lang in [Lang::Zh, Lang::En] {
            let said = sentence(&job("stopped", false), lang);
            assert!(!said.contains(|c: char| c.is_ascii_digit()), "{said}");
        }
    }
}
