//! A slow, plain evaluator written from the specifications, to hold the engine against (development only).
