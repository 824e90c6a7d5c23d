#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("shop_orders"),
    |data: &[u8]| suanpan_fuzz::run("shop_orders", data)
);
