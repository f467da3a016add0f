//! The crate's own throughput: the argument is how many times the same MiB is hashed. Prints MiB/s.
use std::{env, hint::black_box, time::Instant};

/// As `bench/packs/mebibyte.ts` makes it.
fn mebibyte() -> Vec<u8> {
    let mut state: u32 = 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..1 << 20).map(|_| next()).collect()
}

fn seconds_of(input: &[u8], count: u32) -> f64 {
    let started = Instant::now();
    for _ in 0..count {
        black_box(blake3::hash(black_box(input)));
    }
    started.elapsed().as_secs_f64()
}

fn main() {
    let count: u32 = env::args().nth(1).and_then(|text| text.parse().ok()).expect("how many MiB to hash");
    let input = mebibyte();
    seconds_of(&input, count.div_ceil(5));
    eprintln!("{}", blake3::hash(&input));
    println!("{}", f64::from(count) / seconds_of(&input, count));
}
