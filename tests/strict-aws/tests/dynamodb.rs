//! Amazon DynamoDB, over plain HTTP.

use changefan_strict_aws::StrictAws;
use serde_json::json;

use crate::plain::{refuse, succeed};

const DESCRIBE: &str = "DynamoDB_20120810.DescribeTable";

#[test]
fn describe_table_returns_keys() {
    let aws = StrictAws::start();
    aws.create_table("orders", &[("pk", "S"), ("sk", "N")]);
    for name in ["orders", "arn:aws:dynamodb:us-east-1:000000000000:table/orders"] {
        let table = &succeed(&aws, DESCRIBE, &json!({"TableName": name}))["Table"];
        let keys = json!([
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ]);
        assert_eq!(table["KeySchema"], keys);
        let kinds = json!([
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ]);
        assert_eq!(table["AttributeDefinitions"], kinds);
        assert_eq!(table["TableStatus"], "ACTIVE");
    }
}

#[test]
fn describe_table_refuses_unknown_tables() {
    let aws = StrictAws::start();
    let refused = refuse(&aws, DESCRIBE, &json!({"TableName": "orders"}));
    assert_eq!(refused, (400, "ResourceNotFoundException".to_owned()));
    assert_eq!(refuse(&aws, DESCRIBE, &json!({})), (400, "ValidationException".to_owned()));
}
