//! Maps by keys that are hashes already: they are taken as they are.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map by such keys.
pub type KeyMap<V> = HashMap<u64, V, BuildHasherDefault<KeyHasher>>;
/// A set of such keys.
pub type KeySet = HashSet<u64, BuildHasherDefault<KeyHasher>>;

/// Takes a `u64` for its own hash: the keys of numbers are SipHashes, even in every bit.
#[derive(Clone, Copy, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    /// Anything else than a key, mixed well enough to be right.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0.rotate_left(5) ^ u64::from(*byte)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_again() {
        let keys = (0..1000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let map: KeyMap<u64> = keys.clone().zip(0..).collect();
        assert!(keys.zip(0..).all(|(key, place)| map.get(&key) == Some(&place)));
        assert_eq!(map.get(&1), None);
    }
}
