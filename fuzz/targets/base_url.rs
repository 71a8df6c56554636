//! A host as a person typed it, or a plan names it: what is taken reads the same when written out, and plain http
//! is for this machine only.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_client::BaseUrl;

fuzz_target!(|data: &[u8]| {
    let Some([text]) = fuzz::parts(data) else {
        return;
    };
    for ca_file_given in [false, true] {
        match BaseUrl::parse(text, ca_file_given) {
            Ok(url) => {
                let written = url.to_string();
                assert_eq!(BaseUrl::parse(&written, ca_file_given).unwrap(), url);
                assert!(url.is_https() || url.is_loopback(), "{written}");
                assert!(!written.contains('@'), "{written}");
            }
            Err(error) => {
                let _ = (error.to_string(), error.hints());
            }
        }
    }
});
