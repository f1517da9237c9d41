//! The `waylay` binary.
fn main() {}
