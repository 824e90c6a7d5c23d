#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("union_pay_clearing"),
    |data: &[u8]| suanpan_fuzz::run("union_pay_clearing", data)
);
