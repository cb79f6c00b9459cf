//! The suites that cross crates live in `it/`; `logs/` looks at every line that a run logs.
