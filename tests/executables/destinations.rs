//! What the function delivers.

use serde_json::{Value, json};

use super::folder::Folder;
use super::function::start_function;
use super::records::{ORDERS, batch, change, log, orders_log, sequence_number};
use super::replies::{failed_from, success};

#[test]
fn stdout_has_one_log_entry_per_change() {
    let function = start_function(&[]);
    assert_eq!(function.invoke(ORDERS), success());
    assert_eq!(function.stop().stdout, orders_log());
}

#[test]
fn stdout_has_the_changes_of_all_invocations_in_order() {
    let function = start_function(&[]);
    assert_eq!(function.invoke(batch([change(1), change(2)])), success());
    assert_eq!(function.invoke(batch([change(3)])), success());
    assert_eq!(function.stop().stdout, log(&[change(1), change(2), change(3)]));
}

#[test]
fn folder_has_one_object_per_table_and_hour() {
    let folder = Folder::new();
    let function = start_function(&[("SINKS", "file"), ("FILE_DIR", &folder.path("lake"))]);
    assert_eq!(function.invoke(ORDERS), success());
    let [key] = folder.keys("lake").try_into().expect("one object");
    let name =
        "changes/table=orders/date=2023-07-11/hour=19/100000000006899888825-300000000006899888825-";
    let hash = key.strip_prefix(name).and_then(|rest| rest.strip_suffix(".jsonl.gz")).expect(&key);
    assert!(hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    assert_eq!(folder.lines("lake"), orders_as_rows());
}

fn orders_as_rows() -> [Value; 3] {
    let order = |operation: &str, sequence_number: &str, new: Option<Value>| {
        let event_id = "12ab34c567de89f10fedc11b1a07e92b";
        json!({
            "change_id": format!("123456789101/us-east-1/orders/{event_id}/{sequence_number}"),
            "event_id": event_id, "operation": operation, "account": "123456789101",
            "region": "us-east-1", "table": "orders", "source": "dynamodb",
            "sequence_number": sequence_number,
            "version": format!("2023-05-19T02:24:40.803|{sequence_number:0>60}"),
            "timestamp": "2023-07-11T19:25:30.000000Z", "actor": "user",
            "keys": r#"{"referenceId":"sample-reference-id-12345"}"#,
            "old": null, "new": new.map(|new| new.to_string()), "types": null, "changed": null,
        })
    };
    orders(order)
}

#[test]
fn folder_has_lines_in_the_format_of_the_option() {
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "file"),
        ("FILE_DIR", &folder.path("lake")),
        ("FILE_FORMAT", "json"),
    ]);
    assert_eq!(function.invoke(ORDERS), success());
    assert_eq!(folder.lines("lake"), orders_as_json());
}

fn orders_as_json() -> [Value; 3] {
    let order = |operation: &str, sequence_number: &str, new: Option<Value>| {
        json!({
            "event_id": "12ab34c567de89f10fedc11b1a07e92b", "operation": operation,
            "account": "123456789101", "table": "orders",
            "region": "us-east-1", "source": "dynamodb", "sequence_number": sequence_number,
            "timestamp": "2023-07-11T19:25:30.000Z", "actor": "user",
            "keys": { "referenceId": "sample-reference-id-12345" }, "old": null, "new": new,
            "changed": null,
        })
    };
    orders(order)
}

/// The sample's changes: what was done, the sequence number, and the new image.
fn orders(order: impl Fn(&str, &str, Option<Value>) -> Value) -> [Value; 3] {
    let mut image = json!({
        "change": 249.5, "customer_id": "customer-12345", "quantity": 25,
        "referenceId": "sample-reference-id-12345", "total": 1250.5,
    });
    let inserted = order("INSERT", "100000000006899888825", Some(image.clone()));
    image["cash"] = json!(1500);
    let modified = order("MODIFY", "200000000006399151338", Some(image));
    [inserted, modified, order("REMOVE", "300000000006899888825", None)]
}

#[test]
fn hours_and_tables_have_separate_objects() {
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "file"),
        ("FILE_DIR", &folder.path("lake")),
        ("FILE_COMPRESSION", "zstd"),
    ]);
    let (mut later, mut elsewhere) = (change(2), change(3));
    later["dynamodb"]["ApproximateCreationDateTime"] = json!(1689103530 + 3600);
    elsewhere["eventSourceARN"] =
        json!("arn:aws:dynamodb:eu-west-1:123456789012:table/stock/stream/2026");
    assert_eq!(function.invoke(batch([change(1), later, elsewhere])), success());
    let folders: Vec<_> = folder
        .keys("lake")
        .iter()
        .map(|key| key.rsplit_once('/').expect("a folder").0.to_owned())
        .collect();
    let expected = [
        "changes/table=orders/date=2023-07-11/hour=19",
        "changes/table=orders/date=2023-07-11/hour=20",
        "changes/table=stock/date=2023-07-11/hour=19",
    ];
    assert_eq!(folders, expected);
}

#[test]
fn redelivered_batch_makes_no_second_object() {
    let folder = Folder::new();
    let lake = folder.path("lake");
    let variables = [("SINKS", "file"), ("FILE_DIR", lake.as_str())];
    let function = start_function(&variables);
    assert_eq!(function.invoke(ORDERS), success());
    assert_eq!(function.invoke(ORDERS), success());
    // An instance without the redelivery cache makes the same key, too.
    assert_eq!(start_function(&variables).invoke(ORDERS), success());
    assert_eq!(folder.lines("lake").len(), 3);
}

#[test]
fn redelivered_batch_omits_sinks_that_accepted_it() {
    let folder = Folder::new();
    let plain = folder.file("lake", "");
    let function = start_function(&[
        ("SINKS", "stdout,file"),
        ("FILE_DIR", &plain),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    let payload = batch([change(1), change(2)]);
    for _ in 0..2 {
        assert_eq!(function.invoke(&payload), failed_from(&sequence_number(1)));
    }
    std::fs::remove_file(plain).expect("a file to remove");
    // The next batch may hold more records.
    assert_eq!(function.invoke(batch([change(1), change(2), change(3)])), success());
    assert_eq!(folder.lines("lake").len(), 3);
    assert_eq!(function.stop().stdout, log(&[change(1), change(2), change(3)]));
}

#[test]
fn failing_sink_does_not_affect_the_others() {
    let folder = Folder::new();
    let function = start_function(&[
        ("SINKS", "stdout,bad:file,good:file"),
        ("BAD_DIR", &folder.file("plain", "")),
        ("GOOD_DIR", &folder.path("good")),
        ("GOOD_COMPRESSION", "none"),
        ("GOOD_FORMAT", "dynamodb-json"),
        ("PARTIAL_BATCH_RESPONSE", "true"),
    ]);
    assert_eq!(function.invoke(batch([change(1), change(2)])), failed_from(&sequence_number(1)));
    assert_eq!(folder.lines("good"), [change(1), change(2)]);
    assert_eq!(function.stop().stdout, log(&[change(1), change(2)]));
}
