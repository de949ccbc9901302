//! The day that it is: the one answer that depends on the clock, and only where no day is given.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock is read, for the day that it is"
)]

use std::time::{SystemTime, UNIX_EPOCH};
use watertight_intent::Date;

/// Today, in UTC.
pub(crate) fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Date::of_unix_day(since.as_secs() / 86_400)
}
