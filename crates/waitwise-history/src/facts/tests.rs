//! Rows come back as they were, whatever they are; equal rows give equal bytes; no changed byte goes unnoticed.

use bytes::Bytes;
use proptest::prelude::*;
use waitwise_model::{Abandonment, Coded, Conversation, Ending, Outcome, Visit};

use super::*;
use crate::samples::{abandoned, answered, conversation, leg, table};
use crate::{ConversationKey, Row, Table};

fn day() -> Date {
    "2026-03-02".parse().unwrap()
}

fn of(coverage: Coverage) -> Of {
    Of {
        queue: QueueId::new("q1"),
        day: day(),
        coverage,
        sources: vec![Source::Pull],
    }
}

fn written(table: &mut Table) -> Bytes {
    let mut bytes = Vec::new();
    let parts = table.parts();
    assert!(parts.len() <= 1);
    let of = of(Coverage::whole(day()).unwrap());
    write(&mut bytes, of, parts.first().copied()).unwrap();
    Bytes::from(bytes)
}

fn read(bytes: Bytes) -> Result<Vec<String>, FactsError> {
    let mut reader = Reader::open(bytes)?;
    let mut rows = Vec::new();
    reader.for_each(Columns::ALL, |row| rows.push(format!("{row:?}")))?;
    assert_eq!(rows.len(), reader.head().legs);
    Ok(rows)
}

fn sample(idx: usize) -> Conversation {
    let mut conversation = conversation(&format!("k{idx}"), 60, !idx.is_multiple_of(4));
    let entered = i64::try_from(idx % 3).unwrap();
    conversation.legs = vec![match idx % 5 {
        0 => leg(1, entered, answered(60, None)),
        1 => leg(1, entered, abandoned(9, Abandonment::Short)),
        2 => leg(2, entered, Outcome::Waiting),
        3 => leg(1, entered, abandoned(90, Abandonment::Patient)),
        _ => leg(3, entered, answered(7, Some("c\"2"))),
    }];
    conversation
}

fn of_samples(order: &[usize]) -> Bytes {
    let records: Vec<_> = order.iter().map(|idx| sample(*idx)).collect();
    written(&mut table(&records))
}

/// A row's texts, owned.
#[derive(Clone, Debug)]
struct Owned {
    key: [u8; 16],
    texts: Vec<String>,
    skills: Vec<String>,
    numbers: Vec<u64>,
    times: Vec<i64>,
    priority: Option<i32>,
    ending: usize,
    coding: u8,
    present: u16,
}

prop_compose! {
    fn any_row()(
        key in any::<[u8; 16]>(),
        texts in prop::collection::vec(".{0,12}", 5),
        skills in prop::collection::vec("[a-c]{1,3}", 0..4),
        numbers in prop::collection::vec(0..=u64::MAX >> 1, 5),
        times in prop::collection::vec(-1_000_000_000_000_i64..4_000_000_000_000, 5),
        priority in any::<Option<i32>>(),
        ending in 0_usize..7,
        coding in 0_u8..3,
        present in any::<u16>(),
    ) -> Owned {
        Owned { key, texts, skills, numbers, times, priority, ending, coding, present }
    }
}

impl Owned {
    fn has(&self, bit: u8) -> bool {
        self.present >> bit & 1 == 1
    }

    fn row<'a>(&'a self, skills: &'a [&'a str]) -> Row<'a> {
        let [media, code, agent, routing, _] = [0, 1, 2, 3, 4].map(|idx| self.texts[idx].as_str());
        let number = |idx: u8| self.has(idx).then(|| self.numbers[usize::from(idx)]);
        let [_, entered, ended, decided, recorded] = [0, 1, 2, 3, 4].map(|idx| self.times[idx]);
        Row {
            key: ConversationKey(self.key),
            visit: Visit {
                conversation: "",
                started_at_ms: entered.rem_euclid(86_400_000),
                ended_at_ms: self.has(5).then_some(ended),
                number: self.present.into(),
                queue: "q1",
                media,
                skills,
                entered_at_ms: entered,
                is_offered: self.has(6),
                ending: crate::row::ENDINGS[self.ending].0,
                wait_ms: number(0),
                coding: match self.coding {
                    0 => Coded::Code(code),
                    1 => Coded::Reserved(code),
                    _ => Coded::Nothing,
                },
                agent: self.has(7).then_some(agent),
                talk_ms: number(1),
                hold_ms: number(2),
                after_call_ms: number(3),
                handle_ms: number(4),
                is_transferred: self.has(8),
                missed_alerts: self.present.into(),
                priority: self.priority,
                routing: self.has(9).then_some(routing),
            },
            decided_at_ms: self.has(10).then_some(decided),
            recorded_at_ms: recorded,
        }
    }
}

proptest! {
    #[test]
    fn rows_come_back_as_they_were(rows in prop::collection::vec(any_row(), 0..60)) {
        let mut table = Table::default();
        let mut expected = Vec::new();
        for row in &rows {
            let skills: Vec<_> = row.skills.iter().map(String::as_str).collect();
            table.add_row(&row.row(&skills)).unwrap();
            expected.push(format!("{:?}", row.row(&skills)));
        }
        let mut back = read(written(&mut table)).unwrap();
        expected.sort();
        back.sort();
        prop_assert_eq!(back, expected);
    }

    #[test]
    fn the_order_in_which_records_came_does_not_show(order in Just((0..30).collect::<Vec<usize>>()).prop_shuffle()) {
        let sorted: Vec<usize> = (0..30).collect();
        prop_assert_eq!(of_samples(&order), of_samples(&sorted));
    }

    #[test]
    fn no_changed_byte_goes_unnoticed(at in any::<prop::sample::Index>(), by in 1..=u8::MAX) {
        let sound = of_samples(&[1, 2, 3, 4, 5]);
        let mut bytes = sound.to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        let found = read(bytes.into());
        prop_assert!(found.is_err(), "byte {at} of {}", sound.len());
    }

    #[test]
    fn a_part_of_a_file_is_refused(at in any::<prop::sample::Index>()) {
        let sound = of_samples(&[1, 2, 3]);
        let cut = sound.slice(..at.index(sound.len()));
        prop_assert!(read(cut).is_err());
    }

    #[test]
    fn any_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..300), like_parquet in any::<bool>()) {
        if like_parquet && bytes.len() > 8 {
            let len = bytes.len();
            bytes[..4].copy_from_slice(b"PAR1");
            bytes[len - 4..].copy_from_slice(b"PAR1");
            bytes[len - 8..len - 4].copy_from_slice(&100_u32.to_le_bytes());
        }
        prop_assert!(read(bytes.into()).is_err());
    }
}

/// Puts the footer's guard right after somebody changed what it guards.
fn guarded(mut bytes: Vec<u8>) -> Bytes {
    let tail_at = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[tail_at..tail_at + 4].try_into().unwrap());
    let footer_at = tail_at - usize::try_from(length).unwrap();
    let guard = guard::guard(&bytes[footer_at..]);
    bytes[footer_at - 16..footer_at].copy_from_slice(&guard);
    bytes.into()
}

/// Puts the checksum of the column right that begins at `start` and is `length` bytes long.
fn summed(mut bytes: Vec<u8>, sound: &Bytes, (start, length): (usize, usize)) -> Bytes {
    let digits = |bytes: &[u8]| {
        let sum = guard::checksum(&bytes[start..start + length]);
        crate::page::hex(&sum.to_be_bytes())
    };
    let (old, new) = (digits(sound), digits(&bytes));
    let mut places = bytes.windows(16);
    let at = places.position(|place| place == old.as_bytes()).unwrap();
    bytes[at..at + 16].copy_from_slice(new.as_bytes());
    guarded(bytes)
}

proptest! {
    /// Whoever forges a file may have what he wrote read, but nothing else.
    #[test]
    fn a_forged_footer_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let sound = of_samples(&[1, 2, 3, 4, 5]);
        let mut bytes = sound.to_vec();
        let length = u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        let footer_at = bytes.len() - 8 - length;
        for (at, byte) in changes {
            bytes[footer_at + at.index(length)] = byte;
        }
        let _ = read(guarded(bytes));
    }

    #[test]
    fn a_forged_column_is_read_or_refused(
        column in 0..columns::N_COLUMNS,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)
    ) {
        let sound = of_samples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let (start, length) = Reader::open(sound.clone()).unwrap().place(0, column);
        let mut bytes = sound.to_vec();
        for (at, byte) in changes {
            bytes[start + at.index(length)] = byte;
        }
        let _ = read(summed(bytes, &sound, (start, length)));
    }
}

/// The library would go on beyond the end of what it was to fill.
#[test]
fn a_page_that_claims_no_numbers_is_refused() {
    let sound = of_samples(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let place = Reader::open(sound.clone())
        .unwrap()
        .place(0, Column::Leg as usize);
    let mut bytes = sound.to_vec();
    // Blocks of 128 in 4 parts, then how many.
    let head = [0x80, 0x01, 4, 9];
    let column = &bytes[place.0..place.0 + place.1];
    let at = column.windows(4).position(|window| window == head).unwrap();
    bytes[place.0 + at + 3] = 0;
    let error = read(summed(bytes, &sound, place)).unwrap_err();
    assert!(matches!(error, FactsError::Parquet(_)), "{error}");
}

#[test]
fn many_row_groups_come_back_and_only_what_was_asked_for_is_read() {
    let mut table = Table::default();
    let n_rows = GROUP_ROWS_MAX * 2 + 5;
    for idx in 0..n_rows {
        let mut record = sample(idx % 997);
        record.id = waitwise_model::ConversationId::new(format!("k{idx}"));
        table.add_conversation(&record).unwrap();
    }
    let bytes = written(&mut table);
    let mut reader = Reader::open(bytes).unwrap();
    assert_eq!(reader.head().legs, n_rows);
    let (mut batch, mut sizes, mut offered) = (Batch::default(), Vec::new(), 0);
    let wanted = Columns::NONE.with(Column::IsOffered).with(Column::Outcome);
    while reader.next_batch(wanted, &mut batch).unwrap() {
        sizes.push(batch.len());
        let view = batch.view().unwrap();
        offered += view.visits().filter(|visit| visit.is_offered).count();
        assert!(
            view.visits()
                .all(|visit| visit.queue.is_empty() && visit.agent.is_none())
        );
        assert!(view.visits().any(|visit| visit.ending == Ending::Abandoned));
    }
    assert_eq!(sizes, [GROUP_ROWS_MAX, GROUP_ROWS_MAX, 5]);
    assert_eq!(offered, n_rows);
}

#[test]
fn every_text_different_is_kept_too() {
    let mut table = Table::default();
    for idx in 0..20_000 {
        let mut record = sample(4);
        record.id = waitwise_model::ConversationId::new(format!("k{idx}"));
        record.legs[0].skills = vec![
            waitwise_model::SkillId::new(format!("{idx:0>200}")),
            waitwise_model::SkillId::new(format!("s{idx}")),
        ];
        table.add_conversation(&record).unwrap();
    }
    let mut rows = 0;
    let mut reader = Reader::open(written(&mut table)).unwrap();
    let seen = reader.for_each(Columns::ALL, |row| {
        rows += 1;
        assert_eq!(
            row.visit.skills[0].trim_start_matches('0'),
            row.visit.skills[1]
                .trim_start_matches('s')
                .trim_start_matches('0')
        );
    });
    seen.unwrap();
    assert_eq!(rows, 20_000);
}

#[test]
fn a_day_without_visits_is_a_file_too() {
    let bytes = written(&mut Table::default());
    let reader = Reader::open(bytes.clone()).unwrap();
    assert!(reader.head().is_final());
    assert_eq!(read(bytes).unwrap(), Vec::<String>::new());
}

#[test]
fn a_day_is_final_when_it_was_read_whole_and_nothing_goes_on() {
    let head = |bytes: Bytes| Reader::open(bytes).unwrap().head().clone();
    assert!(head(of_samples(&[1, 2])).is_final());
    assert!(!head(of_samples(&[1, 4])).is_final());
    let from = crate::samples::second(0);
    let part = Coverage {
        from,
        to: crate::samples::second(80_000),
    };
    let mut bytes = Vec::new();
    write(&mut bytes, of(part), None).unwrap();
    assert!(!head(bytes.into()).is_final());
}

#[test]
fn coverages_that_touch_are_one_and_others_are_not() {
    let second = crate::samples::second;
    let stretch = |from, to| Coverage {
        from: second(from),
        to: second(to),
    };
    for (a, b, together) in [
        ((0, 5), (5, 9), (0, 9)),
        ((0, 5), (3, 4), (0, 5)),
        ((0, 5), (7, 9), (0, 5)),
        ((0, 2), (7, 10), (7, 10)),
        ((0, 0), (7, 10), (7, 10)),
        ((3, 3), (0, 0), (0, 0)),
    ] {
        let (a, b) = (stretch(a.0, a.1), stretch(b.0, b.1));
        let together = stretch(together.0, together.1);
        assert_eq!((a.with(b), b.with(a)), (together, together));
    }
}

/// The settings are a part of the format: what changes these bytes needs a new version, and old files stay.
#[test]
fn the_bytes_of_a_known_day_are_known() {
    let bytes = of_samples(&(0..40).collect::<Vec<_>>());
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
    let known = "d900fbb7018eab1af910aa574a8672e78622cc2c462ab7a7af375e3d7c7fd25d";
    assert_eq!(crate::page::hex(&digest), known);
}
