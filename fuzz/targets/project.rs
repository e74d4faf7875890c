#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rustop_fuzz::project::check(data));
