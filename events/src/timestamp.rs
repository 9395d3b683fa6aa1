//! The time of a change, exact to the last digit of its source.

mod text;

use changefan_json::Append;

pub(crate) use text::{LastTime, TimeText};

/// A time in UTC, in microseconds, with the precision in which its source gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    micros: i64,
    precision: Precision,
}

/// The number of fractional digits with which a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precision {
    /// Three digits.
    Millisecond,
    /// Six digits.
    Microsecond,
}

/// The unit of a number that counts from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Second,
    Millisecond,
    Microsecond,
}

impl Unit {
    /// Microseconds in one unit, as a power of ten.
    fn exponent(self) -> i64 {
        match self {
            Self::Second => 6,
            Self::Millisecond => 3,
            Self::Microsecond => 0,
        }
    }
}

/// Microseconds in 9999-12-31T23:59:59.999999Z, the last time with a four-digit year.
const LAST: i64 = 253_402_300_799_999_999;

impl Timestamp {
    /// The time that is this many milliseconds after 1970-01-01T00:00:00Z. `None` outside the years
    /// 1970 to 9999.
    pub fn from_milliseconds(milliseconds: i64) -> Option<Self> {
        Self::new(milliseconds.checked_mul(1000)?, Precision::Millisecond)
    }

    /// The time that is this many microseconds after 1970-01-01T00:00:00Z. `None` outside the years
    /// 1970 to 9999.
    pub fn from_microseconds(microseconds: i64) -> Option<Self> {
        Self::new(microseconds, Precision::Microsecond)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.micros
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn milliseconds(self) -> i64 {
        self.micros.div_euclid(1000)
    }

    /// The precision in which the source gave the time.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// Appends `YYYY-MM-DD`.
    pub fn write_date(self, out: &mut String) {
        TimeText::of(self).write(0..10, out);
    }

    /// Appends `HH:MM:SS`.
    pub fn write_time(self, out: &mut String) {
        TimeText::of(self).write(11..19, out);
    }

    /// Appends the RFC 3339 form with three or six fractional digits, such as
    /// `2023-07-11T19:25:30.000Z`.
    pub fn write_rfc3339(self, out: &mut impl Append) {
        TimeText::of(self).write_rfc3339(self.precision, out);
    }

    /// Reads a JSON number without converting it to a float. `None` when it lies outside the years
    /// 1970 to 9999.
    ///
    /// Without a `unit` the size of the number decides: seconds until the year 5138, then
    /// milliseconds, then microseconds. A record of seconds may carry milliseconds as its fraction.
    pub(crate) fn parse(number: &str, unit: Option<Unit>) -> Option<Self> {
        let (coefficient, scale) = decimal(number)?;
        let unit = unit.unwrap_or_else(|| guess(coefficient, scale));
        let micros = shift(coefficient, scale + unit.exponent())?;
        let fine = unit == Unit::Microsecond || micros % 1000 != 0;
        let precision = if fine { Precision::Microsecond } else { Precision::Millisecond };
        Self::new(micros, precision)
    }

    fn new(micros: i64, precision: Precision) -> Option<Self> {
        (0..=LAST).contains(&micros).then_some(Self { micros, precision })
    }

    /// Seconds since 1970 as a JSON number, with as many fractional digits as the precision has.
    pub(crate) fn seconds(self) -> String {
        let (seconds, micros) = (self.micros / 1_000_000, self.micros % 1_000_000);
        match self.precision {
            Precision::Millisecond => format!("{seconds}.{:03}", micros / 1000),
            Precision::Microsecond => format!("{seconds}.{micros:06}"),
        }
    }
}

/// A text that is not a time in RFC 3339's form between the years 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2023-07-11T19:25:30Z, in the years 1970 to 9999")]
pub struct InvalidTimestamp;

impl std::str::FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads RFC 3339's form, with milliseconds unless microseconds are given.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let timestamp: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        let micros = timestamp.as_microsecond();
        let fine = micros % 1000 != 0;
        let precision = if fine { Precision::Microsecond } else { Precision::Millisecond };
        Self::new(micros, precision).ok_or(InvalidTimestamp)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::with_capacity(27);
        self.write_rfc3339(&mut text);
        f.write_str(&text)
    }
}

/// A number as coefficient × 10^scale. `None` when the coefficient does not fit.
fn decimal(number: &str) -> Option<(i64, i64)> {
    if let Ok(whole) = number.parse() {
        return Some((whole, 0));
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // Some writers print all digits of a float. 18 in total fit, and that is more than microseconds
    // need.
    let fits = 18_usize.saturating_sub(whole.len()).min(fraction.len());
    let fraction = fraction[..fits].trim_end_matches('0');
    let coefficient = format!("{whole}{fraction}").parse().ok()?;
    let exponent: i32 = exponent.parse().ok()?;
    Some((coefficient, i64::from(exponent) - i64::try_from(fraction.len()).ok()?))
}

fn guess(coefficient: i64, scale: i64) -> Unit {
    match shift(coefficient, scale) {
        Some(..100_000_000_000) => Unit::Second,
        Some(..100_000_000_000_000) => Unit::Millisecond,
        _ => Unit::Microsecond,
    }
}

/// coefficient × 10^scale, digits below one cut off.
#[inline]
fn shift(coefficient: i64, scale: i64) -> Option<i64> {
    if scale == 0 {
        return Some(coefficient);
    }
    let exponent = u32::try_from(scale.unsigned_abs()).ok();
    let power = exponent.and_then(|exponent| 10_i64.checked_pow(exponent));
    if scale >= 0 {
        coefficient.checked_mul(power?)
    } else {
        Some(power.map_or(0, |divisor| coefficient / divisor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(number: &str, unit: Option<Unit>) -> String {
        Timestamp::parse(number, unit).map(|t| t.to_string()).unwrap_or_default()
    }

    #[test]
    fn documented_and_observed_forms_are_parsed() {
        for (number, unit, text) in [
            ("1689103530", None, "2023-07-11T19:25:30.000Z"),
            ("1559320290.838", None, "2019-05-31T16:31:30.838Z"),
            ("1693997155.0", None, "2023-09-06T10:45:55.000Z"),
            ("1.635734407123E9", None, "2021-11-01T02:40:07.123Z"),
            ("1731924555370", None, "2024-11-18T10:09:15.370Z"),
            ("1731924555370", Some(Unit::Millisecond), "2024-11-18T10:09:15.370Z"),
            ("1731924555370123", Some(Unit::Microsecond), "2024-11-18T10:09:15.370123Z"),
            ("1731924555370000", Some(Unit::Microsecond), "2024-11-18T10:09:15.370000Z"),
            ("1731924555370123", None, "2024-11-18T10:09:15.370123Z"),
            ("1559320290.838123", None, "2019-05-31T16:31:30.838123Z"),
            ("1559320290.83800005912780761719", None, "2019-05-31T16:31:30.838Z"),
            ("0", None, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(read(number, unit), text, "{number} {unit:?}");
        }
    }

    #[test]
    fn times_beyond_four_digit_years_are_refused() {
        for number in ["-1", "1e99", "99999999999999999999", "1e-99999999999"] {
            assert_eq!(Timestamp::parse(number, None), None, "{number}");
        }
        assert_eq!(Timestamp::parse("253402300800", Some(Unit::Second)), None);
    }
}
