//! The real keyring, in a session of its own: a private bus, a private home and a
//! gnome-keyring-daemon that nothing else talks to.
//!
//! The tests start themselves again inside that session; the part that runs there is ignored
//! otherwise.

use secrets::{BookId, DataKey, KdfCost, KeyError, KeyFile, OsVault, VaultError};
use std::process::{Command, Stdio};
use std::time::Duration;

const PASSPHRASE: &str = "three grey abacuses";

/// Runs the ignored test `name` after `prepare`, inside a private session.
fn in_private_session(prepare: &str, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let this_program = std::env::current_exe().unwrap();
    let script = format!("{prepare}\nexec \"$0\" --ignored --exact {name} --nocapture");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-ec", &script])
        .arg(this_program)
        .env("HOME", home.path())
        .env("XDG_DATA_HOME", home.path().join("data"))
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_CONFIG_HOME", home.path().join("config"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::null())
        .output()
        .expect("dbus-run-session is installed (Debian: dbus)");
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

const UNLOCKED: &str = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null";

fn book() -> (KeyFile, DataKey) {
    let key = DataKey::generate().unwrap();
    let mut keys = KeyFile::new(BookId::generate().unwrap());
    keys.set_passphrase(&key, &PASSPHRASE.into(), KdfCost::CHEAP_FOR_TESTS).unwrap();
    (keys, key)
}

fn vault() -> OsVault {
    OsVault::new(Duration::from_secs(20))
}

#[test]
fn a_keyring_opens_the_book_until_its_entry_is_removed() {
    in_private_session(UNLOCKED, "inside_an_unlocked_keyring");
}

#[test]
#[ignore = "runs inside the private session"]
fn inside_an_unlocked_keyring() {
    use secrets::Vault;
    let (mut keys, key) = book();
    let (mut other, other_key) = book();
    keys.add_keyring(&key, &vault()).unwrap();
    other.add_keyring(&other_key, &vault()).unwrap();
    let opened = keys.unlock_with_keyring(&vault()).unwrap();
    assert_eq!(opened.to_hex(), key.to_hex());
    vault().remove(keys.book_id()).unwrap();
    vault().remove(keys.book_id()).unwrap();
    let gone = keys.unlock_with_keyring(&vault());
    assert!(matches!(gone, Err(KeyError::Vault(VaultError::NoEntry))), "{gone:?}");
    let opened = other.unlock_with_keyring(&vault()).unwrap();
    assert_eq!(opened.to_hex(), other_key.to_hex());
}

#[test]
fn without_a_keyring_the_passphrase_still_opens_the_book() {
    in_private_session("", "inside_a_session_without_keyring");
}

#[test]
#[ignore = "runs inside the private session"]
fn inside_a_session_without_keyring() {
    let (mut keys, key) = book();
    let absent = keys.add_keyring(&key, &OsVault::new(Duration::from_secs(5)));
    assert!(matches!(absent, Err(KeyError::Vault(_))), "{absent:?}");
    println!("without a keyring: {absent:?}");
    let opened = keys.unlock_with_passphrase(&PASSPHRASE.into()).unwrap();
    assert_eq!(opened.to_hex(), key.to_hex());
}

#[test]
fn a_locked_keyring_answers_instead_of_hanging() {
    in_private_session(UNLOCKED, "inside_a_keyring_that_gets_locked");
}

#[test]
#[ignore = "runs inside the private session"]
fn inside_a_keyring_that_gets_locked() {
    let (mut keys, key) = book();
    keys.add_keyring(&key, &vault()).unwrap();
    let locked = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets"])
        .args(["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock"])
        .arg("array:objpath:/org/freedesktop/secrets/collection/login")
        .output()
        .unwrap();
    assert!(locked.status.success(), "{locked:?}");
    let refused = keys.unlock_with_keyring(&OsVault::new(Duration::from_secs(10)));
    assert!(matches!(refused, Err(KeyError::Vault(_))), "{refused:?}");
    println!("locked: {refused:?}");
    let opened = keys.unlock_with_passphrase(&PASSPHRASE.into()).unwrap();
    assert_eq!(opened.to_hex(), key.to_hex());
}
