use super::*;
use crate::vault::{MemoryVault, VaultError};

const PASSPHRASE: &str = "three grey abacuses";

fn made() -> (KeyFile, DataKey, RecoveryCode) {
    let key = DataKey::generate().unwrap();
    let mut keys = KeyFile::new(BookId::generate().unwrap());
    keys.set_passphrase(&key, &PASSPHRASE.into(), KdfCost::CHEAP_FOR_TESTS).unwrap();
    let code = keys.renew_recovery_code(&key).unwrap();
    (keys, key, code)
}

#[track_caller]
fn same(left: &DataKey, right: &DataKey) {
    assert_eq!(left.expose(), right.expose());
}

#[test]
fn every_way_in_gives_the_same_key() {
    let (mut keys, key, code) = made();
    let vault = MemoryVault::new();
    keys.add_keyring(&key, &vault).unwrap();
    let keys = KeyFile::from_text(&keys.to_text()).unwrap();
    same(&key, &keys.unlock_with_passphrase(&PASSPHRASE.into()).unwrap());
    same(&key, &keys.unlock_with_code(&code).unwrap());
    same(&key, &keys.unlock_with_keyring(&vault).unwrap());
    use UnlockMethod::{Keyring, Passphrase, RecoveryCode};
    assert_eq!(keys.methods(), [Passphrase, RecoveryCode, Keyring]);
}

#[test]
fn a_wrong_passphrase_or_code_is_named_as_such() {
    let (keys, ..) = made();
    let wrong = keys.unlock_with_passphrase(&"three grey abacus".into());
    assert!(matches!(wrong, Err(KeyError::WrongKey(UnlockMethod::Passphrase))), "{wrong:?}");
    let wrong = keys.unlock_with_code(&RecoveryCode::generate().unwrap());
    assert!(matches!(wrong, Err(KeyError::WrongKey(UnlockMethod::RecoveryCode))), "{wrong:?}");
}

#[test]
fn after_a_change_the_old_passphrase_and_the_old_code_are_worth_nothing() {
    let (mut keys, key, old_code) = made();
    keys.set_passphrase(&key, &"another long phrase".into(), KdfCost::CHEAP_FOR_TESTS).unwrap();
    let new_code = keys.renew_recovery_code(&key).unwrap();
    assert!(keys.unlock_with_passphrase(&PASSPHRASE.into()).is_err());
    assert!(keys.unlock_with_code(&old_code).is_err());
    same(&key, &keys.unlock_with_passphrase(&"another long phrase".into()).unwrap());
    same(&key, &keys.unlock_with_code(&new_code).unwrap());
}

#[test]
fn a_keyring_that_forgot_the_book_never_locks_its_owner_out() {
    let (mut keys, key, code) = made();
    let vault = MemoryVault::new();
    keys.add_keyring(&key, &vault).unwrap();
    vault.remove(keys.book_id()).unwrap();
    let gone = keys.unlock_with_keyring(&vault);
    assert!(matches!(gone, Err(KeyError::Vault(VaultError::NoEntry))), "{gone:?}");
    same(&key, &keys.unlock_with_code(&code).unwrap());
}

#[test]
fn the_keyring_can_never_be_the_only_way_in() {
    let (mut keys, key, _) = made();
    keys.add_keyring(&key, &MemoryVault::new()).unwrap();
    keys.remove(UnlockMethod::Passphrase).unwrap();
    let last = keys.remove(UnlockMethod::RecoveryCode);
    assert!(matches!(last, Err(KeyError::LastMethod(UnlockMethod::RecoveryCode))), "{last:?}");
    keys.remove(UnlockMethod::Keyring).unwrap();
    assert_eq!(keys.methods(), [UnlockMethod::RecoveryCode]);
}

#[test]
fn a_wrap_moved_to_another_book_opens_nothing() {
    let (keys, ..) = made();
    let other = BookId::generate().unwrap();
    let moved = keys.to_text().replace(keys.book_id().as_str(), other.as_str());
    let moved = KeyFile::from_text(&moved).unwrap();
    assert!(matches!(
        moved.unlock_with_passphrase(&PASSPHRASE.into()),
        Err(KeyError::WrongKey(UnlockMethod::Passphrase))
    ));
}

#[test]
fn a_key_file_with_one_changed_byte_never_gives_a_wrong_key() {
    let (keys, key, code) = made();
    let text = keys.to_text();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let Ok(changed) = KeyFile::from_text(&changed) else { continue };
        // A byte of the cost may ask for a dear but sane derivation; the code's wrap is enough.
        if let Ok(opened) = changed.unlock_with_code(&code) {
            same(&key, &opened);
        }
    }
}

#[test]
fn a_hostile_cost_is_refused_before_it_takes_memory() {
    let (keys, ..) = made();
    let hostile = keys.to_text().replace("\"memory_kib\": 8", "\"memory_kib\": 4294967295");
    let hostile = KeyFile::from_text(&hostile).unwrap();
    let refused = hostile.unlock_with_passphrase(&PASSPHRASE.into());
    assert!(matches!(refused, Err(KeyError::Malformed(_))), "{refused:?}");
}

#[test]
fn a_key_file_of_a_newer_program_is_not_called_damaged() {
    let (keys, ..) = made();
    let newer = keys.to_text().replace("\"suanpan_keys\": 1", "\"suanpan_keys\": 2");
    let newer = KeyFile::from_text(&newer);
    assert!(matches!(newer, Err(KeyError::NewerFormat { found: 2, known: 1 })), "{newer:?}");
}

#[test]
fn no_key_shows_in_the_file_or_in_debug_output() {
    let (keys, key, code) = made();
    let text = keys.to_text();
    assert!(!text.contains(key.to_hex().as_str()));
    assert!(!text.contains(PASSPHRASE));
    assert!(!text.contains(code.to_text().as_str()));
    assert!(!text.contains(&hex::encode(code.expose())));
    let shown = format!("{keys:?} {key:?} {code:?} {:?}", Secret::from(PASSPHRASE));
    assert!(!shown.contains(key.to_hex().as_str()) && !shown.contains(PASSPHRASE), "{shown}");
}

#[test]
fn a_passphrase_of_a_few_characters_is_refused() {
    let (mut keys, key, _) = made();
    let short = keys.set_passphrase(&key, &"算盘算盘".into(), KdfCost::CHEAP_FOR_TESTS);
    assert!(matches!(short, Err(KeyError::PassphraseTooShort(8))), "{short:?}");
}
