//! Hands the arguments and the standard streams to the command line, and its exit code to the system.

use std::process::ExitCode;
use watertight::{Terminal, run};

fn main() -> ExitCode {
    let (mut stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut terminal = Terminal {
        stdout_colour: Terminal::colour_of(&stdout),
        stderr_colour: Terminal::colour_of(&stderr),
        stdin: &mut stdin,
        stdout: &mut anstream::AutoStream::always(stdout.lock()),
        stderr: &mut anstream::AutoStream::always(stderr.lock()),
    };
    ExitCode::from(run(std::env::args_os(), &mut terminal))
}
