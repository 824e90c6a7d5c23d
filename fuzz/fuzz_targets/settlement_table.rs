#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| suanpan_fuzz::run("settlement_table", data));
