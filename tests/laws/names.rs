//! Names and what the directory says of accounts: they change by somebody's word, and by nothing else (SPEC §3, §7).

use onroll::directory::{AccountRecord, Column};

use crate::laws::law;
use crate::play::{Night, Verdict, is_asked, usable};
use crate::story::{Heard, date_of};

/// A username changes by a `rename` that is carried out, and its old address is an alias from then on.
pub fn names_change_by_word(night: &Night<'_>) -> Verdict {
    for (id, before) in night.before {
        let Some(after) = night.after.get(id) else {
            continue;
        };
        let same = |column| before.get(column) == after.get(column);
        let renamed = |what: &str| {
            night.planned(id).is_some_and(|change| {
                let mut words = night.words(change);
                words.any(|w| w.name() == "rename" && w.renaming().starts_with(what))
            })
        };
        let aliases = |a: &AccountRecord| -> Vec<String> {
            let list = a.get(Column::Aliases).split(';').map(str::to_owned);
            list.filter(|alias| !alias.is_empty()).collect()
        };
        let kept = aliases(after);
        law!(
            aliases(before).iter().all(|alias| kept.contains(alias)),
            "law 5: an alias was lost"
        );
        if renamed("username") {
            law!(
                !same(Column::Username) && kept.iter().any(|a| a == before.get(Column::Email)),
                "a renamed account keeps its old address as an alias"
            );
            law!(
                after.get(Column::CredentialsDueOn) == night.today(),
                "a new username needs a new password"
            );
        } else {
            law!(
                same(Column::Username) && same(Column::Email) && same(Column::Aliases),
                "a username changed, and nobody decided so"
            );
        }
        let shown = [Column::DisplayName, Column::Surname, Column::Forename];
        let follows = night.oracle.story.policy == "glow" && !is_asked(before);
        law!(
            follows || renamed("display") || shown.into_iter().all(same),
            "the names shown changed, and nobody decided so"
        );
    }
    Ok(())
}

/// Ids and sign-ins are what the directory said tonight, and a sign-in never goes back.
pub fn directory_is_heard(night: &Night<'_>) -> Verdict {
    let names: Vec<&str> = night
        .before
        .values()
        .map(|a| a.get(Column::Username))
        .collect();
    let scene = night.oracle.scene;
    for (id, after) in night.after {
        let before = night.before.get(id);
        let was = |column| before.map_or("", |b| b.get(column));
        let about: Vec<&Heard> = scene
            .heard
            .iter()
            .filter(|h| {
                let of = h.of.and_then(|n| names.get(n % names.len().max(1)));
                of.is_some_and(|name| *name == was(Column::Username))
            })
            .collect();
        let told = |h: &Heard| {
            if h.id == 0 {
                String::new()
            } else {
                format!("dir-{}", h.id)
            }
        };
        let signed_in = |h: &Heard| {
            h.signed_in
                .map(|ago| date_of(scene.as_of - ago).to_string())
        };
        let (is_id, is_seen) = (
            after.get(Column::DirectoryId),
            after.get(Column::LastSignIn),
        );
        law!(
            is_id == was(Column::DirectoryId) || about.iter().any(|h| told(h) == is_id),
            "a directory id that nobody told"
        );
        law!(
            is_seen == was(Column::LastSignIn)
                || about
                    .iter()
                    .any(|h| signed_in(h).as_deref() == Some(is_seen)),
            "a sign-in that nobody told"
        );
        law!(
            is_seen >= was(Column::LastSignIn) && is_seen <= night.today().as_str(),
            "a sign-in that went back, or is ahead"
        );
        // One plain row about an account that can be used, before and after, is taken.
        let plain = |h: &Heard| !h.twice && h.signed_in.is_none_or(|ago| ago >= 0);
        let usable_asked = before.is_some_and(|b| is_asked(b) && usable(b)) && usable(after);
        if let ([only], true, "hwb") = (&about[..], usable_asked, night.oracle.story.policy) {
            law!(
                !plain(only) || only.id == 0 || told(only) == is_id,
                "what the directory said was not heard"
            );
        }
    }
    Ok(())
}
