//! Programs that make manifests, `helm` and `kubectl`: started, waited for, and stopped where they do not end.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where programs are started, and this is its one file for it"
)]

use crate::complaints;
use crate::failure::Failure;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take.
const TIME_MAX: Duration = Duration::from_secs(120);
/// The most bytes that a program may print.
const BYTES_MAX: u64 = 256 << 20;
/// How much of its complaints is shown.
const LINES_MAX: usize = 20;
/// How often it is asked whether it has ended.
const PATIENCE: Duration = Duration::from_millis(5);

/// A program that makes manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// Helm, which renders charts.
    Helm,
    /// kubectl, which renders kustomizations.
    Kubectl,
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Kubectl => "kubectl",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Helm => {
                "install Helm by https://helm.sh/docs/intro/install and put it on `PATH`, or render the chart by yourself and name the folder by `manifests`"
            }
            Self::Kubectl => {
                "install kubectl by https://kubernetes.io/docs/tasks/tools and put it on `PATH`, or render the kustomization by yourself and name the folder by `manifests`"
            }
        }
    }

    /// What the program prints with these arguments.
    ///
    /// # Errors
    /// It is not there, fails, prints more than is read, or does not end.
    pub(crate) fn output(self, arguments: &[String]) -> Result<Vec<u8>, Failure> {
        let mut command = Command::new(self.name());
        command.args(arguments);
        self.run(command, TIME_MAX, BYTES_MAX)
    }

    fn run(self, mut command: Command, time_max: Duration, bytes_max: u64) -> Result<Vec<u8>, Failure> {
        let name = self.name();
        let failed = |what: &str, error: &io::Error| Failure::new(format!("`{name}` {what}")).because(error);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::new(format!("`{name}` is not there")).help(self.help()),
            _ => failed("could not be started", &error),
        })?;
        let read = |stream: Option<Box<dyn Read + Send>>| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let read = stream.map(|stream| stream.take(bytes_max + 1).read_to_end(&mut bytes));
                read.transpose().map(|_length| bytes)
            })
        };
        let stdout = read(child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
        let stderr = read(child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
        // Who has read enough closes the pipe, and then the program ends.
        let status = wait(&mut child, time_max).map_err(|error| failed("could not be waited for", &error))?;
        let Some(status) = status else {
            let message =
                format!("`{name}` did not end within {} seconds, and was stopped", time_max.as_secs());
            return Err(
                Failure::new(message).help("render it by yourself, and name the folder by `manifests`")
            );
        };
        let joined = |thread: thread::JoinHandle<io::Result<Vec<u8>>>| {
            thread
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread ended")))
                .map_err(|error| failed("could not be read", &error))
        };
        let (printed, said) = (joined(stdout)?, joined(stderr)?);
        if printed.len() as u64 > bytes_max {
            let message = format!("`{name}` printed more than {} MiB", bytes_max >> 20);
            return Err(Failure::new(message).help("split the application"));
        }
        if !status.success() {
            return Err(self.complaint(status, &said));
        }
        Ok(printed)
    }

    /// What it said itself, as far as that repeats no values, and how it ended if it said nothing.
    fn complaint(self, status: ExitStatus, said: &[u8]) -> Failure {
        let mut failure = Failure::new(format!("`{}` failed", self.name()));
        let lines = complaints::shown(self, &String::from_utf8_lossy(said));
        let plain =
            |line: &String| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        failure.causes.extend(lines.iter().take(LINES_MAX).map(plain));
        if failure.causes.is_empty() {
            failure.causes.push(status.to_string());
        }
        failure
    }
}

/// Waits until a program ends; `None` if it takes longer than it may, and is stopped.
fn wait(child: &mut Child, time_max: Duration) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + time_max;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(PATIENCE);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run(script: &str, time_max: u64) -> Result<Vec<u8>, Failure> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Program::Helm.run(command, Duration::from_millis(time_max), 1 << 20)
    }

    #[test]
    fn what_a_program_prints_is_read() {
        assert_eq!(run("echo 'a: 1'; echo told >&2", 60_000), Ok(b"a: 1\n".to_vec()));
    }

    #[test]
    fn a_program_that_fails_says_why_itself() {
        let failure = run("echo 'Error: no such chart' >&2; exit 3", 60_000).unwrap_err();
        assert_eq!(
            (failure.message.as_str(), failure.causes),
            ("`helm` failed", vec!["Error: no such chart".to_owned()])
        );
        assert_eq!(run("exit 3", 60_000).unwrap_err().causes, ["exit status: 3"]);
    }

    #[test]
    fn a_program_that_does_not_end_is_stopped() {
        let start = Instant::now();
        let failure = run("exec sleep 60", 50).unwrap_err();
        assert_eq!(failure.message, "`helm` did not end within 0 seconds, and was stopped");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_program_that_prints_without_end_is_cut_off() {
        let failure = run("exec yes", 60_000).unwrap_err();
        assert_eq!(failure.message, "`helm` printed more than 1 MiB");
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_where_to_get_it() {
        let command = Command::new("/nowhere/helm");
        let failure = Program::Helm.run(command, Duration::from_secs(1), 1).unwrap_err();
        assert_eq!(failure.message, "`helm` is not there");
        assert!(failure.help.unwrap().contains("https://helm.sh"));
    }
}
