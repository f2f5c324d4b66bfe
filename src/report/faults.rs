//! `faults.csv`: everything wrong with the input, one row each.

use super::sheet::{Line, sheet};
use crate::model::Fault;
use crate::table::spec;

const HEADER: &[&str] = spec::FAULTS.columns;

/// The bytes of `faults.csv`, in the order given.
pub fn faults_csv(faults: &[Fault]) -> Vec<u8> {
    sheet(HEADER, faults, row)
}

fn row(fault: &Fault, line: &mut Line) {
    line.raw(fault.severity.as_str());
    line.raw(fault.code);
    line.cell(&fault.table);
    line.cell(&fault.file);
    line.row_number(fault.row);
    line.cell(&fault.establishment);
    line.cell(&fault.column);
    line.cell(&fault.message);
    line.cell(&fault.fix);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{fault, hostile_names};
    use super::*;

    #[test]
    fn a_hostile_file_name_stays_one_cell_and_runs_nowhere() {
        for name in hostile_names() {
            let mut fault = fault("bad_date", "S1", 4);
            fault.file = (*name).into();
            let bytes = faults_csv(&[fault]);
            let mut reader = csv::Reader::from_reader(bytes.as_slice());
            assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), HEADER);
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            assert_eq!(records.len(), 1);
            assert_eq!(records[0][3].trim_start_matches('\''), *name);
            assert!(!records[0][3].starts_with(['=', '+', '-', '@', '\t', '\r']));
        }
    }
}
