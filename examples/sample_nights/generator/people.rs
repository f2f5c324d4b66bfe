//! People as the offices record them.

use super::names::Name;

/// A learner's enrolment.
#[derive(Clone)]
pub struct Row {
    pub school: usize,
    pub number: String,
    pub start: String,
    pub leaving: String,
    pub status: &'static str,
    pub share: &'static str,
    pub year: &'static str,
    pub class: String,
    pub sharing: &'static str,
    pub listed: bool,
}

/// A learner with every enrolment, the newest last.
#[derive(Clone)]
pub struct Learner {
    pub id: String,
    pub name: Name,
    pub login: String,
    pub slot: usize,
    pub rows: Vec<Row>,
}

/// A post at a school.
#[derive(Clone)]
pub struct Post {
    pub school: usize,
    pub code: String,
    pub start: String,
    pub leaving: String,
    pub status: &'static str,
    pub share: &'static str,
    pub sharing: &'static str,
}

/// A member of staff with every post, the newest last.
#[derive(Clone)]
pub struct Worker {
    pub id: String,
    pub name: Name,
    pub login: String,
    pub teaching: bool,
    pub registration: String,
    pub posts: Vec<Post>,
}
