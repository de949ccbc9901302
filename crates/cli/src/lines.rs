//! Lines as they come, however many there are.

use crate::failure::Failure;
use std::fs::File;
use std::io::{self, Read};

/// The most bytes of one line.
const LINE_BYTES_MAX: usize = 1 << 20;
/// How many bytes are read at once.
const BLOCK: usize = 1 << 18;

/// A file or the standard input, line by line.
#[derive(Debug)]
pub(crate) struct Lines {
    name: String,
    /// The file, or nothing for the standard input.
    file: Option<File>,
    /// The beginning of a line that has not been read to its end.
    rest: Vec<u8>,
    ended: bool,
}

impl Lines {
    /// The lines of a file, or of the standard input. `name` is what people are told of it.
    pub(crate) fn new(name: String, file: Option<File>) -> Self {
        Self { name, file, rest: Vec::new(), ended: false }
    }

    /// Some whole lines, as many as there are without waiting for more, and at least one; nothing at the end. Each but
    /// perhaps the last one ends in a line feed.
    ///
    /// # Errors
    /// It cannot be read, or a line is longer than any question.
    pub(crate) fn some(&mut self, stdin: &mut dyn Read) -> Result<Option<Vec<u8>>, Failure> {
        while !self.ended {
            let held = self.rest.len();
            self.rest.resize(held + BLOCK, 0);
            let into = &mut self.rest[held..];
            let read = match &mut self.file {
                Some(file) => file.read(into),
                None => stdin.read(into),
            };
            let count = match read {
                Ok(count) => {
                    self.ended = count == 0;
                    count
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => {
                    return Err(Failure::new(format!("{} could not be read", self.name)).because(&error));
                }
            };
            self.rest.truncate(held + count);
            let fresh = &self.rest[held..];
            if let Some(end) = fresh.iter().rposition(|&byte| byte == b'\n') {
                let rest = self.rest.split_off(held + end + 1);
                return Ok(Some(std::mem::replace(&mut self.rest, rest)));
            }
            if self.rest.len() > LINE_BYTES_MAX {
                return Err(Failure::new(format!("a line of {} holds more than 1 MiB", self.name))
                    .help("each line is one question"));
            }
        }
        let last = std::mem::take(&mut self.rest);
        Ok((!last.is_empty()).then_some(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one part with each call.
    struct Parts(Vec<&'static str>);

    impl Read for Parts {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let part = self.0.remove(0);
            if part.is_empty() {
                return Err(io::Error::from(io::ErrorKind::Interrupted));
            }
            into[..part.len()].copy_from_slice(part.as_bytes());
            Ok(part.len())
        }
    }

    fn of(parts: &[&'static str]) -> Vec<String> {
        let (mut lines, mut from) = (Lines::new("x".to_owned(), None), Parts(parts.to_vec()));
        let blocks = std::iter::from_fn(|| lines.some(&mut from).unwrap());
        blocks.map(|block| String::from_utf8(block).unwrap()).collect()
    }

    #[test]
    fn lines_come_whole_and_as_soon_as_they_are_there() {
        assert_eq!(of(&["a\nb\nc", "", "d\n", "e"]), ["a\nb\n", "cd\n", "e"]);
        assert_eq!(of(&["a\n"]), ["a\n"]);
        assert_eq!(of(&["\n\n", "a"]), ["\n\n", "a"]);
        assert_eq!(of(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_line_without_end_is_given_up() {
        let mut lines = Lines::new("`x`".to_owned(), None);
        let failure = lines.some(&mut io::repeat(b'a')).unwrap_err();
        assert_eq!(failure.message, "a line of `x` holds more than 1 MiB");
    }

    #[test]
    fn a_stream_that_fails_says_why() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the line went dead"))
            }
        }
        let failure = Lines::new("standard input".to_owned(), None).some(&mut Broken).unwrap_err();
        assert_eq!(failure.message, "standard input could not be read");
        assert_eq!(failure.causes, ["the line went dead"]);
    }
}
