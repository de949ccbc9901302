//! Hand-built values for the tests of every format.
