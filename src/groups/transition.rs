//! What is due for a group: a small table of where its year stands and how it stands itself.

use crate::directory::Group;
use crate::model::{Date, GroupState};
use crate::policy::params::GroupDates;

/// Where an academic year stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Its groups are not made yet.
    Ahead,
    /// They are made and follow their classes.
    Open,
    /// They are still made, and no longer follow.
    Frozen,
    /// The year has ended.
    Over,
}

impl Phase {
    /// The phase of a year with these dates. Each begins on its day, so a night that was missed changes nothing.
    pub fn on(dates: GroupDates, as_of: Date) -> Phase {
        if as_of > dates.ends {
            Phase::Over
        } else if as_of >= dates.freezes {
            Phase::Frozen
        } else if as_of >= dates.opens {
            Phase::Open
        } else {
            Phase::Ahead
        }
    }

    /// Whether groups of the year are made.
    pub fn is_running(self) -> bool {
        matches!(self, Phase::Open | Phase::Frozen)
    }
}

/// How a group stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// There is none for the class and year.
    None,
    /// It is active and belongs to its class.
    Linked,
    /// It was brought back and belongs to nothing.
    Restored,
    /// It is archived.
    Archived,
}

impl Standing {
    /// How a group of the directory stands.
    pub fn of(group: &Group) -> Standing {
        match (group.state, group.linked) {
            (GroupState::Archived, _) => Standing::Archived,
            (GroupState::Active, true) => Standing::Linked,
            (GroupState::Active, false) => Standing::Restored,
        }
    }
}

/// What is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// The group is made.
    Create,
    /// Title and members follow the class.
    Follow,
    /// The group is archived.
    Archive,
    /// It stays as it is.
    Nothing,
}

/// The table. A restored group is nobody's but its owners': it follows nothing and no year ends it.
pub fn due(standing: Standing, phase: Phase) -> Due {
    match (standing, phase) {
        (Standing::None, Phase::Open | Phase::Frozen) => Due::Create,
        (Standing::None, Phase::Ahead | Phase::Over) => Due::Nothing,
        (Standing::Linked, Phase::Open) => Due::Follow,
        (Standing::Linked, Phase::Over) => Due::Archive,
        // A year whose opening was moved after its groups were made: they wait for it.
        (Standing::Linked, Phase::Ahead | Phase::Frozen) => Due::Nothing,
        (Standing::Restored | Standing::Archived, _) => Due::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_date;

    fn phase(day: &str) -> Phase {
        let date = |text| parse_date(text).unwrap();
        let dates = GroupDates {
            opens: date("2025-08-15"),
            freezes: date("2026-06-06"),
            ends: date("2026-08-31"),
        };
        Phase::on(dates, date(day))
    }

    #[test]
    fn each_phase_begins_on_its_day() {
        for (day, expected) in [
            ("2025-08-14", Phase::Ahead),
            ("2025-08-15", Phase::Open),
            ("2026-06-05", Phase::Open),
            ("2026-06-06", Phase::Frozen),
            ("2026-08-31", Phase::Frozen),
            ("2026-09-01", Phase::Over),
            ("2031-01-01", Phase::Over),
        ] {
            assert_eq!(phase(day), expected, "{day}");
        }
    }

    #[test]
    fn nothing_ever_happens_to_a_restored_or_archived_group() {
        for phase in [Phase::Ahead, Phase::Open, Phase::Frozen, Phase::Over] {
            assert_eq!(due(Standing::Restored, phase), Due::Nothing);
            assert_eq!(due(Standing::Archived, phase), Due::Nothing);
        }
    }
}
