//! Conversation records, singly and as a page: the fast reader and the typed one agree, and a page is kept as it was read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_history::page::{self, Page};
use waitwise_wire::platform::conversation::scan::Scanner;
use waitwise_wire::platform::conversation::{self, ReadConversation};
use waitwise_wire::platform::details::RecordPage;

fuzz_target!(|data: &[u8]| {
    let mut scanner = Scanner::new();
    let Some([text]) = fuzz::parts(data) else {
        assert!(scanner.read(data, |_, _| ()).is_err());
        return;
    };
    one(text, &mut scanner);
    if let Ok(page) = RecordPage::read(text) {
        let records = page.conversations.iter();
        records.for_each(|record| one(record.get(), &mut scanner));
    }
});

fn one(record: &str, scanner: &mut Scanner) {
    let mut entries = Vec::new();
    let scanned = scanner.read_dated(record.as_bytes(), |visit, _| {
        entries.push((visit.queue.to_owned(), visit.entered_at_ms));
    });
    let scanned = scanned.map(|(recorded_at_ms, reasons)| (recorded_at_ms, reasons.len()));
    let Ok(ReadConversation {
        conversation,
        rejected,
    }) = conversation::read(record)
    else {
        assert!(scanned.is_err(), "only the fast reader takes {record}");
        return;
    };
    let (recorded_at_ms, n_rejected) = scanned.expect("only the typed reader takes it");
    assert_eq!(recorded_at_ms, conversation.recorded_at.as_millisecond());
    assert_eq!(n_rejected, rejected.len());
    let legs = conversation.legs.iter();
    let typed = legs.map(|leg| (leg.queue.to_string(), leg.entered_at.as_millisecond()));
    assert!(typed.eq(entries), "other visits of {record}");
    for leg in &conversation.legs {
        // A wait is told as a length and by its ends: neither is negative, so both can be counted.
        let _ = (leg.wait_ms(), leg.decided_at());
    }
    let page = Page {
        asked: None,
        next: None,
        available_to: None,
        claimed: Some(1),
        conversations: vec![conversation],
        rejected,
    };
    let again = page::read(page::write(&page).as_bytes()).expect("what was written can be read");
    assert_eq!(again, page);
}
