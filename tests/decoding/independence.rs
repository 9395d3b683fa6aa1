//! A line does not depend on the events before it, of which decoding and encoding remember a lot.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::generate::{Image, Value, escapes, image, typed_image};
use super::support::{LAYOUTS, change, decode_records, kinesis, line};

/// Records of a table with a few kinds of items. Objects in a list of each have any of the item's
/// attributes, so there are many kinds of those.
fn records() -> impl Strategy<Value = Vec<String>> {
    vec(image(), 1..4).prop_flat_map(|kinds| vec(record(kinds), 1..30))
}

fn record(kinds: Vec<Image>) -> impl Strategy<Value = String> {
    (any::<Index>(), any::<[u8; 4]>(), 0_usize..9, escapes()).prop_map(
        move |(kind, [missing, rarely, first, second], changed, escapes)| {
            let kind = kind.get(&kinds);
            let inside = |attributes| Value::M(some(kind, attributes));
            let mut old = some(kind, !(missing & rarely));
            old.push(("inside".to_owned(), Value::L(vec![inside(first), inside(second)])));
            let mut new = old.clone();
            if let Some((_, value)) = new.get_mut(changed) {
                *value = inside(second);
            }
            let [old, new] = [old, new].map(|image| typed_image(&image, escapes));
            change(&format!(r#"{{"Keys":{{}},"OldImage":{old},"NewImage":{new}}}"#))
        },
    )
}

/// The attributes whose bits are set.
fn some(kind: &[(String, Value)], attributes: u8) -> Image {
    let attributes = kind.iter().enumerate().filter(|(index, _)| attributes >> index & 1 == 1);
    attributes.map(|(_, attribute)| attribute.clone()).collect()
}

proptest! {
    #[test]
    fn line_of_a_record_is_the_same_in_any_batch(mut records in records(), is_kinesis: bool) {
        if is_kinesis {
            records = records.iter().map(|record| kinesis(record)).collect();
        }
        let batch = decode_records(&records);
        prop_assert_eq!(batch.events.len(), records.len());
        for format in LAYOUTS {
            for (event, record) in batch.events.iter().zip(&records) {
                let alone = &decode_records(&[record]).events[0];
                prop_assert_eq!(line(event, format), line(alone, format));
            }
        }
    }
}
