//! What a run writes for people and machines: data in, bytes out, one file per artefact (SPEC §11).
//!
//! Nothing here decides anything. `plan.csv` and `plan.json` are for machines
//! and stand as they are; every other table is opened in spreadsheets, so cells
//! that one would run are neutralised; pages and terminals get no control
//! character, no bidi override and no live markup from data.

mod about;
mod adopted;
mod credentials;
mod differences;
mod drifted;
mod escape;
mod explained;
mod fault_list;
mod faults;
mod files;
mod forecast_csv;
mod groups_csv;
mod html;
mod markdown;
mod metrics;
mod notices;
mod offices;
mod page;
mod plan_csv;
mod plan_json;
pub(crate) mod sheet;
mod snapshot_diff;
mod tally;
mod terminal;
#[cfg(test)]
pub(crate) mod testing;
mod waiting;

pub use about::{About, ApprovalUsed};
pub use adopted::{AboutAdoption, adopted_csv, adopted_lines, adopted_md};
pub use credentials::{CredentialLine, CredentialReason, credentials_csv, credentials_due};
pub use differences::{differences_csv, differences_summary, differences_unified};
pub use drifted::{drift_csv, drift_text};
pub use escape::{code, markdown as escape_markdown, plain, shell};
pub use explained::explained;
pub use fault_list::{every as terminal_every_fault, some as terminal_faults};
pub use faults::faults_csv;
pub use files::{
    Artefacts, pour_owner_only, write_adoption, write_all, write_failure, write_owner_only,
    write_refusal,
};
pub use forecast_csv::forecast_csv;
pub use groups_csv::groups_csv;
pub use html::{differences_html, refusal_html, report_html};
pub use markdown::{refusal_md, report_md};
pub use metrics::{failure_metrics, metrics, refusal_metrics};
pub use notices::notices_csv;
pub use offices::offices;
pub use plan_csv::{plan_csv, write_plan_csv};
pub use plan_json::{is_applyable, plan_json};
pub use snapshot_diff::{Before, RecordPair, pairs, snapshot_diff};
pub use terminal::summary as terminal_summary;
pub use waiting::{waiting_line, waits, write_credentials, write_waiting};
