//! Hands the arguments and the standard streams to the command line, and its exit code to the system.

use mimalloc::MiMalloc;
use std::process::ExitCode;
use watertight::{Abilities, Terminal, Volume, run};

/// Gives memory out in large pages where it can: to fault small ones in took a fifth of the time of a proof.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let (mut stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut terminal = Terminal {
        abilities: Abilities::of_streams(&stdout, &stderr),
        volume: Volume::Normal,
        program: "watertight",
        stdin: &mut stdin,
        stdout: &mut anstream::AutoStream::always(stdout.lock()),
        // Not locked: a sign of life is drawn there too, by a thread of its own.
        stderr: &mut anstream::AutoStream::always(stderr),
    };
    ExitCode::from(run(std::env::args_os(), &mut terminal))
}
