//! Random programs on the system and on a model of it, compared after every step.
//!
//! `RECHARGE_TEST_SEED` plays a printed seed again; `RECHARGE_TEST_STEPS` plays so many steps, of new
//! seeds, instead of those of every day.

mod checks;
mod minimize;
mod model;
mod plants;
mod player;
mod step;

use std::panic::{AssertUnwindSafe, catch_unwind};

use recharge_testkit::simulation::simulate;

use self::{
    minimize::minimize,
    plants::Plant,
    player::Player,
    step::{Step, program},
};
use crate::setting;

/// The steps of one program: one world.
const PROGRAM: u64 = 200;

/// Plays a program; how it failed, if it did.
fn fails(seed: u64, steps: &[Step], is_stormy: bool, plant: Option<Plant>) -> Option<String> {
    let played = catch_unwind(AssertUnwindSafe(|| {
        simulate(seed, |simulation| async move {
            let mut player = Player::new(simulation, is_stormy, plant);
            for (nth, step) in steps.iter().enumerate() {
                let played = Box::pin(player.play(step)).await;
                played.map_err(|problem| format!("step {nth}, {step:?}: {problem}"))?;
            }
            let ended = Box::pin(checks::everything(&mut player)).await;
            ended.map_err(|problem| format!("at the end: {problem}"))
        })
    }));
    match played {
        Ok(played) => played.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("a panic: {}", text.unwrap_or_default()))
        }
    }
}

/// Plays a program that failed once, and must not again.
fn run(seed: u64, is_stormy: bool, steps: &[Step]) {
    let failure = fails(seed, steps, is_stormy, None);
    assert!(failure.is_none(), "{failure:?}");
}

/// Plays the program of a seed, and makes a failure as short as it can be.
fn play(seed: u64, is_stormy: bool) {
    let steps = program(seed, PROGRAM);
    let Some(failure) = fails(seed, &steps, is_stormy, None) else {
        return;
    };
    println!("RECHARGE_TEST_SEED={seed} fails, {failure}; taking steps out of it");
    let (steps, failure) = minimize(steps, failure, |steps| fails(seed, steps, is_stormy, None));
    let steps: String = steps
        .iter()
        .map(|step| format!("    Step::{step:?},\n"))
        .collect();
    panic!(
        "{failure}\nRECHARGE_TEST_SEED={seed}\n\n#[test]\nfn regression_() {{\n    run({seed}, {is_stormy}, &[\n{steps}    ]);\n}}\n"
    );
}

/// Plays so many steps: every day the same seeds, so that a change is judged by what it changes; of new
/// ones if steps are asked for.
fn play_steps(usual: u64, is_stormy: bool) {
    let given = setting("RECHARGE_TEST_SEED");
    let asked = setting("RECHARGE_TEST_STEPS");
    let first = match (given, asked) {
        (Some(seed), _) => seed,
        (None, Some(_)) => fastrand::u64(..u64::MAX / 2),
        (None, None) => 1,
    };
    println!("RECHARGE_TEST_SEED={first}");
    let steps = asked.unwrap_or(usual);
    let programs = match given {
        Some(_) if asked.is_none() => 1,
        _ => steps / PROGRAM,
    };
    let began = std::time::Instant::now();
    for nth in 0..programs {
        play(first + nth, is_stormy);
        if nth % 500 == 499 {
            let done = (nth + 1) * PROGRAM;
            let rate = done / began.elapsed().as_secs().max(1);
            println!(
                "{done} steps, {rate} a second; the last seed was {}",
                first + nth
            );
        }
    }
    println!("{} steps in {:?}", programs * PROGRAM, began.elapsed());
}

#[test]
fn random_programs_go_as_the_model_says_in_calm_weather() {
    play_steps(4_000, false);
}

#[test]
fn random_programs_go_as_the_model_says_in_a_storm() {
    play_steps(6_000, true);
}

/// A comparison that finds nothing proves nothing: each planted mistake is found, and its program
/// becomes short enough to be read.
#[test]
fn every_planted_mistake_is_found_and_told_in_a_few_steps() {
    for (plant, steps_max) in [
        (Plant::KeysAreForgotten, 6),
        (Plant::NobodyHears, 4),
        (Plant::FreezesAreIgnored, 6),
        (Plant::MarksAreForgotten, 6),
        (Plant::CoinsFromNowhere, 4),
    ] {
        let found = (0..10).find_map(|seed| {
            let steps = program(seed, PROGRAM);
            let failure = fails(seed, &steps, false, Some(plant))?;
            let fails = |steps: &[Step]| fails(seed, steps, false, Some(plant));
            Some((seed, minimize(steps, failure, fails)))
        });
        let (seed, (steps, failure)) = found.unwrap_or_else(|| panic!("{plant:?} is not found"));
        println!("{plant:?}, seed {seed}, {} steps: {failure}", steps.len());
        assert!(steps.len() <= steps_max, "{plant:?}: {steps:#?}");
    }
}

#[test]
fn a_program_of_nothing_goes_well() {
    run(0, true, &[]);
}
