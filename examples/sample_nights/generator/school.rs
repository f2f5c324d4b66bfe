//! Schools, as `lists/*_schools.csv` describes them.

/// How a school names its registration classes.
#[derive(Clone)]
pub enum Classes {
    /// Year and letter: `8C`.
    Letters,
    /// Trees, one per two years.
    Trees(Vec<&'static str>),
}

/// An establishment.
#[derive(Clone)]
pub struct School {
    /// Seven digits from a block nobody uses.
    pub code: &'static str,
    /// Invented name.
    pub name: &'static str,
    /// Index into the authorities.
    pub authority: usize,
    /// `primary`, `secondary`, …
    pub phase: &'static str,
    /// Maintained by the state.
    pub maintained: bool,
    /// `data_sharing` cell.
    pub sharing: &'static str,
    /// Pupils on the first night, by year group from the youngest.
    pub cohorts: Vec<usize>,
    /// Year group of the first of `cohorts`.
    pub youngest: &'static str,
    /// The school that its oldest go to.
    pub feeds: Option<usize>,
    /// Teaching and other staff on the first night.
    pub staff: (usize, usize),
    /// Class names.
    pub classes: Classes,
}

/// Reads a list of schools.
pub fn read(list: &'static str) -> Vec<School> {
    let lines: Vec<Vec<&'static str>> = list
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let school = |cells: &Vec<&'static str>| School {
        code: cells[0],
        name: cells[1],
        authority: number(cells[2]),
        phase: cells[3],
        maintained: cells[4] == "Y",
        sharing: cells[5],
        youngest: cells[6],
        cohorts: cells[7].split(' ').map(number).collect(),
        feeds: lines.iter().position(|other| other[0] == cells[8]),
        staff: (number(cells[9]), number(cells[10])),
        classes: match cells[11] {
            "" => Classes::Letters,
            trees => Classes::Trees(trees.split(' ').collect()),
        },
    };
    lines.iter().map(school).collect()
}
