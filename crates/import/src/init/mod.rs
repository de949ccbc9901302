//! x
pub struct Found;
pub fn init() {}
