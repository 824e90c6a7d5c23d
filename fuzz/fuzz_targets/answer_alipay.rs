#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("answer_alipay"),
    |data: &[u8]| suanpan_fuzz::run("answer_alipay", data)
);
