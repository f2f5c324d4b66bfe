//! Classes as the offices keep them, for the groups that are made of them.

use std::fmt::Write as _;

use super::world::World;

/// A class of an academic year.
#[derive(Clone)]
pub struct Class {
    pub school: usize,
    pub id: &'static str,
    pub title: &'static str,
    pub year: &'static str,
    pub learners: Vec<usize>,
    pub owner: usize,
}

impl World {
    /// Opens a class for some learners; its teacher is the school's first.
    pub fn open_class(
        &mut self,
        school: usize,
        [id, title, year]: [&'static str; 3],
        learners: &[usize],
    ) {
        let owner = self.staff(school, true)[0];
        self.classes.push(Class {
            school,
            id,
            title,
            year,
            learners: learners.to_vec(),
            owner,
        });
    }

    /// The class of an id in the latest year.
    pub fn class_named(&mut self, id: &str) -> &mut Class {
        let mut classes = self.classes.iter_mut();
        classes
            .rfind(|class| class.id == id)
            .expect("an open class")
    }

    /// Writes both tables, once there is a class. Only the latest year of a class lists members.
    pub(super) fn write_classes(&mut self, as_of: &str) {
        if self.classes.is_empty() {
            return;
        }
        let mut classes = String::from("establishment,class_id,title,academic_year\n");
        let mut members = String::from("establishment,class_id,member_kind,member_id,role\n");
        for (place, class) in self.classes.iter().enumerate() {
            let code = self.schools[class.school].code;
            writeln!(
                classes,
                "{code},{},{},{}",
                class.id, class.title, class.year
            )
            .expect("memory");
            if self.classes[place + 1..]
                .iter()
                .any(|later| later.id == class.id)
            {
                continue;
            }
            let posts = self.workers[class.owner].posts.iter();
            let post = posts.rev().find(|post| post.school == class.school);
            let owner = &post.expect("a post at the school").code;
            writeln!(members, "{code},{},staff,{owner},owner", class.id).expect("memory");
            for &learner in &class.learners {
                let id = &self.learners[learner].id;
                writeln!(members, "{code},{},learner,{id},", class.id).expect("memory");
            }
        }
        self.desk
            .put(as_of, "mis/classes.csv", classes.into_bytes());
        self.desk
            .put(as_of, "mis/class_members.csv", members.into_bytes());
    }
}
