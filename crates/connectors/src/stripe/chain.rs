//! Every line of a kept document carries a mark made of the line and of the mark before it: a line
//! that is missing, doubled, out of place or changed is the first whose mark does not fit.
//!
//! Stripe signs nothing and counts nothing: once TLS is taken off, only this holds what was
//! received together.

use crate::keys::sha256;
use std::fmt::Write;

/// How a marked line begins.
const BEGIN: &str = "{\"h\":\"";
/// Between the mark and the rest of the line.
const THEN: &str = "\",";
/// Letters of a mark.
const LONG: usize = 16;

/// The mark of the line before.
#[derive(Debug)]
pub(super) struct Chain(String);

impl Chain {
    /// Begins with a document's first line, which bears no mark itself.
    pub(super) fn new(header: &str) -> Self {
        Self(mark("", header))
    }

    /// An object with its mark: what stands between its braces, and the closing one.
    pub(super) fn write(&mut self, rest: &str) -> String {
        self.0 = mark(&self.0, rest);
        format!("{BEGIN}{}{THEN}{rest}", self.0)
    }

    /// True when a line follows the one before it.
    pub(super) fn follows(&mut self, line: &str) -> bool {
        let marked = line.strip_prefix(BEGIN).and_then(|tail| tail.split_at_checked(LONG));
        let told = marked.and_then(|(told, tail)| Some((told, tail.strip_prefix(THEN)?)));
        let Some((told, rest)) = told else {
            self.0 = mark(&self.0, line);
            return false;
        };
        let fits = mark(&self.0, rest) == told;
        told.clone_into(&mut self.0);
        fits
    }
}

fn mark(before: &str, text: &str) -> String {
    let hash = sha256(&[before.as_bytes(), text.as_bytes()]);
    hash.iter().take(LONG / 2).fold(String::with_capacity(LONG), |mut mark, byte| {
        let _ = write!(mark, "{byte:02x}");
        mark
    })
}
