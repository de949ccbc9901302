//! x
use crate::failure::Failure;
use crate::terminal::Terminal;
/// x
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_: &Arguments, _: &mut Terminal<'_>) -> Result<u8, Failure> { Ok(0) }
