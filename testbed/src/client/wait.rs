//! Waiting for what a control plane does in its own time.

use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// How long a test waits, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Asks again and again until there is an answer.
///
/// # Errors
///
/// If asking fails, or if there is no answer within a minute.
pub async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if start.elapsed() > PATIENCE {
            bail!("not within {} s: {what}", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
