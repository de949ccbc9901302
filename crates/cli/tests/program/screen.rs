//! What a terminal makes of what is sent to it: the letters that stand on the screen, which of them are coloured, and
//! which are links. It knows the escape codes that the program has a use for, and fails at any other.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

/// A letter on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cell {
    letter: char,
    coloured: bool,
    link: Option<String>,
}

/// A link on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The letters that it stands on.
    pub(crate) text: String,
    /// Where it leads.
    pub(crate) address: String,
}

/// A screen without an edge, so that a line that is too wide is seen to be.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    rows: Vec<Vec<Cell>>,
    row: usize,
    column: usize,
    coloured: bool,
    link: Option<String>,
    /// How often something was wiped away.
    pub(crate) wiped: usize,
}

impl Screen {
    /// A screen to which this was sent.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut screen = Self::default();
        let mut parser = Parser::<DefaultCharAccumulator>::new();
        bytes.iter().for_each(|&byte| parser.advance(&mut screen, byte));
        assert!(!screen.coloured && screen.link.is_none(), "a colour or a link goes on for ever: {screen:?}");
        screen
    }

    /// The lines, without spaces at their ends. Empty ones at the end are none.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = |row: &Vec<Cell>| row.iter().map(|cell| cell.letter).collect::<String>();
        let mut lines: Vec<String> = self.rows.iter().map(|row| text(row).trim_end().to_owned()).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// How many letters are coloured.
    pub(crate) fn coloured(&self) -> usize {
        self.rows.iter().flatten().filter(|cell| cell.coloured).count()
    }

    /// The links, from above.
    pub(crate) fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for row in &self.rows {
            for run in row.chunk_by(|one, other| one.link == other.link) {
                if let Some(address) = &run[0].link {
                    let text = run.iter().map(|cell| cell.letter).collect();
                    links.push(Link { text, address: address.clone() });
                }
            }
        }
        links
    }
}

impl Perform for Screen {
    fn print(&mut self, letter: char) {
        let rows = self.rows.len().max(self.row + 1);
        self.rows.resize(rows, Vec::new());
        let row = &mut self.rows[self.row];
        let cells = row.len().max(self.column + 1);
        row.resize(cells, Cell { letter: ' ', ..Cell::default() });
        row[self.column] = Cell { letter, coloured: self.coloured, link: self.link.clone() };
        self.column += 1;
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.row += 1,
            b'\r' => self.column = 0,
            _ => panic!("the control code {byte:#x}"),
        }
    }

    fn csi_dispatch(&mut self, parameters: &Params, intermediates: &[u8], ignored: bool, action: u8) {
        assert!(!ignored, "{parameters:?}");
        let numbers: Vec<u16> = parameters.iter().flatten().copied().collect();
        match (intermediates, action, numbers.as_slice()) {
            ([], b'm', [] | [0]) => self.coloured = false,
            ([], b'm', _) => self.coloured = true,
            // The line, or all that is right of and below the cursor.
            ([], b'K', [2]) => self.wipe(0),
            ([], b'K' | b'J', [] | [0]) => self.wipe(self.column),
            // Hides the cursor and shows it again.
            ([b'?'], b'h' | b'l', [25]) => {}
            _ => panic!("the code CSI {intermediates:?} {numbers:?} {}", char::from(action)),
        }
    }

    fn osc_dispatch(&mut self, parameters: &[&[u8]], _: bool) {
        match parameters {
            [b"8", b"", b""] => self.link = None,
            [b"8", b"", address] => self.link = Some(str::from_utf8(address).unwrap().to_owned()),
            _ => panic!("the code OSC {parameters:?}"),
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], _: bool, byte: u8) {
        // The end of a link.
        assert_eq!((intermediates, byte), (&[][..], b'\\'));
    }
}

impl Screen {
    fn wipe(&mut self, from: usize) {
        if let Some(row) = self.rows.get_mut(self.row) {
            self.wiped += usize::from(row.len() > from);
            row.truncate(from);
        }
    }
}

#[test]
fn a_screen_shows_letters_colours_and_links_and_forgets_what_is_wiped_away() {
    let screen = Screen::of(
        b"\x1b[1;91mred\x1b[0m \x1b]8;;file:///a\x1b\\here\x1b]8;;\x1b\\\r\nwait\r\x1b[2Kdone\r\n",
    );
    assert_eq!(screen.lines(), ["red here", "done"]);
    assert_eq!((screen.coloured(), screen.wiped), (3, 1));
    assert_eq!(screen.links(), [Link { text: "here".to_owned(), address: "file:///a".to_owned() }]);
    assert_eq!(Screen::of(b"wait").lines(), ["wait"]);
}
