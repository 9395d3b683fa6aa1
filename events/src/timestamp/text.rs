//! Times as text.

use std::ops::Range;

use changefan_json::Append;
use jiff::tz::Offset;

use super::{Precision, Timestamp};

/// A time in RFC 3339's form with six fractional digits, whatever its precision, such as
/// `2023-07-11T19:25:30.000000Z`. The order of such texts is the order of the times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeText([u8; 27]);

impl TimeText {
    pub(super) fn of(time: Timestamp) -> Self {
        let timestamp = jiff::Timestamp::from_microsecond(time.micros)
            .expect("a timestamp lies in the years 1970 to 9999");
        let civil = Offset::UTC.to_datetime(timestamp);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let year = u32::from(civil.year().unsigned_abs());
        let parts = [
            (0, year / 100),
            (2, year % 100),
            (5, civil.month().unsigned_abs().into()),
            (8, civil.day().unsigned_abs().into()),
            (11, civil.hour().unsigned_abs().into()),
            (14, civil.minute().unsigned_abs().into()),
            (17, civil.second().unsigned_abs().into()),
        ];
        parts.into_iter().for_each(|(at, value)| digits(&mut text, at, value));
        Self(text).at(time)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 27] {
        &self.0
    }

    /// Appends RFC 3339's form with three or six fractional digits.
    pub(crate) fn write_rfc3339(&self, precision: Precision, out: &mut impl Append) {
        match precision {
            Precision::Millisecond => self.write(0..23, out),
            Precision::Microsecond => self.write(0..26, out),
        }
        out.append("Z");
    }

    /// Appends `YYYY-MM-DD HH:MM:SS`.
    pub(crate) fn write_date_and_time(&self, out: &mut impl Append) {
        self.write(0..10, out);
        out.append(" ");
        self.write(11..19, out);
    }

    pub(super) fn write(&self, part: Range<usize>, out: &mut impl Append) {
        out.append_part(&self.0, part);
    }

    /// Another time of the same second.
    fn at(mut self, time: Timestamp) -> Self {
        let micros = u32::try_from(time.micros % 1_000_000).expect("times are not before 1970");
        for (at, value) in [(20, micros / 10_000), (22, micros / 100), (24, micros)] {
            digits(&mut self.0, at, value % 100);
        }
        self
    }
}

/// The text of the time that was written last. The changes of one second follow each other.
#[derive(Debug, Default)]
pub(crate) struct LastTime(Option<(i64, TimeText)>);

impl LastTime {
    pub(crate) fn text(&mut self, time: Timestamp) -> TimeText {
        let second = |micros| micros / 1_000_000;
        let text = match self.0 {
            Some((last, text)) if last == time.micros => return text,
            Some((last, text)) if second(last) == second(time.micros) => text.at(time),
            _ => TimeText::of(time),
        };
        self.0.insert((time.micros, text)).1
    }
}

/// Writes a number below 100 as two digits.
#[inline]
fn digits(text: &mut [u8; 27], at: usize, value: u32) {
    text[at] = b'0' + (value / 10 % 10) as u8;
    text[at + 1] = b'0' + (value % 10) as u8;
}
