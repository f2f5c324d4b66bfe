//! Notices: what a person should know or do about a case.

use super::draft::{Draft, Draughtsman, leaves_usable};
use super::outcome::Outcome;
use crate::directory::Column;
use crate::effects::names::account_names;
use crate::facts::claim::ClaimCase;
use crate::facts::person::{Case, Judged};
use crate::facts::registry::person as f;
use crate::facts::standing::{Standing, text};
use crate::model::{Action, Cell, Date, EstId, Kind, RowRef};
use crate::plan::notice_text::text as notice_text;
use crate::plan::{Notice, OfficeLine};
use crate::policy::table::{Outcome as RuleOutcome, Rule, RuleNotice};

impl Draughtsman<'_> {
    /// A notice with its text; place and people are filled in by the caller.
    fn blank_notice(&self, code: &str, establishment: Option<EstId>) -> Notice {
        let words = notice_text(code);
        Notice {
            code: code.to_owned(),
            establishment: establishment
                .and_then(|e| self.tonight.roll.establishments.get(e.index()))
                .map(|e| e.code.clone())
                .unwrap_or_default(),
            role: String::new(),
            account_id: String::new(),
            person_ref: String::new(),
            table: String::new(),
            file: String::new(),
            row: 0,
            since: None,
            message: words.message.to_owned(),
            fix: words.fix.to_owned(),
            owner: words.owner.to_owned(),
            office_only: false,
            office: OfficeLine::default(),
        }
    }

    /// A notice about an account alone.
    pub fn account_notice(&self, code: &str, place: usize) -> Notice {
        let accounts = &self.tonight.snapshot.accounts;
        let account = &accounts.list[place];
        let holder = self
            .tonight
            .people
            .holder
            .get(account.establishment as usize)
            .copied();
        Notice {
            role: account.role.to_string(),
            account_id: accounts.id(place).to_owned(),
            person_ref: accounts.with(place, |c| c[Column::PersonRef as usize].to_owned()),
            ..self.blank_notice(code, holder)
        }
    }

    /// Adds the row a notice is about.
    fn with_row(&self, mut notice: Notice, at: RowRef, row: Option<&Standing<'_>>) -> Notice {
        let file = &self.tonight.roll.files[at.file as usize];
        notice.table = file.table.to_owned();
        notice.file = file.name.clone();
        notice.row = self.tonight.roll.line(at);
        if let Some(standing) = row {
            let cell = |cell| text(self.tonight, standing.row, cell).to_owned();
            let names = account_names(self.tonight, standing.row);
            notice.role = standing.row.role.to_string();
            notice.office = OfficeLine {
                admission_number: cell(Cell::AdmissionNumber),
                year_group: cell(Cell::YearGroup),
                registration_class: cell(Cell::RegistrationClass),
                name: format!("{} {}", names.forename, names.surname)
                    .trim()
                    .to_owned(),
            };
        }
        notice
    }

    fn person_notice(
        &self,
        code: &str,
        case: &Case<'_>,
        at: Option<&Standing<'_>>,
        since: Option<Date>,
    ) -> Notice {
        let establishment = at.map(|s| s.establishment).or(case.holder);
        let mut notice = Notice {
            since,
            person_ref: self.person_ref(case),
            ..self.blank_notice(code, establishment)
        };
        if let Some(place) = case.place {
            notice.account_id = self.tonight.snapshot.accounts.id(place).to_owned();
        }
        notice.role = match (case.account, case.person.kind) {
            (Some(account), _) => account.role.to_string(),
            (None, Kind::Learner) => "learner".to_owned(),
            (None, Kind::Staff) => String::new(),
        };
        match at {
            Some(standing) => self.with_row(notice, standing.row.at, Some(standing)),
            None => notice,
        }
    }

    /// The notices of a case: its rule's, and those that go beside any rule.
    pub fn notices(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        rule: &Rule,
        action: Option<Action>,
        out: &mut Outcome,
    ) {
        let usable = leaves_usable(case.account.map(|a| a.state), action);
        let code = rule.notice.code(&judged.values);
        let needless = rule.notice == RuleNotice::Elsewhere && usable;
        if !code.is_empty() && !needless {
            self.rule_notice(code, case, judged, out);
        }
        if !usable && code.is_empty() && !case.earlier {
            self.otherwise_silent(case, judged, out);
        }
        if !usable && judged.values[f::ELSEWHERE] == f::elsewhere::NOT_SHARED {
            out.not_shared
                .extend(judged.target.map(|t| t.establishment));
        } else if action == Some(Action::Withdraw) && self.listed_by_holder(case) {
            out.not_shared.extend(case.holder);
        }
        self.opt_out_waiting(case, judged, action, out);
        self.name_differs(case, judged, out);
    }

    /// The night an account goes, nothing else may say why its person is left without one: a rejected row, or
    /// its own establishment has them as a guest.
    fn otherwise_silent(&self, case: &Case<'_>, judged: &Judged<'_>, out: &mut Outcome) {
        if self.tonight.is_person_held(case.person.key()) {
            self.rule_notice("row_rejected", case, judged, out);
        } else if let Some(guest) = case.standings.iter().find(|s| s.is_only_guest()) {
            out.notices
                .push(self.person_notice("guest_only", case, Some(guest), None));
        }
    }

    /// Whether the holder's export, held or not, has the person on roll.
    fn listed_by_holder(&self, case: &Case<'_>) -> bool {
        let mut at_holder = case
            .standings
            .iter()
            .filter(|s| Some(s.establishment) == case.holder);
        at_holder.any(|s| s.on_roll())
    }

    fn rule_notice(&self, code: &str, case: &Case<'_>, judged: &Judged<'_>, out: &mut Outcome) {
        match code {
            "row_rejected" => out
                .notices
                .extend(self.tonight.held_rows(case.person.key()).map(|held| {
                    let notice = Notice {
                        role: case.person.kind.to_string(),
                        ..self.blank_notice(code, Some(held.establishment))
                    };
                    let notice = Notice {
                        person_ref: self.person_ref(case),
                        ..notice
                    };
                    self.with_row(notice, held.at, None)
                })),
            "not_shared" => {
                let own_choice = judged
                    .target
                    .is_some_and(|t| self.tonight.shares(t.establishment));
                if own_choice {
                    let notice = self.person_notice(code, case, judged.target.as_ref(), None);
                    out.notices.push(Notice {
                        office_only: true,
                        ..notice
                    });
                }
            }
            "absent" => {
                out.notices
                    .push(self.person_notice(code, case, None, case.dates.missing_since))
            }
            "leaver_kept" | "leaver_held" => {
                out.notices.push(self.person_notice(
                    code,
                    case,
                    judged.home.as_ref(),
                    judged.left_on,
                ));
            }
            "row_incomplete" | "grace_not_complete" => {
                out.notices
                    .push(self.person_notice(code, case, judged.home.as_ref(), None));
            }
            "incomplete" if judged.target.is_none() => {
                out.notices
                    .push(self.person_notice(code, case, judged.home.as_ref(), None));
            }
            "service_desk_required" => {
                out.notices.push(self.person_notice(
                    code,
                    case,
                    judged.target.as_ref(),
                    case.dates.inactive_since,
                ));
            }
            _ => out
                .notices
                .push(self.person_notice(code, case, judged.target.as_ref(), None)),
        }
    }

    /// An opt-out that tonight's export or row does not let us believe yet (SPEC §16).
    fn opt_out_waiting(
        &self,
        case: &Case<'_>,
        judged: &Judged<'_>,
        action: Option<Action>,
        out: &mut Outcome,
    ) {
        if self.params().consent.is_none() || case.earlier {
            return;
        }
        let usable = case.account.is_some_and(|a| a.state.is_usable());
        let unheard = usable
            && case.choice.out
            && action != Some(Action::Withdraw)
            && judged.values[f::OPTED_IN] != f::opted_in::NOT_IN;
        let Some(at) = case.choice.waiting_at.or(case.holder.filter(|_| unheard)) else {
            return;
        };
        let exported = self
            .tonight
            .roll
            .establishments
            .get(at.index())
            .and_then(|e| e.export.as_ref());
        let notice = self.person_notice(
            "opt_out_waiting",
            case,
            None,
            exported.map(|e| e.exported_on),
        );
        let establishment = self.tonight.roll.establishment(at).code.clone();
        out.notices.push(Notice {
            establishment,
            ..notice
        });
    }

    /// Where names do not follow the roll, a difference is reported (S5).
    fn name_differs(&self, case: &Case<'_>, judged: &Judged<'_>, out: &mut Outcome) {
        if judged.names_differ && !case.words.rename_display {
            let notice = self.person_notice("name_differs", case, judged.home.as_ref(), None);
            out.notices.push(notice);
        }
    }

    /// The notice of a claim's rule, addressed to the claimant.
    pub fn claim_notice(
        &self,
        case: &Case<'_>,
        claim: &ClaimCase<'_>,
        rule: &Rule,
        draft: &Draft,
        out: &mut Outcome,
    ) {
        let RuleNotice::Code(code) = &rule.notice else {
            return;
        };
        let opens = rule.outcome == RuleOutcome::Action(Action::TransferPending);
        let known = claim.known.filter(|_| !opens);
        let since = known.map_or(self.tonight.as_of, |k| k.opened_on);
        let mut notice = self.person_notice(code, case, claim.standing.as_ref(), Some(since));
        notice.account_id = draft.account_id.to_string();
        notice.establishment = self.tonight.roll.establishment(claim.claimant).code.clone();
        out.notices.push(notice);
    }
}
