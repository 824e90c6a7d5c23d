#![no_main]

libfuzzer_sys::fuzz_target!(
    init: suanpan_fuzz::seeds::write_if_asked("table_workbook"),
    |data: &[u8]| suanpan_fuzz::run("table_workbook", data)
);
