//! Outside systems as pure pairs: a request is built as a value, an answer is read as a value.
//! Files are read the same way: bytes in, domain values out. The only socket is [`transport`]'s.
#![deny(clippy::float_arithmetic)]

pub mod alipay;
pub mod bank;
pub mod bill;
mod blame;
mod cells;
pub mod container;
pub mod detect;
pub mod error;
#[cfg(test)]
mod hostile;
pub mod http;
pub mod keys;
pub mod kinds;
mod lines;
pub mod marks;
mod mend;
mod open;
pub mod plan;
pub mod shops;
pub mod stripe;
mod suspects;
pub mod table;
pub mod till;
pub mod transport;
pub mod union_pay;
pub mod wechat_pay;

pub use blame::Blame;
pub use kinds::{Flow, KindRule, KindTable};
pub use mend::{is_replayed_in_place, read_mended};
pub use open::{
    Entry, Options, entry_at, marks_of, open, open_bytes, open_source, read_entry, read_kind,
    replay_row,
};

/// GB18030 bytes as text; what is not GB18030 becomes the replacement character.
pub fn decode_gb18030(bytes: &[u8]) -> String {
    encoding_rs::GB18030.decode_without_bom_handling(bytes).0.into_owned()
}
