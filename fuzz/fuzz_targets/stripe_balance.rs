#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("stripe_balance"),
    |data: &[u8]| suanpan_fuzz::run("stripe_balance", data)
);
