//! Combinations in words: the facts that matter, and only those.

use super::compile::any;
use super::table::Table;

/// Most examples given of one fault.
const EXAMPLES_MAX: usize = 3;

/// A set of combinations: for each column of a table, the values it covers.
struct Block {
    cells: Vec<u32>,
}

/// A few of the combinations for which `bad` holds, each widened to the facts that matter, and how many there are.
pub(super) fn examples(table: &Table, indices: &[u32], bad: impl Fn(u32) -> bool) -> Vec<String> {
    let mut blocks: Vec<Block> = Vec::new();
    for index in indices {
        if blocks.len() == EXAMPLES_MAX {
            break;
        }
        let places = table.places(*index);
        if blocks.iter().all(|block| !block.covers(table, &places)) {
            blocks.push(widen(table, *index, &bad));
        }
    }
    blocks.iter().map(|block| block.words(table)).collect()
}

/// Frees one column after the other, as long as every combination covered is bad too.
fn widen(table: &Table, index: u32, bad: &impl Fn(u32) -> bool) -> Block {
    let places = table.places(index);
    let mut block = Block {
        cells: table
            .columns
            .iter()
            .map(|place| 1 << places[*place])
            .collect(),
    };
    // The last columns say how long something lasts; freeing them first keeps the telling ones.
    for column in (0..block.cells.len()).rev() {
        let narrow = block.cells[column];
        block.cells[column] = any(table.facts()[table.columns[column]].values.len() as u32);
        if !block.all(table, bad) {
            block.cells[column] = narrow;
        }
    }
    block
}

impl Block {
    fn covers(&self, table: &Table, places: &[u8]) -> bool {
        self.cells
            .iter()
            .zip(&table.columns)
            .all(|(cell, place)| cell >> places[*place] & 1 == 1)
    }

    fn all(&self, table: &Table, bad: &impl Fn(u32) -> bool) -> bool {
        self.visit(table, 0, 0, bad)
    }

    fn visit(&self, table: &Table, column: usize, base: u32, bad: &impl Fn(u32) -> bool) -> bool {
        let Some(cell) = self.cells.get(column) else {
            return bad(base);
        };
        let place = table.columns[column];
        (0..table.facts()[place].values.len() as u32)
            .filter(|value| cell >> value & 1 == 1)
            .all(|value| {
                self.visit(
                    table,
                    column + 1,
                    base + value * table.strides()[place],
                    bad,
                )
            })
    }

    fn words(&self, table: &Table) -> String {
        let asked = cells(table, &self.cells);
        if asked.is_empty() {
            "every combination".to_owned()
        } else {
            asked.join(", ")
        }
    }
}

/// The cells of a rule or a set that ask something, as `fact = value|value`.
pub(super) fn cells(table: &Table, cells: &[u32]) -> Vec<String> {
    let mut words = Vec::new();
    for (cell, place) in cells.iter().zip(&table.columns) {
        let fact = &table.facts()[*place];
        let all = any(fact.values.len() as u32);
        if *cell == all {
            continue;
        }
        let names = |set: u32| -> Vec<&str> {
            let named = fact
                .values
                .iter()
                .enumerate()
                .filter(|(value, _)| set >> value & 1 == 1);
            named.map(|(_, value)| value.name).collect()
        };
        let (chosen, others) = (names(*cell), names(all & !cell));
        if others.len() < chosen.len() {
            words.push(format!("{} = !{}", fact.name, others.join("|")));
        } else {
            words.push(format!("{} = {}", fact.name, chosen.join("|")));
        }
    }
    words
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
