//! From texts to keys: folding, masking, tails, grams, pinyin.

use super::Keys;
use pinyin::ToPinyinMulti;

/// Characters of a number's tail that take part in its key.
const TAIL: usize = 8;
/// Signs a tail can have: the end, digits, letters, everything else.
const TAIL_SIGNS: i64 = 38;
/// Bits of a hash of the whole number behind its tail: numbers that count up within a day end
/// alike on every day, and a whole one must still be found at once.
const WHOLE_BITS: u32 = 14;
/// Letters of pinyin that take part in a key.
const LETTERS: usize = 12;
const LETTER_SIGNS: i64 = 27;
/// Bits of one character in the key of a gram.
const CHAR_BITS: u32 = 21;
/// Characters of a text that can be found; the rest of a very long one is only looked at again.
const TEXT_CHARS: usize = 160;
/// Ways to read the same few characters that are followed; 重 has two, 和 five.
const READINGS: usize = 6;

/// Lower case, full-width signs as plain ones, runs of blanks as one: how texts are compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_into(&mut folded, text);
    folded
}

/// Appends the folded text.
pub(super) fn fold_into(folded: &mut String, text: &str) {
    for c in text.trim().chars() {
        match c {
            c if c.is_ascii_graphic() => folded.push(c.to_ascii_lowercase()),
            '\u{2e80}'..='\u{2fff}' | '\u{3001}'..='\u{9fff}' => folded.push(c),
            '\u{ff01}'..='\u{ff5e}' => {
                let plain = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                folded.push(plain.to_ascii_lowercase());
            }
            c if c.is_whitespace() || c.is_control() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c => folded.extend(c.to_lowercase()),
        }
    }
}

/// A folded text with every run of digits as one `0`: texts that differ by an amount or a number
/// alone are one text, and a year of them stays a handful.
pub fn mask(folded: &str) -> String {
    let mut masked = String::with_capacity(folded.len());
    mask_into(&mut masked, folded);
    masked
}

/// Appends the masked text.
pub(super) fn mask_into(masked: &mut String, folded: &str) {
    let bytes = folded.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut clean = 0;
    let mut at = 0;
    while at < bytes.len() {
        if !is_digit(at) {
            at += 1;
            continue;
        }
        masked.push_str(&folded[clean..at]);
        masked.push('0');
        while is_digit(at) || (matches!(bytes.get(at), Some(b'.' | b',')) && is_digit(at + 1)) {
            at += 1;
        }
        clean = at;
    }
    masked.push_str(&folded[clean..]);
}

/// True for a text that is one long number or id, such as a buyer's openid: found by its tail.
pub fn is_number(text: &str) -> bool {
    text.len() >= 6
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*@#/".contains(&b))
}

/// Numbers inside a text, four digits and longer: the payee's number in a bank's memo.
pub fn tails_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|run| run.len() >= 4 && run.bytes().filter(u8::is_ascii_digit).count() >= 4)
}

fn tail_sign(byte: u8) -> i64 {
    i64::from(match byte {
        b'0'..=b'9' => byte - b'0' + 1,
        b'a'..=b'z' => byte - b'a' + 11,
        b'A'..=b'Z' => byte - b'A' + 11,
        _ => 37,
    })
}

fn tail_part(number: &str) -> i64 {
    let mut signs = number.bytes().rev().map(tail_sign);
    (0..TAIL).fold(0, |key, _| key * TAIL_SIGNS + signs.next().unwrap_or(0))
}

/// The key of a number: its tail, then a little of a hash of all of it.
pub fn tail_key(number: &str) -> i64 {
    let hash = number.bytes().fold(0_u64, |hash, byte| {
        (hash ^ byte.to_ascii_lowercase() as u64).wrapping_mul(0x0100_0000_01b3)
    });
    (tail_part(number) << WHOLE_BITS) | (hash >> (64 - WHOLE_BITS)) as i64
}

/// The keys of all numbers with this tail.
pub fn tail_keys(tail: &str) -> Keys {
    let missing = TAIL.saturating_sub(tail.len()) as u32;
    let first = tail_part(tail);
    let last = first + TAIL_SIGNS.pow(missing) - 1;
    (first << WHOLE_BITS)..=((last + 1) << WHOLE_BITS) - 1
}

/// The keys of a masked text: one for each of its characters, with the two that follow.
pub(super) fn gram_keys_of(masked: &str) -> impl Iterator<Item = i64> {
    let chars: Vec<char> = masked.chars().take(TEXT_CHARS).collect();
    (0..chars.len()).filter(move |at| chars[*at] != ' ').map({
        let chars: Vec<char> = masked.chars().take(TEXT_CHARS + 2).collect();
        move |at| gram_key(chars[at..].iter().copied())
    })
}

fn gram_key(chars: impl Iterator<Item = char>) -> i64 {
    let mut chars = chars.map(|c| i64::from(u32::from(c)));
    (0..3).fold(0, |key, _| (key << CHAR_BITS) | chars.next().unwrap_or(0))
}

/// The keys of all texts with these characters, the first three of them at least.
pub fn gram_keys(masked: &str) -> Keys {
    let missing = 3_usize.saturating_sub(masked.chars().count()) as u32;
    let first = gram_key(masked.chars());
    first..=first + (1_i64 << (CHAR_BITS * missing)) - 1
}

fn letter_key(letters: impl Iterator<Item = u8>) -> i64 {
    let mut letters = letters.map(|b| i64::from(b - b'a') + 1);
    (0..LETTERS).fold(0, |key, _| key * LETTER_SIGNS + letters.next().unwrap_or(0))
}

/// The keys of all texts whose pinyin goes on with these letters; `letters` is `a` to `z`.
pub fn pinyin_keys(letters: &str) -> Keys {
    let missing = LETTERS.saturating_sub(letters.len()) as u32;
    let first = letter_key(letters.bytes());
    first..=first + LETTER_SIGNS.pow(missing) - 1
}

/// The readings of each Chinese character of a text, without tones; other signs are passed over.
fn readings(text: &str) -> Vec<Vec<&'static str>> {
    let of = |c: char| {
        let mut found: Vec<&'static str> = Vec::new();
        for reading in c.to_pinyin_multi()? {
            let plain = reading.plain();
            if plain.bytes().all(|b| b.is_ascii_lowercase()) && !found.contains(&plain) {
                found.push(plain);
            }
        }
        (!found.is_empty()).then_some(found)
    };
    text.chars().take(TEXT_CHARS).filter_map(of).collect()
}

/// The keys of a text's pinyin: from each of its characters on, in full and as initials.
pub(super) fn pinyin_keys_of(text: &str) -> Vec<i64> {
    let syllables = readings(text);
    let mut keys = Vec::new();
    for at in 0..syllables.len() {
        for full in [true, false] {
            let part = |reading: &'static str| if full { reading } else { &reading[..1] };
            let mut ways = vec![String::new()];
            for readings in &syllables[at..] {
                if ways[0].len() >= LETTERS {
                    break;
                }
                let longer = ways.iter().flat_map(|way| {
                    readings.iter().map(move |reading| format!("{way}{}", part(reading)))
                });
                ways = longer.take(READINGS).collect();
            }
            keys.extend(ways.iter().map(|way| letter_key(way.bytes())));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A text's Chinese characters as they are read first: in full, and by initials.
pub fn spell(text: &str) -> (String, String) {
    let syllables = readings(text);
    let first = syllables.iter().filter_map(|readings| readings.first());
    (first.clone().copied().collect(), first.map(|reading| &reading[..1]).collect())
}

/// True when a run of the text's Chinese characters is read `letters`, in full or as initials;
/// the last syllable may be unfinished.
pub fn pinyin_matches(text: &str, letters: &str) -> bool {
    let syllables = readings(text);
    (0..syllables.len())
        .any(|at| reads(&syllables[at..], letters, true) || reads(&syllables[at..], letters, false))
}

fn reads(syllables: &[Vec<&'static str>], letters: &str, full: bool) -> bool {
    if letters.is_empty() {
        return true;
    }
    let Some((first, rest)) = syllables.split_first() else { return false };
    first.iter().any(|reading| {
        let part = if full { reading } else { &reading[..1] };
        match letters.strip_prefix(part) {
            Some(left) => reads(rest, left, full),
            None => part.starts_with(letters),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_tail_of_any_length() {
        for tail in ["1", "21", "4021", "4-4021", "Z20260414-4021"] {
            assert!(tail_keys(tail).contains(&tail_key("QZ20260414-4021")), "{tail}");
        }
        assert!(!tail_keys("4021").contains(&tail_key("QZ20260414-4022")));
        assert!(tail_keys("4021").contains(&tail_key("4021")));
        assert!(!tail_keys("14021").contains(&tail_key("4021")));
        assert!(*tail_keys("--------").end() > 0, "the largest key stays in range");
    }

    #[test]
    fn a_text_is_found_by_any_of_its_characters() {
        let keys: Vec<i64> = gram_keys_of("签字笔 0mm").collect();
        for part in ["签", "字", "笔", "字笔", "签字笔", "签字笔 0mm", "mm", "0mm"] {
            assert!(keys.iter().any(|key| gram_keys(part).contains(key)), "{part}");
        }
        for part in ["墨", "笔字", "签笔"] {
            assert!(!keys.iter().any(|key| gram_keys(part).contains(key)), "{part}");
        }
    }

    #[test]
    fn a_text_is_found_by_its_pinyin_in_full_and_by_initials() {
        let found = |text: &str, letters: &str| {
            let keys = pinyin_keys_of(text);
            let range = pinyin_keys(letters);
            let found = keys.iter().any(|key| range.contains(key));
            found && pinyin_matches(text, letters)
        };
        for letters in ["gangbi", "gangb", "gb", "g", "gbty", "taiyin", "ty", "gangbitaiyin"] {
            assert!(found("钢笔 钛银", letters), "{letters}");
        }
        for letters in ["yinhang", "zgyh", "yinxing", "hang"] {
            assert!(found("中国银行", letters), "{letters}");
        }
        for letters in ["bi gang", "angbi", "gbt2", "xyz"] {
            let plain = letters.bytes().all(|b| b.is_ascii_lowercase());
            assert!(!plain || !found("钢笔 钛银", letters), "{letters}");
        }
    }

    #[test]
    fn texts_that_differ_by_their_figures_alone_are_one() {
        let remark = |net: &str| mask(&fold(&format!("结算总金额 {net} 元；含手续费 0.77 元")));
        assert_eq!(remark("128.00"), remark("1,399.00"));
        assert_eq!(mask("a4纸 0.5mm"), "a0纸 0mm");
        assert_eq!(mask("第3."), "第0.");
        assert_eq!(fold("　ＱＺ－１２ 钢笔\t "), "qz-12 钢笔");
    }

    #[test]
    fn a_memo_gives_the_numbers_in_it() {
        let found: Vec<&str> = tails_of("0415_1900000109 财付通 12").collect();
        assert_eq!(found, ["0415", "1900000109"]);
        assert!(is_number("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") && !is_number("钢笔100000"));
    }
}
