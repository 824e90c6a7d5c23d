#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("table_text"),
    |data: &[u8]| suanpan_fuzz::run("table_text", data)
);
