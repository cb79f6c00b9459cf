//! Random tests whose seed is printed, so that a failure can be seen again.

use std::hash::{BuildHasher, RandomState};

use proptest::{prelude::*, test_runner::RngSeed};

/// Set `PROPTEST_RNG_SEED` to the printed seed to run the same cases again.
pub(super) fn seeded() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().hash_one("seed"));
    }
    println!("{:?}", config.rng_seed);
    config
}
