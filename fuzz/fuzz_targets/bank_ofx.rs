#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("bank_ofx"),
    |data: &[u8]| suanpan_fuzz::run("bank_ofx", data)
);
