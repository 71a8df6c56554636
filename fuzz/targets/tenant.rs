//! What a tenant is made of: queues, members, codes, agents' skills, predictors, limits, the token's owner, data tables.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_wire::platform::data_table::{read_table, row_key};
use waitwise_wire::platform::limits::{read_limit, read_token_owner};
use waitwise_wire::platform::queue::{
    read_agent_skill, read_member, read_predictor, read_queue, read_wrap_up_code,
};
use waitwise_wire::priority_table::{Table, key_of};
use waitwise_wire::tutorial::listing::ListPage;

fuzz_target!(|data: &[u8]| {
    let Some([text]) = fuzz::parts(data) else {
        return;
    };
    one(text);
    if let Ok(page) = ListPage::read(text) {
        page.entities.iter().for_each(|entity| one(entity.get()));
    }
    let _ = read_token_owner(text);
    if let Ok(table) = Table::read(text) {
        assert!(!table.id.is_empty() && table.key_column.eq_ignore_ascii_case("key"));
    }
});

fn one(entity: &str) {
    let _ = read_queue(entity);
    let _ = read_member(entity);
    let _ = read_wrap_up_code(entity);
    let _ = read_agent_skill(entity);
    let _ = read_predictor(entity).map(|predictor| predictor.may_route());
    let _ = read_limit(entity);
    let _ = read_table(entity);
    assert!(
        key_of(entity).is_none() || row_key(entity) == key_of(entity),
        "two keys of {entity}"
    );
}
