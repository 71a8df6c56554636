//! The value of `Retry-After`: any text is a wait or nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_client::retry::read_retry_after;

fuzz_target!(|data: &[u8]| {
    let Some([value]) = fuzz::parts(data) else {
        return;
    };
    for now in [
        jiff::Timestamp::MIN,
        jiff::Timestamp::UNIX_EPOCH,
        jiff::Timestamp::MAX,
    ] {
        let _ = read_retry_after(value, now);
    }
});
