"""The alarms of each run in terraform/tests/alarms.tftest.hcl, each with its scenarios."""

from evaluation import metric
from scenarios import HOUR, Counted, Highest, Share, at_once, delivery_stream, function, lasting, queue, silence


def writes(table):
    return metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", {"TableName": table})


def incoming(stream):
    return metric("AWS/Kinesis", "IncomingRecords", {"StreamName": stream})


def stream_age(stream):
    return metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", {"StreamName": stream})


def pipe_failures(pipe):
    return metric("AWS/EventBridge/Pipes", "ExecutionFailed", {"PipeName": pipe})


ORDERS = writes("orders")
INVOCATIONS = function("Invocations")


def every_function():
    return {
        "errors": lasting(Counted(function("Errors"), 0)),
        # 80 % of the 56.5 s that the sinks have of a timeout of 60 s.
        "duration": lasting(Highest(function("Duration"), 45_200)),
        "throttles": lasting(Counted(function("Throttles"), 0)),
        "unprocessed": lasting(Counted(function("Unprocessed", "changefan"), 0)),
        "quarantined": at_once(Counted(function("Quarantined", "changefan"), 0)),
    }


def with_mapping():
    return every_function() | {
        "iterator_age": lasting(Highest(function("IteratorAge"), 900_000)),
        "on_failure_objects": at_once(Highest(queue("changefan-on-failure"), 0)),
        "destination_delivery_failures": at_once(Counted(function("DestinationDeliveryFailures"), 0)),
    }


def with_mapping_but_no_events():
    alarms = with_mapping()
    del alarms["on_failure_objects"]
    return alarms


def with_pipe():
    return every_function() | {
        "pipe_failed": lasting(Counted(pipe_failures("changefan"), 0)),
        "dead_letters": at_once(Highest(queue("changefan-dead-letter"), 0)),
    }


def firehose(entry, age=660, share=1):
    return {
        f"firehose_freshness/{entry}": lasting(Highest(delivery_stream("DeliveryToS3.DataFreshness", entry), age)),
        f"firehose_success/{entry}": lasting(Share(delivery_stream("DeliveryToS3.Success", entry), share)),
    }


DEPLOYMENTS = {
    "table": with_mapping() | {"silence": silence(ORDERS, INVOCATIONS)},
    "two_delivery_streams": with_mapping()
    | {"silence": silence(ORDERS, INVOCATIONS)}
    | firehose("firehose")
    | firehose("archive"),
    "table_through_kinesis": with_mapping() | {"silence": silence(ORDERS, INVOCATIONS)},
    "stream_of_other_producers": with_mapping() | {"silence": silence(incoming("clicks"), INVOCATIONS)},
    "pipe_of_a_table": with_pipe()
    | {
        "iterator_age": lasting(Highest(function("IteratorAge", "changefan"), 900_000)),
        "silence": silence(ORDERS, INVOCATIONS),
    },
    "pipe_of_a_kinesis_stream": with_pipe()
    | {
        "iterator_age": lasting(Highest(stream_age("changefan"), 900_000)),
        "silence": silence(ORDERS, INVOCATIONS),
    },
    "several_tables": with_mapping()
    | {
        "silence/orders": silence(ORDERS, INVOCATIONS),
        "silence/customers": silence(writes("people"), INVOCATIONS),
    },
    "several_pipes": every_function()
    | {
        "dead_letters": at_once(Highest(queue("changefan-dead-letter"), 0)),
        "pipe_failed/orders": lasting(Counted(pipe_failures("changefan-orders"), 0)),
        "pipe_failed/clicks": lasting(Counted(pipe_failures("changefan-clicks"), 0)),
        "iterator_age/orders": lasting(Highest(stream_age("changefan-orders"), 900_000)),
        "iterator_age/clicks": lasting(Highest(stream_age("clicks"), 900_000)),
        "silence/orders": silence(ORDERS, INVOCATIONS),
        "silence/clicks": silence(incoming("clicks"), INVOCATIONS),
    },
    "mapping_metrics": with_mapping()
    | {
        "silence": silence(
            ORDERS,
            metric(
                "AWS/Lambda", "PolledEventCount", {"EventSourceMappingUUID": "0f1e2d3c-0000-4000-8000-000000000000"}
            ),
        )
    },
    "existing_failures_bucket": with_mapping_but_no_events() | {"silence": silence(ORDERS, INVOCATIONS)},
    "existing_failures_bucket_with_events": with_mapping() | {"silence": silence(ORDERS, INVOCATIONS)},
    "other_thresholds": {
        "iterator_age": lasting(Highest(function("IteratorAge"), 600_000)),
        "unprocessed": lasting(Counted(function("Unprocessed", "changefan"), 100)),
        "errors": lasting(Counted(function("Errors"), 3)),
        # Half of the 7.125 s that the sinks have of a timeout of 10 s.
        "duration": lasting(Highest(function("Duration"), 3_562.5)),
        "throttles": lasting(Counted(function("Throttles"), 3), period=900),
        "quarantined": at_once(Counted(function("Quarantined", "changefan"), 3)),
        "on_failure_objects": at_once(Highest(queue("changefan-on-failure"), 3)),
        "destination_delivery_failures": at_once(Counted(function("DestinationDeliveryFailures"), 3)),
        "silence": silence(ORDERS, INVOCATIONS, period=HOUR // 2),
    }
    | firehose("firehose", age=1_800, share=0.95),
    "pipe_with_other_thresholds": every_function()
    | {
        "pipe_failed": lasting(Counted(pipe_failures("changefan"), 3)),
        "dead_letters": at_once(Highest(queue("changefan-dead-letter"), 3)),
        "silence": silence(ORDERS, INVOCATIONS),
    },
}
