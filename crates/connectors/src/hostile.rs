//! What the tests of every connector throw at its readers: flipped bits, rude bodies.

use crate::http::HttpAnswer;

/// How many tries a test of chance makes: a few, or as many as `SUANPAN_TRIES` says.
pub fn tries(few: usize) -> usize {
    std::env::var("SUANPAN_TRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

/// Chance that is the same on every run (xorshift64*).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let next = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        usize::try_from(next % end as u64).expect("below a usize")
    }
}

/// The answer with one bit of its body, or of one of these headers, turned over.
pub fn flip(answer: &HttpAnswer, headers: &[&str], chance: &mut Chance) -> HttpAnswer {
    let mut flipped = answer.clone();
    let header_bytes = |name: &str| answer.header(name).map_or(0, str::len);
    let total = answer.body.len() + headers.iter().map(|name| header_bytes(name)).sum::<usize>();
    let mut at = chance.below(total);
    if at < flipped.body.len() {
        flipped.body[at] ^= 1 << chance.below(8);
        return flipped;
    }
    at -= flipped.body.len();
    for name in headers {
        let length = header_bytes(name);
        if at >= length {
            at -= length;
            continue;
        }
        let same = |have: &str| have.eq_ignore_ascii_case(name);
        let value = flipped.headers.iter_mut().find(|(have, _)| same(have));
        let value = &mut value.expect("it was counted").1;
        let mut bytes = value.clone().into_bytes();
        // Seven bits: a header stays text.
        bytes[at] ^= 1 << chance.below(7);
        *value = String::from_utf8(bytes).expect("ASCII stays ASCII");
        return flipped;
    }
    panic!("the bit lies in one of them");
}

/// Bodies no channel means: pages, cuts, nothing, too much, other types.
pub fn rude_bodies() -> Vec<Vec<u8>> {
    let page = "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>";
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "0",
        "-1e999",
        "[]",
        "{}",
        "\"\"",
        "[[[[",
        "{\"",
        "{\"a\":",
        "}",
        "\u{FEFF}{}",
        "{\"code\":1}",
        "{\"code\":null}",
        "{\"code\":{}}",
        "{\"code\":\"\"}",
        "{\"error_response\":",
        "{\"sign\":\"x\"}",
        "{\"sign\":1}",
        "code=SUCCESS&x=1",
        page,
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.push(vec![0; 64]);
    bodies.push(vec![0xFF; 64]);
    bodies.push(vec![0x1F, 0x8B, 0x08]);
    bodies.push(b"PK\x03\x04".to_vec());
    bodies.push("[".repeat(100_000).into_bytes());
    bodies.push("{\"a\":".repeat(50_000).into_bytes());
    bodies.push("中".repeat(400_000).into_bytes());
    bodies
}

/// Every way to spoil one leaf of a JSON object: another type, another sign, gone.
pub fn spoiled(json: &str) -> Vec<String> {
    let whole: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let mut paths = Vec::new();
    leaves(&whole, String::new(), &mut paths);
    let others = [
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "9007199254740993",
        "1e300",
        "\"x\"",
        "\"\"",
        "[]",
        "{}",
        "\"-1.00\"",
        "\"1.005\"",
    ];
    let mut texts = Vec::new();
    for path in paths {
        for other in others {
            let mut spoiled = whole.clone();
            let leaf = spoiled.pointer_mut(&path).expect("a path of this object");
            *leaf = serde_json::from_str(other).expect("JSON");
            texts.push(spoiled.to_string());
        }
    }
    texts
}

fn leaves(value: &serde_json::Value, path: String, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                leaves(value, format!("{path}/{name}"), found);
            }
        }
        serde_json::Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                leaves(value, format!("{path}/{at}"), found);
            }
        }
        _ => found.push(path.clone()),
    }
    if matches!(value, serde_json::Value::Object(_)) && !path.is_empty() {
        found.push(path);
    }
}
