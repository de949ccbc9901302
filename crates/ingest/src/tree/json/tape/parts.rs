//! A long list in parts, each checked by a core of its own.
//!
//! Where an element begins is guessed: no string of JSON holds a newline, so that a brace which stands in its line as that
//! of the first element does is likely to begin an element too. The guess is not trusted. A part counts only if the part
//! before it ends at the very byte where it begins; from the first that does not, the pass goes on by itself.

use super::{Extent, NONE, Open, Scan, Tape};
use memchr::{memmem, memrchr};
use rayon::prelude::*;

/// How long a part is at least, in bytes: less is not worth a thread's while.
const LEAST: usize = if cfg!(test) { 16 } else { 1 << 18 };

/// How many parts each thread gets, so that all end at about the same time.
const PER_THREAD: usize = 4;

/// The elements of a part.
struct Part {
    tape: Tape,
    /// The byte after its last element.
    end: usize,
    /// Whether the next element begins where the next part does.
    meets_next: bool,
}

impl Scan<'_> {
    /// Takes the elements of the list that has just begun, as far as they can be found in parts; the pass is then behind the
    /// last of them. `None` if there are none: nothing is taken.
    pub(super) fn elements_in_parts(&mut self) -> Option<()> {
        let starts = self.starts_of_parts()?;
        let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
        let ranges: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
        let parts: Vec<Option<Part>> =
            ranges.into_par_iter().map(|(start, next)| self.part(start, next)).collect();
        let mut taken = None;
        for part in parts {
            // A part that is no JSON is left to the pass, which says where that shows.
            let Some(part) = part else { break };
            self.tape.append(part.tape);
            self.at = part.end;
            taken = Some(());
            if !part.meets_next {
                break;
            }
        }
        taken
    }

    /// Where parts are likely to begin; the first is the element at which the pass is.
    fn starts_of_parts(&self) -> Option<Vec<usize>> {
        let rest = self.bytes.len().checked_sub(self.at)?;
        let count = (rayon::current_num_threads() * PER_THREAD).min(rest / LEAST);
        if count < 2 || rayon::current_num_threads() < 2 {
            return None;
        }
        let line = memrchr(b'\n', self.bytes.get(..self.at)?)?;
        let looks = memmem::Finder::new(self.bytes.get(line..=self.at)?);
        let mut starts = vec![self.at];
        for number in 1..count {
            let (from, to) = (self.at + rest / count * number, self.at + rest / count * (number + 1));
            let found = looks.find(self.bytes.get(from..to)?);
            starts.extend(found.map(|found| from + found + self.at - line));
        }
        (starts.len() > 1).then_some(starts)
    }

    /// The elements from one byte to another, if they are JSON.
    fn part(&self, start: usize, next: usize) -> Option<Part> {
        let list = Open { slot: NONE, is_object: false };
        let mut scan = Scan {
            bytes: self.bytes,
            at: start,
            tape: Tape::empty(),
            open: vec![list],
            extent: Extent::Shallow,
            until: Some(next),
        };
        scan.value()?;
        let end = scan.at;
        let next_element = scan.next_element();
        Some(Part { tape: scan.tape, end, meets_next: next_element == Some(next) })
    }

    /// Whether the part ends behind the element that has just ended: the next would begin where the next part does, or
    /// behind that, or there is none.
    pub(super) fn is_end_of_part(&self) -> bool {
        let Some(until) = self.until.filter(|_| self.open.len() == 1) else { return false };
        self.next_element().is_none_or(|next| next >= until)
    }

    /// Where the next element begins, if a comma comes next.
    fn next_element(&self) -> Option<usize> {
        let after = |mut at: usize| {
            while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.bytes.get(at) {
                at += 1;
            }
            at
        };
        let comma = after(self.at);
        (self.bytes.get(comma) == Some(&b',')).then(|| after(comma + 1))
    }
}

impl Tape {
    /// Adds the values of another tape behind those of this one.
    fn append(&mut self, other: Self) {
        let slots = u32::try_from(self.slots.len()).unwrap_or(NONE);
        let folded = u32::try_from(self.folded.len()).unwrap_or(NONE);
        let moved = |index: u32, by: u32| if index == NONE { NONE } else { index.saturating_add(by) };
        self.slots.extend(other.slots.into_iter().map(|slot| super::Slot {
            next: moved(slot.next, slots),
            folded: moved(slot.folded, folded),
            ..slot
        }));
        self.folded.extend(other.folded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lists of which most elements begin their lines as the first does, and some do not; other lines look like theirs.
    fn list() -> impl Strategy<Value = String> {
        let element = prop_oneof![
            4 => Just("{\"kind\": \"Pod\", \"n\": [1, 2]}"),
            2 => Just("{\n    \"a\": [\n    {\"same\": \"place\"},\n    {}\n  ]}"),
            1 => Just("[{\n    \"a\": 1},\n    {\"b\": 2}]"),
            1 => Just("\"a string, {\""),
            1 => Just("12"),
        ];
        let comma = prop_oneof![6 => Just(",\n    "), 1 => Just(", "), 1 => Just("  ,\n  ")];
        prop::collection::vec((element, comma), 1..30).prop_map(|elements| {
            let last = elements.len() - 1;
            let parts = elements.into_iter().enumerate().map(|(at, (element, comma))| match at == last {
                true => element.to_owned(),
                false => format!("{element}{comma}"),
            });
            format!("[\n    {}\n  ]", parts.collect::<String>())
        })
    }

    /// Documents with such lists, some broken at a byte.
    fn document() -> impl Strategy<Value = String> {
        let whole = prop_oneof![
            list(),
            (list(), list()).prop_map(|(a, b)| format!("{{\"items\": {a},\n    \"others\": {b}}}")),
        ];
        let byte = prop_oneof![Just(None), (any::<prop::sample::Index>(), "[,\\[\\]{}\" a1]").prop_map(Some)];
        (whole, byte).prop_map(|(mut text, change)| {
            if let Some((at, byte)) = change {
                let at = at.index(text.len());
                text.replace_range(at..=at, &byte);
            }
            text
        })
    }

    /// Every value by its place, and by what holds it.
    fn places(text: &str, tape: &Tape, index: u32, all: &mut Vec<(usize, usize, bool)>) {
        let slot = tape.slot(index).unwrap();
        all.push((slot.start, slot.end, slot.escaped));
        let (tape, children) = tape.children(text, index);
        children.for_each(|child| places(text, tape, child, all));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn parts_are_what_one_pass_finds(text in document()) {
            let found = [Extent::Shallow, Extent::Deep].map(|extent| {
                Tape::of(&text, 0, extent).map(|(tape, end)| {
                    let mut all = Vec::new();
                    places(&text, &tape, 0, &mut all);
                    (all, end)
                })
            });
            prop_assert_eq!(&found[0], &found[1]);
        }
    }

    #[test]
    fn a_long_list_is_taken_in_parts() {
        let element = "{\n            \"kind\": \"Pod\"\n        }";
        let text = format!("[\n        {}\n    ]", vec![element; 200].join(",\n        "));
        let start = text.find('{').unwrap();
        let scan = || Scan {
            bytes: text.as_bytes(),
            at: start,
            tape: Tape::empty(),
            open: vec![Open { slot: NONE, is_object: false }],
            extent: Extent::Shallow,
            until: None,
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        let (starts, taken) = pool.install(|| {
            let mut scan = scan();
            let starts = scan.starts_of_parts().unwrap();
            (starts, scan.elements_in_parts().map(|()| (scan.at, scan.tape.slots.len())))
        });
        assert_eq!(starts.len(), 3 * PER_THREAD);
        assert_eq!(taken, Some((text.rfind('}').unwrap() + 1, 200)));
    }
}
