//! Faults of one file, of which only so many of a kind are told one by one.

use crate::model::{Fault, Severity};

/// How many faults of one code are told row by row; what is beyond is counted.
pub const REPEATS_MAX: u64 = 1_000;

/// Faults of one file in file order. A file with a million equal mistakes costs a thousand lines.
#[derive(Debug, Default)]
pub struct CappedFaults {
    list: Vec<Fault>,
    counts: Vec<(&'static str, Severity, u64)>,
}

impl CappedFaults {
    /// Adds a fault; `make` runs only while there is room for one more of this code.
    pub fn push(&mut self, code: &'static str, severity: Severity, make: impl FnOnce() -> Fault) {
        if self.count(code, severity, 1) <= REPEATS_MAX {
            self.list.push(make());
        }
    }

    /// Adds what a later part of the same file found.
    pub fn absorb(&mut self, later: CappedFaults) {
        for fault in later.list {
            if self.count(fault.code, fault.severity, 1) <= REPEATS_MAX {
                self.list.push(fault);
            }
        }
        for (code, severity, n) in later.counts {
            self.count(code, severity, n.saturating_sub(REPEATS_MAX));
        }
    }

    /// The faults, with one line per code for those that were only counted.
    pub fn finish(mut self, table: &str, file: &str) -> Vec<Fault> {
        for (code, severity, n) in &self.counts {
            if let Some(more) = n.checked_sub(REPEATS_MAX).filter(|&more| more > 0) {
                let message = format!("{more} more rows of this file have this fault");
                let fix =
                    "Mend the cause in the source; the first 1,000 rows are listed one by one.";
                self.list
                    .push(Fault::new(*severity, code, message, fix).in_file(table, file));
            }
        }
        self.list
    }

    fn count(&mut self, code: &'static str, severity: Severity, by: u64) -> u64 {
        match self
            .counts
            .iter_mut()
            .find(|(known, at, _)| *known == code && *at == severity)
        {
            Some((_, _, n)) => {
                *n += by;
                *n
            }
            None => {
                self.counts.push((code, severity, by));
                by
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(n: u64) -> CappedFaults {
        let mut faults = CappedFaults::default();
        for row in 0..n {
            faults.push("short_row", Severity::Reject, || {
                Fault::new(Severity::Reject, "short_row", "short", "mend").at_row(row + 2)
            });
        }
        faults
    }

    #[test]
    fn a_flood_of_one_fault_is_told_a_thousand_times_and_then_counted() {
        let mut whole = flood(800);
        whole.absorb(flood(1_500));
        let told = whole.finish("learners", "mis/learners.csv");
        assert_eq!(told.len(), 1_001);
        assert_eq!(told[1_000].row, 0);
        assert!(
            told[1_000].message.starts_with("1300 more"),
            "{}",
            told[1_000].message
        );
    }

    #[test]
    fn what_fits_is_told_without_a_remark() {
        assert_eq!(flood(1_000).finish("learners", "x").len(), 1_000);
    }
}
