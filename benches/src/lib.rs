//! Nothing: the measurements are programs of their own, in `benches/`.
