//! `forecast.csv`: what falls due in the next 7, 30 and 90 days, one row each.

use super::sheet::{Line, sheet};
use crate::forecast::Due;
use crate::model::Date;
use crate::table::spec;

/// The bytes of `forecast.csv`, in the order given. Accounts stand by their ids alone.
pub fn forecast_csv(due: &[Due], as_of: Date) -> Vec<u8> {
    let rows: Vec<(&Due, u32)> = due
        .iter()
        .filter_map(|due| Some((due, due.within(as_of)?)))
        .collect();
    sheet(spec::FORECAST.columns, &rows, row)
}

fn row((due, within): &(&Due, u32), line: &mut Line) {
    line.shown(due.due_on);
    line.shown(within);
    line.raw(due.kind.as_str());
    line.cell(&due.establishment);
    line.cell(&due.role);
    line.raw(&due.account_id);
    line.cell(&due.decision_id);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::plus_days;
    use crate::model::DueKind;

    #[test]
    fn a_row_says_in_which_of_the_three_horizons_it_lies() {
        let as_of = Date::from_ymd_opt(2026, 6, 1).unwrap();
        let due = |days: u32| Due {
            due_on: plus_days(as_of, days),
            kind: DueKind::Expiry,
            establishment: "6602001".into(),
            role: "governor".into(),
            account_id: format!("a{days}"),
            decision_id: String::new(),
        };
        let text = forecast_csv(&[0, 7, 8, 30, 31, 90, 91].map(due), as_of);
        let text = String::from_utf8(text).unwrap();
        let within: Vec<&str> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(1).unwrap())
            .collect();
        assert_eq!(within, ["7", "7", "30", "30", "90", "90"]);
    }
}
