#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("wechat_trade"),
    |data: &[u8]| suanpan_fuzz::run("wechat_trade", data)
);
