//! From rules to one answer per combination: depth first over the columns, with the rules that still match as a set of bits.

use super::table::{NO_RULE, Rule};

/// Most rules a table may have.
pub const RULES_MAX: usize = 256;

type Set = [u64; 4];

const fn and(a: &Set, b: &Set) -> Set {
    [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]]
}

fn first(set: &Set) -> Option<usize> {
    let word = set.iter().position(|word| *word != 0)?;
    Some(word * 64 + set[word].trailing_zeros() as usize)
}

fn add(set: &mut Set, place: usize) {
    set[place / 64] |= 1 << (place % 64);
}

fn has(set: &Set, place: usize) -> bool {
    set[place / 64] >> (place % 64) & 1 == 1
}

struct Compiler {
    /// For each column and value, the rules that match it.
    matching: Vec<Vec<Set>>,
    /// For each column, the rules that ask nothing from it on.
    free_from: Vec<Set>,
    decided: Vec<u16>,
}

/// The place of the first matching rule for every combination; the first column counts most. `sizes` are the numbers
/// of values of the columns, whose product is the number of combinations; there are at most [`RULES_MAX`] rules.
pub fn compile(sizes: &[u32], rules: &[Rule]) -> Vec<u16> {
    let total = sizes.iter().product::<u32>() as usize;
    let mut matching: Vec<Vec<Set>> = sizes
        .iter()
        .map(|size| vec![[0; 4]; *size as usize])
        .collect();
    let mut free_from = vec![[0; 4]; sizes.len() + 1];
    let mut all = [0; 4];
    for (place, rule) in rules.iter().enumerate().take(RULES_MAX) {
        add(&mut all, place);
        for (sets, cell) in matching.iter_mut().zip(&rule.cells) {
            for (value, set) in sets.iter_mut().enumerate() {
                if cell >> value & 1 == 1 {
                    add(set, place);
                }
            }
        }
        let last_asked = rule
            .cells
            .iter()
            .zip(sizes)
            .rposition(|(cell, size)| *cell != any(*size));
        for set in &mut free_from[last_asked.map_or(0, |column| column + 1)..] {
            add(set, place);
        }
    }
    let mut compiler = Compiler {
        matching,
        free_from,
        decided: vec![NO_RULE; total],
    };
    compiler.fill(0, all, 0, total);
    compiler.decided
}

/// The cell that any of `size` values matches.
pub const fn any(size: u32) -> u32 {
    (1u32 << size) - 1
}

impl Compiler {
    /// Decides the block of `length` combinations from `begin`, in which the columns before `column` are settled.
    fn fill(&mut self, column: usize, still: Set, begin: usize, length: usize) {
        let Some(winner) = first(&still) else { return };
        if has(&self.free_from[column], winner) {
            self.decided[begin..begin + length].fill(winner as u16);
            return;
        }
        let step = length / self.matching[column].len();
        for value in 0..self.matching[column].len() {
            let narrowed = and(&still, &self.matching[column][value]);
            self.fill(column + 1, narrowed, begin + value * step, step);
        }
    }
}
