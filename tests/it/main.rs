//! Use cases on real databases with the practice shop.

mod acquirers;
mod bank_files;
mod books;
mod broken_bills;
mod collect;
mod core_image;
mod currencies;
mod decisions;
mod defined;
mod faults;
mod fees;
mod incremental;
mod journal;
mod lists;
mod orders;
mod papers;
mod practice_shop;
mod quarantine;
mod revisions;
mod scale;
mod search;
mod shops;
mod sync;
mod till;
mod unnumbered;
mod whole_files;
