//! The practice shop's files, and the demo company made from them.
