//! Any JSON, compared: a document's comparable form says the same as the document, and nothing differs from itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_wire::json::{comparable, differences, same};

fuzz_target!(|data: &[u8]| {
    let Some([one, other]) = fuzz::parts(data) else {
        return;
    };
    let differ = differences(one, other, &[]);
    if let (Ok(a), Ok(b)) = (comparable(one, &[]), comparable(other, &[])) {
        assert_eq!(a == b, differ.is_empty(), "{differ:?}");
    }
    let Ok(form) = comparable(one, &[]) else {
        return;
    };
    assert_eq!(comparable(&form, &[]).unwrap(), form);
    assert!(same(one, &form));
    assert!(differences(one, &form, &[]).is_empty());
});
