//! What developers and CI run: set-up, the whole suite, the tidy rules, `make run`.
//!
//! The Makefile only forwards here, so that both do the same.

pub mod headless;
pub mod peers;
pub mod pictures;
pub mod places;
pub mod platforms;
pub mod run;
pub mod scenes;
pub mod setup;
pub mod small;
pub mod steps;
pub mod suite;
pub mod tidy;
pub mod ui;
pub mod webdriver;
