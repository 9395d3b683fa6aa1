"""What the lake costs per month beyond landing the objects: the tables of docs/lake.md.

Sums on paper from list prices in us-east-1 and the sizes below, which were measured on made-up orders of six
attributes with both images (785 bytes of text per row). Nothing was measured on AWS.

    lake_cost.py            prints the table
"""

SECONDS_PER_DAY = 86_400
DAYS = 30.4
RUNS_PER_DAY = 24

# Bytes per change.
LANDED = 75  # gzip or zstd, objects of thousands of rows
ICEBERG = 80  # Parquet, all columns
CHANGE_ID = 23  # … that column alone, which a MERGE reads

# Dollars.
ATHENA_PER_TB = 5.0
ATHENA_LEAST_MB = 10
S3_STORAGE_PER_GB = 0.023
S3_GET_PER_1000 = 0.0004
S3_PUT_PER_1000 = 0.005
STEP_FUNCTIONS_PER_1000 = 0.025
ALARM = 0.10
METRIC = 0.30

TRANSITIONS_PER_RUN = 30  # a MERGE of a minute or two, looked at every 5 seconds
OBJECTS_PER_SHARD_AND_DAY = 1_440  # a batch per minute: the module's window where s3 is the only sink
CHANGES_PER_SHARD = 500
WINDOW_DAYS = 1.5  # the day before and, on average, half of today
UNMERGED_DAYS = 30
GB, TB = 1e9, 1e12


def main():
    print(table([1, 100, 1_000]))


def table(rates):
    parts = {rate: parts_of(rate) for rate in rates}
    lines = ["| per month | " + " | ".join(f"{rate:,} per s" for rate in rates) + " |", "|---|" + "--:|" * len(rates)]
    for name in parts[rates[0]]:
        lines.append(f"| {name} | " + " | ".join(dollars(parts[rate][name]) for rate in rates) + " |")
    totals = " | ".join(f"**{dollars(sum(parts[rate].values()))}**" for rate in rates)
    return "\n".join([*lines, f"| **together** | {totals} |"])


def parts_of(rate):
    daily = rate * SECONDS_PER_DAY
    merged = scanned(daily * WINDOW_DAYS * (LANDED + CHANGE_ID))
    maintained = scanned(daily * 2 * ICEBERG) + scanned(daily * UNMERGED_DAYS * (LANDED + CHANGE_ID))
    return {
        "MERGE every hour (Athena)": DAYS * RUNS_PER_DAY * merged,
        "OPTIMIZE and the count of unmerged changes every day (Athena)": DAYS * maintained,
        "S3 requests of both": requests(rate),
        "Step Functions and Scheduler": DAYS * RUNS_PER_DAY * TRANSITIONS_PER_RUN / 1000 * STEP_FUNCTIONS_PER_1000,
        "four alarms and a metric": 4 * ALARM + METRIC,
        "storage of each month's changes, landed and merged": DAYS * daily * (LANDED + ICEBERG) / GB * S3_STORAGE_PER_GB,
    }


def scanned(size):
    return max(size / TB, ATHENA_LEAST_MB / 1e6) * ATHENA_PER_TB


def requests(rate):
    objects = max(1, rate / CHANGES_PER_SHARD) * OBJECTS_PER_SHARD_AND_DAY
    gets = DAYS * objects * (RUNS_PER_DAY * WINDOW_DAYS + UNMERGED_DAYS)
    files = DAYS * RUNS_PER_DAY * 10  # data, manifests and metadata of a MERGE
    return gets / 1000 * S3_GET_PER_1000 + files / 1000 * S3_PUT_PER_1000


def dollars(value):
    return f"${value:,.2f}" if value < 10 else f"${value:,.0f}"


if __name__ == "__main__":
    main()
