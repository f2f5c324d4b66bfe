//! Reading a decision table's text, with every fault of it at once.

mod cells;

use std::sync::Arc;

use super::PolicyError;
use super::compile::RULES_MAX;
use super::table::{Grounds, Outcome, Rule, RuleNotice, TableKind};
use crate::model::TransferState;
use cells::{is_rule_id, notice, outcome, state, state_fits, values};

/// What a column of the file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Rule,
    Fact(usize),
    Action,
    State,
    Notice,
    Reason,
    Source,
}

struct Reader {
    kind: TableKind,
    opens: TransferState,
    facts: Vec<usize>,
    faults: Vec<String>,
}

/// The fact columns, as places in the registry, and the rules of a table.
pub(super) fn read(
    kind: TableKind,
    text: &[u8],
    opens: TransferState,
) -> Result<(Vec<usize>, Vec<Rule>), PolicyError> {
    // Comments are skipped below: the csv crate would count the line of what follows one wrongly.
    let mut records = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text);
    let mut reader = Reader {
        kind,
        opens,
        facts: Vec::new(),
        faults: Vec::new(),
    };
    let mut header: Option<Vec<Column>> = None;
    let mut rules = Vec::new();
    for record in records.records() {
        let record = match record {
            Ok(record) => record,
            Err(_) => {
                reader
                    .faults
                    .push(format!("{}: a line is not UTF-8 text", kind.file()));
                break;
            }
        };
        if record
            .get(0)
            .is_some_and(|cell| cell.trim_start().starts_with('#'))
        {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match &header {
            None => match reader.header(&record) {
                Some(columns) => header = Some(columns),
                None => break,
            },
            Some(columns) => rules.extend(reader.rule(columns, &record, line)),
        }
    }
    if header.is_none() && reader.faults.is_empty() {
        reader.faults.push(format!("{}: is empty", kind.file()));
    }
    reader.check_ids(&rules);
    if rules.len() > RULES_MAX {
        reader.faults.push(format!(
            "{}: has {} rules; at most {RULES_MAX} are possible",
            kind.file(),
            rules.len()
        ));
    }
    if reader.faults.is_empty() {
        Ok((reader.facts, rules))
    } else {
        Err(PolicyError {
            faults: reader.faults,
        })
    }
}

impl Reader {
    fn fault(&mut self, line: u64, text: &str) {
        self.faults
            .push(format!("{}, line {line}: {text}", self.kind.file()));
    }

    fn header(&mut self, record: &csv::StringRecord) -> Option<Vec<Column>> {
        let mut columns = Vec::new();
        for (position, name) in record.iter().enumerate() {
            let name = name.trim().trim_start_matches('\u{feff}');
            let column = match name {
                "rule" => Some(Column::Rule),
                "action" => Some(Column::Action),
                "state" if self.kind == TableKind::Claim => Some(Column::State),
                "notice" => Some(Column::Notice),
                "reason" => Some(Column::Reason),
                "source" => Some(Column::Source),
                _ => self
                    .kind
                    .facts()
                    .iter()
                    .position(|fact| fact.name == name)
                    .map(Column::Fact),
            };
            match column {
                None => self.fault(
                    1,
                    &format!("`{name}` is neither a fact of this table nor one of its own columns"),
                ),
                Some(Column::Rule) if position > 0 => {
                    self.fault(1, "`rule` must be the first column")
                }
                Some(column) if columns.contains(&column) => {
                    self.fault(1, &format!("`{name}` stands twice"))
                }
                Some(column) => columns.push(column),
            }
        }
        let own = [
            Column::Rule,
            Column::Action,
            Column::Notice,
            Column::Reason,
            Column::Source,
        ];
        let names = ["rule", "action", "notice", "reason", "source"];
        for (column, name) in own.into_iter().zip(names) {
            if !columns.contains(&column) {
                self.fault(1, &format!("the column `{name}` is missing"));
            }
        }
        if self.kind == TableKind::Claim && !columns.contains(&Column::State) {
            self.fault(1, "the column `state` is missing");
        }
        self.facts = columns
            .iter()
            .filter_map(|c| {
                if let Column::Fact(place) = c {
                    Some(*place)
                } else {
                    None
                }
            })
            .collect();
        self.faults.is_empty().then_some(columns)
    }

    fn rule(&mut self, columns: &[Column], record: &csv::StringRecord, line: u64) -> Option<Rule> {
        let id = record.get(0).unwrap_or_default().trim().to_owned();
        if record.len() != columns.len() {
            self.fault(
                line,
                &format!("has {} cells, the header {}", record.len(), columns.len()),
            );
            return None;
        }
        if !is_rule_id(&id) {
            self.fault(line, &format!("`{id}` is not a rule id: capital letters, then parts of capitals and digits, joined by `-`"));
        }
        let mut rule = Rule {
            grounds: Arc::new(Grounds {
                rule: id.to_owned(),
                reason: String::new(),
            }),
            cells: Vec::with_capacity(self.facts.len()),
            outcome: Outcome::None,
            state: None,
            notice: RuleNotice::None,
            source: String::new(),
            line,
        };
        for (column, cell) in columns.iter().zip(record.iter()) {
            if let Err(text) = self.cell(&mut rule, *column, cell.trim()) {
                self.fault(line, &text);
            }
        }
        if let Err(text) = state_fits(&rule, self.opens, self.kind) {
            self.fault(line, &text);
        }
        Some(rule)
    }

    fn cell(&self, rule: &mut Rule, column: Column, cell: &str) -> Result<(), String> {
        match column {
            Column::Rule => {}
            Column::Fact(place) => rule.cells.push(values(&self.kind.facts()[place], cell)?),
            Column::Action => rule.outcome = outcome(self.kind, cell)?,
            Column::State => rule.state = state(cell, self.opens)?,
            Column::Notice => rule.notice = notice(self.kind, cell)?,
            Column::Reason if cell.is_empty() => {
                return Err("`reason` is blank: people are shown it".to_owned());
            }
            Column::Reason => cell.clone_into(&mut Arc::make_mut(&mut rule.grounds).reason),
            Column::Source if cell.is_empty() => {
                return Err("`source` is blank: say where the rule comes from".to_owned());
            }
            Column::Source => cell.clone_into(&mut rule.source),
        }
        Ok(())
    }

    fn check_ids(&mut self, rules: &[Rule]) {
        for (place, rule) in rules.iter().enumerate() {
            if let Some(earlier) = rules[..place]
                .iter()
                .find(|earlier| earlier.grounds.rule == rule.grounds.rule)
            {
                let text = format!(
                    "rule {} stands on line {} already",
                    rule.grounds.rule, earlier.line
                );
                self.fault(rule.line, &text);
            }
        }
    }
}
