//! Classes: the accepted rows of `classes.csv` and `class_members.csv`.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{EstId, MemberRole, PersonKey};
use crate::calendar::AcademicYear;

/// Every class that an establishment names, and who is in it.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Classes {
    /// Sorted by establishment and id.
    pub list: Vec<Class>,
    /// The members of all of them; each class points to its own.
    pub members: Vec<ClassMember>,
}

/// One class of an establishment, in every year for which it is listed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Class {
    /// Where it is taught.
    pub establishment: EstId,
    /// Its id, unique within the establishment and the year.
    pub id: String,
    /// The years it is listed for, sorted. None where no row of it can be used.
    pub years: Vec<ClassYear>,
    /// Its members: a range of [`Classes::members`].
    pub members: Range<usize>,
    /// Not every row about its members can be trusted: nobody leaves the group tonight because a row is missing.
    pub is_doubtful: bool,
}

/// A class in one academic year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClassYear {
    /// The year.
    pub year: AcademicYear,
    /// What people call the class; may be blank.
    pub title: String,
}

/// One person in one class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClassMember {
    /// The person, under the current key.
    pub person: PersonKey,
    /// Member or owner.
    pub role: MemberRole,
}

impl Classes {
    /// A class by its key.
    pub fn find(&self, establishment: EstId, id: &str) -> Option<&Class> {
        let key = (establishment, id);
        self.list
            .binary_search_by(|class| (class.establishment, class.id.as_str()).cmp(&key))
            .ok()
            .and_then(|at| self.list.get(at))
    }

    /// The members of a class, sorted by person.
    pub fn members(&self, class: &Class) -> &[ClassMember] {
        self.members.get(class.members.clone()).unwrap_or(&[])
    }
}
