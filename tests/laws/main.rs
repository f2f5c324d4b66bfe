//! The eleven properties of SPEC §13, and what SPEC §7 says of accounts that people ask for, over invented worlds and sequences of nights, under both shipped policies.
//!
//! `ONROLL_LAW_CASES=5000 ONROLL_LAW_SEED=7 cargo test --release --test laws` looks further. A broken law is shrunk
//! to the smallest story and printed as the tables of a scenario.

#[allow(clippy::duplicate_mod)]
#[path = "../support/mod.rs"]
mod support;

mod classes;
mod joined;
mod laws;
mod names;
mod non_mis;
mod oracle;
mod people;
mod play;
mod story;
mod strategy;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn look(policy: &'static str) {
    let config = Config {
        cases: number("ONROLL_LAW_CASES", 256),
        failure_persistence: None,
        max_shrink_iters: 2000,
        max_shrink_time: 25_000,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("ONROLL_LAW_SEED", 1).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let outcome = TestRunner::new_with_rng(config, rng).run(&strategy::story(policy), |story| {
        play::play(&story).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(law, story)) => panic!("{law}\n{}", story::tell(&story)),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn hwb_keeps_the_laws() {
    look("hwb");
}

#[test]
fn glow_keeps_the_laws() {
    look("glow");
}
