//! The suites that cross crates live in `it/`.
