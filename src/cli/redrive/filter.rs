//! Which of the failures are redriven.

use changefan_sinks::QuarantineLine;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::failure::FailedBatch;

/// Conditions that a failure must meet, all of them.
#[derive(Debug, Default)]
pub(super) struct Filter {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub sink: Option<String>,
    pub reason: Option<String>,
}

/// A time in RFC 3339, or a date, which begins at midnight in UTC.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map(|time| time.timestamp());
    let parsed = text.parse::<Timestamp>().or_else(|_| text.parse::<Date>().and_then(midnight));
    parsed.map_err(|_| "expected a date, or a time as in 2026-01-01T00:00:00Z".to_owned())
}

impl Filter {
    /// Whether a batch is selected. It records no sink, so a filter by sink selects none.
    pub(super) fn selects_batch(&self, batch: &FailedBatch) -> bool {
        self.sink.is_none() && self.is_in_time(&batch.timestamp) && self.is_reason(&batch.condition)
    }

    /// Whether a line of the quarantine is selected.
    pub(super) fn selects_line(&self, line: &QuarantineLine) -> bool {
        let sink = line.record.sink.as_deref().unwrap_or("none");
        self.sink.as_deref().is_none_or(|it| it == sink)
            && self.is_in_time(&line.quarantined_at)
            && self.is_reason(&line.record.reason)
    }

    /// Whether an object of this key can hold anything that is selected. The dates in keys save
    /// reading the others.
    pub(super) fn admits_key(&self, key: &str) -> bool {
        let Some(date) = key_date(key) else { return true };
        // The object is written a moment after the time that it states.
        let is_in = |first: Timestamp, last: Timestamp| {
            self.since.is_none_or(|since| last >= since)
                && self.until.is_none_or(|until| first < until)
        };
        let midnight = date.to_zoned(TimeZone::UTC);
        let bounds = midnight.and_then(|midnight| {
            Ok((midnight.checked_sub(1.day())?, midnight.checked_add(2.days())?))
        });
        bounds.map_or(true, |(first, last)| is_in(first.timestamp(), last.timestamp()))
    }

    /// What states no time is selected unless a time is asked for.
    fn is_in_time(&self, time: &str) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        time.parse::<Timestamp>().is_ok_and(|time| {
            self.since.is_none_or(|since| time >= since)
                && self.until.is_none_or(|until| time < until)
        })
    }

    fn is_reason(&self, reason: &str) -> bool {
        self.reason.as_deref().is_none_or(|text| reason.contains(text))
    }
}

/// The date in a key of the quarantine, `…/date=YYYY-MM-DD/…`, or of an on-failure object,
/// `…/YYYY-MM-DDTHH.MM.SS-…`.
fn key_date(key: &str) -> Option<Date> {
    let quarantined = key.split('/').find_map(|part| part.strip_prefix("date="));
    let written = || key.rsplit('/').next()?.split_once('T').map(|(date, _)| date);
    quarantined.or_else(written)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(since: &str, until: &str) -> Filter {
        let time = |text: &str| parse_time(text).ok();
        Filter { since: time(since), until: time(until), ..Filter::default() }
    }

    #[test]
    fn times_are_dates_or_rfc_3339() {
        let time = |text: &str| parse_time(text).unwrap().to_string();
        assert_eq!(time("2026-01-02"), "2026-01-02T00:00:00Z");
        assert_eq!(time("2026-01-02T03:04:05+01:00"), "2026-01-02T02:04:05Z");
        assert!(parse_time("yesterday").is_err());
    }

    #[test]
    fn since_is_inclusive_and_until_is_exclusive() {
        let filter = filter("2026-01-02", "2026-01-03");
        assert!(!filter.is_in_time("2026-01-01T23:59:59.999Z"));
        assert!(filter.is_in_time("2026-01-02T00:00:00.000Z"));
        assert!(filter.is_in_time("2026-01-02T23:59:59.999Z"));
        assert!(!filter.is_in_time("2026-01-03T00:00:00.000Z"));
        assert!(!filter.is_in_time(""));
    }

    #[test]
    fn keys_of_other_dates_are_not_read() {
        let filter = filter("2026-01-10T12:00:00Z", "2026-01-11");
        let quarantined = |date: &str| format!("kept/date={date}/sink=s3/0.jsonl");
        let given_up = |date: &str| format!("aws/lambda/m/s/2026/01/10/{date}T00.00.01-u");
        for (date, admitted) in [
            ("2026-01-07", false),
            ("2026-01-09", true),
            ("2026-01-10", true),
            ("2026-01-13", false),
        ] {
            assert_eq!(filter.admits_key(&quarantined(date)), admitted, "{date}");
            assert_eq!(filter.admits_key(&given_up(date)), admitted, "{date}");
        }
        assert!(filter.admits_key("failed/notes.txt"));
    }
}
