//! Each repair on a small case, and laws on random clusters.
