//! Key files as OpenSSL 3.0 wrote them, of the practice shop's key at UnionPay, and odd ones.

use super::{KeyFile, PfxProblem, as_text};
use crate::keys::{Certificate, SigningKey};
use p12_keystore::{Certificate as Bag, KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use secrets::Secret;

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../practice/keys");
/// RC2 with 40 bits for certificates, 3DES for the key; a chain of three certificates.
const LEGACY: &[u8] = include_bytes!("../../../fixtures/pfx/legacy.pfx");
/// 3DES for both; no chain.
const TRIPLE_DES: &[u8] = include_bytes!("../../../fixtures/pfx/triple-des.pfx");
/// AES-256 under PBKDF2, SHA-256 over the whole, a password with Chinese in it.
const MODERN: &[u8] = include_bytes!("../../../fixtures/pfx/modern.pfx");
/// A certificate alone.
const NO_KEY: &[u8] = include_bytes!("../../../fixtures/pfx/no-key.pfx");

fn open(bytes: &[u8], password: &str) -> Result<KeyFile, PfxProblem> {
    KeyFile::open(&as_text(bytes), &Secret::from(password))
}

fn kept(name: &str) -> String {
    std::fs::read_to_string(format!("{KEYS}/{name}.pem")).expect("a practice key")
}

#[test]
fn old_and_new_encodings_give_the_same_key_and_its_own_certificate() {
    let plain = SigningKey::parse(&Secret::new(kept("union-shop.key"))).expect("a key");
    let certificate = Certificate::parse(&kept("union-shop")).expect("a certificate");
    for (bytes, password) in [(LEGACY, "000000"), (TRIPLE_DES, "000000"), (MODERN, "银联000000")]
    {
        let file = open(bytes, password).expect("it opens");
        let key = SigningKey::parse(&file.private_key_pem).expect("a key in PEM");
        assert_eq!(key.sign(b"1900"), plain.sign(b"1900"));
        let found = Certificate::parse(&file.certificate_pem).expect("a certificate in PEM");
        assert_eq!(found.serial_decimal(), certificate.serial_decimal());
        assert!(file.certificate_pem.lines().all(|line| line.len() <= 64));
    }
}

#[test]
fn a_key_file_in_armour_is_read_as_well() {
    let armoured =
        format!("-----BEGIN PKCS12-----\n{}\n-----END PKCS12-----\n", as_text(LEGACY).expose());
    assert!(KeyFile::open(&Secret::new(armoured), &Secret::from("000000")).is_ok());
}

#[test]
fn what_is_wrong_with_a_key_file_is_said_and_nothing_of_it() {
    let problem = |bytes: &[u8], password: &str| open(bytes, password).map(drop).unwrap_err();
    for (bytes, password) in [(LEGACY, "CANARY"), (MODERN, "000000"), (TRIPLE_DES, "")] {
        let said = problem(bytes, password);
        assert_eq!(said, PfxProblem::Password);
        assert!(!said.to_string().contains("CANARY"));
    }
    assert_eq!(problem(NO_KEY, "000000"), PfxProblem::NoKey);
    assert_eq!(problem(b"", "000000"), PfxProblem::Unreadable);
    assert_eq!(problem(kept("union-shop").as_bytes(), "000000"), PfxProblem::Unreadable);
    assert_eq!(problem(&LEGACY[..LEGACY.len() - 1], "000000"), PfxProblem::Unreadable);
    assert_eq!(
        problem(&written(&[("union-shop.key", "union-shop"), ("union.key", "union")]), "pass"),
        PfxProblem::SeveralKeys
    );
    assert_eq!(
        problem(&written(&[("union-shop.key", "union-middle")]), "pass"),
        PfxProblem::NoCertificate
    );
}

#[test]
fn a_flipped_bit_anywhere_never_gives_another_key() {
    let right = open(LEGACY, "000000").expect("it opens");
    for at in (0..LEGACY.len()).step_by(37) {
        let mut bytes = LEGACY.to_vec();
        bytes[at] ^= 4;
        if let Ok(file) = open(&bytes, "000000") {
            assert_eq!(file.private_key_pem.expose(), right.private_key_pem.expose(), "{at}");
        }
    }
}

/// A key file of several keys, each with a certificate beside it, under `pass`.
fn written(pairs: &[(&str, &str)]) -> Vec<u8> {
    let der = |name: &str| super::read_pem(&kept(name)).expect("PEM").1.to_vec();
    let mut store = KeyStore::new();
    for (id, (key, certificate)) in pairs.iter().enumerate() {
        let key = PrivateKey::from_der(&der(key)).expect("a key");
        let certificate = Bag::from_der(&der(certificate)).expect("a certificate");
        let chain = PrivateKeyChain::new(vec![id as u8], key, [certificate]);
        store.add_entry(&format!("key {id}"), KeyStoreEntry::PrivateKeyChain(chain));
    }
    store.writer("pass").write().expect("a key file")
}

#[test]
fn a_key_file_with_open_lengths_is_told_from_a_damaged_one() {
    // The outer sequence of the file without its length, ended by two zero bytes instead.
    let body = &LEGACY[4..];
    let outer = [&[0x30, 0x80], body, &[0, 0]].concat();
    assert_eq!(open(&outer, "000000").map(drop), Err(PfxProblem::OpenLengths));
    let cut = &LEGACY[..LEGACY.len() / 2];
    assert_eq!(open(cut, "000000").map(drop), Err(PfxProblem::Unreadable));
}
