//! Text of the input within XML.

use crate::page::clean;

/// A text on one line without the characters that no document of XML may hold, not even escaped (XML 1.0, 2.2).
pub(crate) fn xml_text(text: &str) -> String {
    clean(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
