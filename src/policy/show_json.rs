//! A policy for programs.

use serde_json::{Value, json};

use super::table::{Rule, Table, TableKind};
use super::{Policy, Report};
use crate::facts::registry::FactDef;

/// Tables, facts and digest of a policy as JSON; its parameters stand as the text of `policy.toml`.
pub fn show_json(policy: &Policy) -> Value {
    let tables: Vec<Value> = TableKind::ALL
        .iter()
        .map(|kind| table(policy.table(*kind)))
        .collect();
    let parameters = policy.files.iter().find(|(name, _)| name == "policy.toml");
    json!({
        "name": policy.params.name,
        "title": policy.params.title,
        "digest": policy.digest,
        "tables": tables,
        "policy_toml": parameters.map(|(_, bytes)| String::from_utf8_lossy(bytes)),
    })
}

impl Report {
    /// What was proved, as JSON.
    pub fn to_json(&self) -> Value {
        let proofs: Vec<Value> = self
            .proofs
            .iter()
            .map(|proof| {
                let properties: Vec<Value> = proof
                    .properties
                    .iter()
                    .map(|(number, name, says, count)| {
                        json!({ "property": number, "name": name, "says": says, "combinations": count })
                    })
                    .collect();
                json!({
                    "table": proof.kind.as_str(),
                    "rules": proof.rules,
                    "combinations": proof.combinations,
                    "impossible": proof.impossible,
                    "properties": properties,
                })
            })
            .collect();
        json!({ "policy": self.name, "digest": self.digest, "proved": true, "tables": proofs })
    }
}

fn table(table: &Table) -> Value {
    let facts: Vec<Value> = table
        .columns
        .iter()
        .map(|place| fact(&table.facts()[*place]))
        .collect();
    let rules: Vec<Value> = table
        .rules
        .iter()
        .map(|rule| self::rule(table, rule))
        .collect();
    json!({ "table": table.kind.as_str(), "combinations": table.combinations(), "facts": facts, "rules": rules })
}

fn fact(fact: &FactDef) -> Value {
    let values: Vec<Value> = fact
        .values
        .iter()
        .map(|value| json!({ "value": value.name, "means": value.means, "notice": value.notice }))
        .collect();
    json!({ "fact": fact.name, "asks": fact.asks, "values": values })
}

fn rule(table: &Table, rule: &Rule) -> Value {
    let mut when = serde_json::Map::new();
    for (cell, place) in rule.cells.iter().zip(&table.columns) {
        let fact = &table.facts()[*place];
        let chosen: Vec<&str> = fact
            .values
            .iter()
            .enumerate()
            .filter(|(value, _)| cell >> value & 1 == 1)
            .map(|(_, value)| value.name)
            .collect();
        if chosen.len() < fact.values.len() {
            when.insert(fact.name.to_owned(), json!(chosen));
        }
    }
    json!({
        "rule": *rule.grounds.rule,
        "when": when,
        "action": rule.outcome.as_str(),
        "state": rule.state.map(|state| state.as_str()),
        "notice": rule.notice.as_str(),
        "reason": *rule.grounds.reason,
        "source": rule.source,
    })
}
