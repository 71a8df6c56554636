//! Bodies of answers: token, refusal, a page of groups, a page of a list. What is taken for a number is one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_wire::error_body::Refusal;
use waitwise_wire::tutorial::listing::{ListPage, entity_id, read_skill};
use waitwise_wire::tutorial::summary::{SummaryPage, WaitUnit, read_group};
use waitwise_wire::tutorial::token::TokenReply;

fuzz_target!(|data: &[u8]| {
    let _ = Refusal::read(data);
    let _ = serde_json::from_slice::<TokenReply>(data);
    let Some([text]) = fuzz::parts(data) else {
        return;
    };
    if let Ok(page) = SummaryPage::read(text) {
        assert_ne!(page.next_page_token.as_deref(), Some(""));
        for entity in page.entities {
            read_as_group(entity.get());
        }
    }
    if let Ok(page) = ListPage::read(text) {
        for entity in page.entities {
            let _ = read_skill(entity.get());
            let _ = entity_id(entity.get());
        }
    }
});

fn read_as_group(entity: &str) {
    for unit in [WaitUnit::Seconds, WaitUnit::Milliseconds] {
        let Ok(group) = read_group(entity, unit) else {
            continue;
        };
        for number in [group.conversations, group.mean_wait_secs] {
            assert!(number.is_finite() && number.is_sign_positive(), "{entity}");
        }
    }
}
