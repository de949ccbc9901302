//! A verdict or a map as text or JSON: one file a format.
