//! The printed recovery code.
//!
//! 128 random bits as 26 characters, then 4 check characters, in six groups of five:
//! `K7M2P-9QXRT-…`. The alphabet has no I, L, O and U, so nothing on paper can be read two ways.

use crate::error::KeyError;
use crate::secret::{Secret, random};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Crockford's alphabet: 32 characters, without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 26 characters carry 130 bits: 128 of the secret and two that are always zero.
const SECRET_CHARS: usize = 26;
const CHECK_CHARS: usize = 4;
const GROUP: usize = 5;

/// A recovery code: 128 random bits that alone open a book.
///
/// Shown once, when a book is made or the code is renewed; nowhere stored in clear.
pub struct RecoveryCode(Secret<[u8; 16]>);

impl RecoveryCode {
    /// A new random code.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(Secret::new(random()?)))
    }

    /// Reads a code as a person types it: any case, with or without separators, O for 0, I and L
    /// for 1, full-width characters of a Chinese input method.
    ///
    /// # Errors
    /// [`KeyError::MistypedCode`] when it is no code, or its check characters disagree; no key
    /// was tried then.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut values = Zeroizing::new(Vec::with_capacity(SECRET_CHARS + CHECK_CHARS));
        for c in text.chars() {
            if let Some(value) = digit(c)? {
                values.push(value);
            }
        }
        if values.len() != SECRET_CHARS + CHECK_CHARS {
            return Err(KeyError::MistypedCode);
        }
        let bits = values[..SECRET_CHARS].iter().fold(0u128, |bits, v| {
            // The first character holds three bits only: 25 × 5 + 3 = 128.
            (bits << 5) | u128::from(*v)
        });
        let bytes = bits.to_be_bytes();
        if values[0] > 7 || check_digits(&bytes) != values[SECRET_CHARS..] {
            return Err(KeyError::MistypedCode);
        }
        Ok(Self(Secret::new(bytes)))
    }

    /// The code as it is printed: six groups of five characters. Wiped when dropped.
    pub fn to_text(&self) -> Zeroizing<String> {
        let bits = u128::from_be_bytes(*self.0.expose());
        let mut text = Zeroizing::new(String::with_capacity(36));
        let secret = (0..SECRET_CHARS).rev().map(|i| (bits >> (5 * i)) as u8 & 31);
        for (i, value) in secret.chain(check_digits(self.0.expose())).enumerate() {
            if i > 0 && i % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(value)]));
        }
        text
    }

    /// The 128 bits, for deriving the wrapping key.
    pub(crate) fn expose(&self) -> &[u8; 16] {
        self.0.expose()
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// 20 bits of a hash: one mistyped code in a million passes.
fn check_digits(secret: &[u8; 16]) -> [u8; CHECK_CHARS] {
    let hash = Sha256::new().chain_update(b"suanpan recovery code 1").chain_update(secret);
    let hash = hash.finalize();
    let bits = u32::from_be_bytes([0, hash[0], hash[1], hash[2]]) >> 4;
    [15, 10, 5, 0].map(|shift| (bits >> shift) as u8 & 31)
}

/// The value of a typed character; `None` for a separator.
fn digit(typed: char) -> Result<Option<u8>, KeyError> {
    // Full-width forms lie at a fixed distance from ASCII.
    let narrow = match typed {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(typed as u32 - 0xfee0).unwrap_or(typed),
        other => other,
    };
    let upper = match narrow.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    if let Some(value) = ALPHABET.iter().position(|known| char::from(*known) == upper) {
        return Ok(u8::try_from(value).ok());
    }
    let separator = upper.is_whitespace()
        || matches!(upper, '-' | '_' | '.' | ',' | '·' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    if separator { Ok(None) } else { Err(KeyError::MistypedCode) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(bytes: [u8; 16]) -> RecoveryCode {
        RecoveryCode(Secret::new(bytes))
    }

    #[test]
    fn a_printed_code_has_six_groups_without_ambiguous_letters() {
        let text = RecoveryCode::generate().unwrap().to_text();
        let groups: Vec<&str> = text.split('-').collect();
        assert_eq!(groups.len(), 6);
        assert!(groups.iter().all(|group| group.len() == 5));
        assert!(!text.contains(['I', 'L', 'O', 'U']));
    }

    #[test]
    fn a_code_is_read_however_a_person_types_it() {
        let printed = code([7; 16]).to_text();
        let sloppy = [
            printed.to_lowercase(),
            printed.replace('-', " "),
            printed.replace('-', ""),
            printed.replace('-', "—").replace('0', "o").replace('1', "l"),
            format!("  {}\n", printed.replace('1', "I")),
            printed.chars().map(full_width).collect(),
        ];
        for text in sloppy {
            assert_eq!(RecoveryCode::parse(&text).unwrap().expose(), &[7; 16], "{text}");
        }
    }

    fn full_width(c: char) -> char {
        char::from_u32(c as u32 + 0xfee0).unwrap()
    }

    #[test]
    fn a_code_never_shows_in_debug_output() {
        let secret = code([0xab; 16]);
        assert_eq!(format!("{secret:?}"), "RecoveryCode(…)");
    }

    proptest! {
        #[test]
        fn every_code_survives_printing_and_typing(bytes: [u8; 16]) {
            let typed = RecoveryCode::parse(&code(bytes).to_text()).unwrap();
            prop_assert_eq!(typed.expose(), &bytes);
        }

        #[test]
        fn one_wrong_character_is_called_a_typing_error(
            bytes: [u8; 16], at in 0usize..30, step in 1usize..32,
        ) {
            let mut text: Vec<u8> = code(bytes).to_text().replace('-', "").into_bytes();
            let value = ALPHABET.iter().position(|c| *c == text[at]).unwrap();
            text[at] = ALPHABET[(value + step) % 32];
            let typed = RecoveryCode::parse(std::str::from_utf8(&text).unwrap());
            // One in a million wrong codes passes the check characters by chance.
            if let Ok(other) = typed {
                prop_assert_ne!(other.expose(), &bytes);
            }
        }
    }
}
