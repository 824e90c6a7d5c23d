#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("detect"),
    |data: &[u8]| suanpan_fuzz::run("detect", data)
);
