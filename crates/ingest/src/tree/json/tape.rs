//! A JSON text, checked and laid out once: where each value begins and ends, and which value comes after it.
//!
//! What no reader is likely to ask for is checked and passed over. It is laid out when somebody does ask.

mod parts;

use std::sync::OnceLock;

/// The values of one text, a container before what it holds, a key before its value.
#[derive(Debug)]
pub(super) struct Tape {
    slots: Vec<Slot>,
    /// The containers that were passed over.
    folded: Vec<OnceLock<Tape>>,
}

/// A value or a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Its first byte in the input.
    pub(super) start: usize,
    /// The byte after it.
    pub(super) end: usize,
    /// The slot after it and all that it holds.
    next: u32,
    /// For a container that was passed over, where what it holds will be.
    folded: u32,
    /// For a string, whether it holds escapes.
    pub(super) escaped: bool,
}

/// What is laid out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The document, and the elements of its lists as a whole: they are read one by one.
    Shallow,
    /// Everything but the fields that readers leave alone.
    Deep,
}

/// Whether no reader looks into this field. It costs time to name one here that is looked into, and changes nothing else.
fn is_left_alone(key: &[u8]) -> bool {
    let names: [&[u8]; 6] =
        [b"managedFields", b"env", b"volumes", b"volumeMounts", b"resources", b"containerStatuses"];
    let first = key.get(1);
    let name = key.get(1..key.len().saturating_sub(1));
    matches!(first, Some(b'm' | b'e' | b'v' | b'r' | b'c')) && name.is_some_and(|name| names.contains(&name))
}

/// How many slots most objects take.
const USUAL_SLOTS: usize = 256;

/// No slot; not folded.
const NONE: u32 = u32::MAX;

/// A container that has not ended.
struct Open {
    slot: u32,
    is_object: bool,
}

impl Tape {
    /// Lays out the value that begins at `start`, and says where it ends; where it is no JSON, the byte at which that shows.
    pub(super) fn of(text: &str, start: usize, extent: Extent) -> Result<(Self, usize), usize> {
        let mut tape = Self::empty();
        if extent == Extent::Deep {
            tape.slots.reserve(USUAL_SLOTS);
        }
        let mut scan =
            Scan { bytes: text.as_bytes(), at: start, tape, open: Vec::new(), extent, until: None };
        match scan.value() {
            Some(()) => Ok((scan.tape, scan.at)),
            None => Err(scan.at),
        }
    }

    /// The tape of nothing.
    pub(super) fn empty() -> Self {
        Self { slots: Vec::new(), folded: Vec::new() }
    }

    pub(super) fn slot(&self, index: u32) -> Option<&Slot> {
        self.slots.get(index as usize)
    }

    /// What a container holds, as slots of the tape that goes with them: its elements, or its keys and values in turn.
    pub(super) fn children(&self, text: &str, index: u32) -> (&Self, Children<'_>) {
        let none = |tape| (tape, Children { tape, at: 0, end: 0 });
        let Some(slot) = self.slot(index) else { return none(self) };
        if slot.folded == NONE {
            return (self, Children { tape: self, at: index + 1, end: slot.next });
        }
        let Some(folded) = self.folded.get(slot.folded as usize) else { return none(self) };
        // It was checked when it was passed over.
        let tape = folded.get_or_init(|| match Self::of(text, slot.start, Extent::Deep) {
            Ok((tape, _)) => tape,
            Err(_) => Self::empty(),
        });
        tape.children(text, 0)
    }
}

/// The slots of what a container holds.
pub(super) struct Children<'t> {
    tape: &'t Tape,
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.at >= self.end {
            return None;
        }
        let index = self.at;
        self.at = self.tape.slot(index)?.next;
        Some(index)
    }
}

/// A pass over a text. It goes down into containers without recursion, so that none is too deep.
struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
    tape: Tape,
    open: Vec<Open>,
    extent: Extent,
    /// For a pass over a part of a list, where the next part begins.
    until: Option<usize>,
}

/// Why a pass goes on: `None` ends it, since the text is no JSON at `at`.
type Step = Option<()>;

impl Scan<'_> {
    /// One value, with all that it holds.
    fn value(&mut self) -> Step {
        // How deep the container is below which nothing is laid out.
        let mut passing = None;
        let mut left_alone = false;
        loop {
            self.blanks();
            let start = self.at;
            let recorded = passing.is_none();
            let slot = if recorded { self.begin(start) } else { NONE };
            let mut escaped = false;
            match self.peek()? {
                byte @ (b'{' | b'[') => {
                    let is_object = byte == b'{';
                    self.at += 1;
                    if recorded && (left_alone || self.is_element()) {
                        passing = Some(self.open.len());
                        self.fold(slot);
                    }
                    self.open.push(Open { slot, is_object });
                    self.blanks();
                    if self.peek()? != if is_object { b'}' } else { b']' } {
                        left_alone = is_object && self.key(passing.is_none())?;
                        let in_parts = !is_object && passing.is_none() && self.has_elements();
                        if !in_parts || self.elements_in_parts().is_none() {
                            continue;
                        }
                    }
                }
                b'"' => escaped = self.string()?,
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => return None,
            }
            if recorded && !matches!(self.bytes.get(start), Some(b'{' | b'[')) {
                self.end(slot, escaped);
            }
            // What comes after a value: the ends of containers, and then a comma.
            loop {
                if self.is_end_of_part() {
                    return Some(());
                }
                let Some(Open { slot, is_object }) = self.open.last() else { return Some(()) };
                let (slot, is_object) = (*slot, *is_object);
                self.blanks();
                match (self.peek()?, is_object) {
                    (b',', _) => {
                        self.at += 1;
                        left_alone = false;
                        if is_object {
                            self.blanks();
                            left_alone = self.key(passing.is_none())?;
                        }
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        self.open.pop();
                        if passing == Some(self.open.len()) {
                            passing = None;
                        }
                        if slot != NONE {
                            self.end(slot, false);
                        }
                    }
                    _ => return None,
                }
            }
        }
    }

    /// Whether the value that begins now is an element of a list of the document, or of one that is the document.
    fn is_element(&self) -> bool {
        self.has_elements() && self.open.last().is_some_and(|open| !open.is_object)
    }

    /// Whether what a list holds that is open now are elements of a list of the document.
    fn has_elements(&self) -> bool {
        self.extent == Extent::Shallow && self.open.len() <= 2
    }

    fn begin(&mut self, start: usize) -> u32 {
        let index = u32::try_from(self.tape.slots.len()).unwrap_or(NONE);
        self.tape.slots.push(Slot { start, end: start, next: NONE, folded: NONE, escaped: false });
        index
    }

    fn end(&mut self, slot: u32, escaped: bool) {
        let next = u32::try_from(self.tape.slots.len()).unwrap_or(NONE);
        if let Some(slot) = self.tape.slots.get_mut(slot as usize) {
            (slot.end, slot.next, slot.escaped) = (self.at, next, escaped);
        }
    }

    fn fold(&mut self, slot: u32) {
        if let Some(slot) = self.tape.slots.get_mut(slot as usize) {
            slot.folded = u32::try_from(self.tape.folded.len()).unwrap_or(NONE);
            self.tape.folded.push(OnceLock::new());
        }
    }

    /// A key with its colon, and whether what it names is left alone.
    fn key(&mut self, recorded: bool) -> Option<bool> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        if recorded {
            let slot = self.begin(start);
            let escaped = self.string()?;
            self.end(slot, escaped);
        } else {
            self.string()?;
        }
        let key = self.bytes.get(start..self.at)?;
        self.blanks();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        Some(recorded && is_left_alone(key))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eight(&self) -> Option<u64> {
        let eight = self.bytes.get(self.at..self.at + 8)?;
        Some(u64::from_le_bytes(eight.try_into().ok()?))
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
            // kubectl indents by much: up to eight blanks at once.
            while let Some(eight) = self.eight() {
                let others = eight ^ SPACES;
                self.at += first_byte(others);
                if others != 0 {
                    break;
                }
            }
        }
    }

    /// A string, and whether it holds escapes.
    fn string(&mut self) -> Option<bool> {
        self.at += 1;
        let mut escaped = false;
        loop {
            while let Some(eight) = self.eight() {
                let special = special(eight);
                self.at += first_byte(special);
                if special != 0 {
                    break;
                }
            }
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(escaped);
                }
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => {
                            self.at += 1;
                            let digits = self.bytes.get(self.at..self.at + 4)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
    }

    fn number(&mut self) -> Step {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Step {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Step {
        if self.bytes.get(self.at..self.at + word.len())? != word {
            return None;
        }
        self.at += word.len();
        Some(())
    }
}

/// Every byte of eight is 1.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Every byte of eight is a blank.
const SPACES: u64 = ONES * 0x20;

/// The first of eight bytes that is not 0; eight, if there is none.
fn first_byte(eight: u64) -> usize {
    eight.trailing_zeros() as usize / 8
}

/// Marks those of eight bytes that end a string, begin an escape or may not stand in a string. The first mark is right;
/// those after it may be false alarms.
fn special(eight: u64) -> u64 {
    let less_than = |x: u64, limit: u64| x.wrapping_sub(ONES * limit) & !x;
    let is = |byte: u8| less_than(eight ^ (ONES * u64::from(byte)), 1);
    (is(b'"') | is(b'\\') | less_than(eight, 0x20)) & (ONES * 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// Whether a text begins with a JSON value, and where that ends.
    fn ours(text: &str) -> Option<usize> {
        Tape::of(text, 0, Extent::Deep).ok().map(|(_, end)| end)
    }

    fn theirs(text: &str) -> Option<usize> {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        stream.next()?.ok().map(|raw| text.find(raw.get()).unwrap_or_default() + raw.get().len())
    }

    /// Texts that are nearly JSON.
    fn nearly() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{"),
            Just("}"),
            Just("["),
            Just("]"),
            Just(","),
            Just(":"),
            Just(" "),
            Just("\n"),
            Just("        "),
            Just("\"a\""),
            Just("\"managedFields\":"),
            Just("\"\\u12aF\""),
            Just("\"\\u12\""),
            Just("\"\\x\""),
            Just("\"é\\\"\\\\ long enough\""),
            Just("\"\u{1}\""),
            Just("\"a\": "),
            Just("0"),
            Just("-"),
            Just("01"),
            Just("12.5e-3"),
            Just("1."),
            Just("1e"),
            Just("true"),
            Just("nul"),
            Just("null"),
            Just("\""),
            Just("\\"),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// JSON values, written with blanks here and there.
    fn value() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("\"x y\"".to_owned()),
            Just("null".to_owned()),
            Just("-0.5E+7".to_owned())
        ];
        leaf.prop_recursive(5, 40, 4, |inner| {
            let key = prop_oneof![Just("a"), Just("managedFields"), Just("items"), Just("env")];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|all| format!("[ {}]", all.join(" ,\n    "))),
                prop::collection::vec((key, inner), 0..4).prop_map(|all| {
                    let all: Vec<String> =
                        all.into_iter().map(|(key, value)| format!("\"{key}\" : {value}")).collect();
                    format!("{{{}\n}}", all.join(","))
                }),
            ]
        })
    }

    /// The value as `serde_json` has it, by way of the tape.
    fn rebuilt(text: &str, tape: &Tape, index: u32) -> String {
        let slot = tape.slot(index).unwrap();
        let written = &text[slot.start..slot.end];
        let (inner, children) = tape.children(text, index);
        let mut parts = children.map(|child| rebuilt(text, inner, child));
        match written.as_bytes()[0] {
            b'[' => format!("[{}]", parts.collect::<Vec<_>>().join(",")),
            b'{' => {
                let mut members = Vec::new();
                while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                    members.push(format!("{key}:{value}"));
                }
                format!("{{{}}}", members.join(","))
            }
            _ => written.to_owned(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn it_takes_what_serde_json_takes_and_nothing_else(text in nearly()) {
            let text = text.trim_start_matches([' ', '\n']);
            // Beside a number, `serde_json` wants to see what follows.
            if text.starts_with(['{', '[']) {
                prop_assert_eq!(ours(text), theirs(text));
            }
        }

        #[test]
        fn whatever_is_passed_over_is_there_when_it_is_asked_for(text in value()) {
            for extent in [Extent::Shallow, Extent::Deep] {
                let (tape, end) = Tape::of(&text, 0, extent).unwrap();
                prop_assert_eq!(end, text.len());
                let mut without_blanks = text.replace(['\n'], "").replace(" ,", ",").replace(" :", ":").replace(": ", ":");
                while without_blanks.contains(",  ") || without_blanks.contains("[ ") || without_blanks.contains(", ") {
                    without_blanks = without_blanks.replace("[ ", "[").replace(", ", ",");
                }
                prop_assert_eq!(rebuilt(&text, &tape, 0), without_blanks);
            }
        }

        #[test]
        fn the_first_special_byte_is_found(mut bytes in any::<[u8; 8]>(), at in 0..9_usize, special_byte in prop_oneof![Just(b'"'), Just(b'\\'), 0..0x20_u8]) {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = special_byte;
            }
            let is_special = |byte: &u8| *byte < 0x20 || [b'"', b'\\'].contains(byte);
            let first = bytes.iter().position(is_special).unwrap_or(8);
            prop_assert_eq!(first_byte(special(u64::from_le_bytes(bytes))), first);
        }
    }
}
