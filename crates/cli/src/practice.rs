//! `practice write`, `demo`.
