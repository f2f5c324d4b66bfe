//! What the real directory says of an account, and how that differs from what the snapshot holds.

use super::Tonight;
use crate::calendar::parse_date;
use crate::directory::Column;

/// The account columns that follow `directory_feedback.csv`, where they differ: a blank never erases, and a sign-in
/// only moves ahead.
pub fn news(
    tonight: &Tonight<'_>,
    username: &str,
    directory_id: &str,
    last_sign_in: &str,
) -> Vec<(Column, String)> {
    let Some(said) = tonight.feedback.of(username) else {
        return Vec::new();
    };
    let mut news = Vec::new();
    if !said.directory_id.is_empty() && said.directory_id != directory_id {
        news.push((Column::DirectoryId, said.directory_id.clone()));
    }
    if said.last_sign_in > parse_date(last_sign_in) {
        let date = said.last_sign_in.map(|d| d.to_string());
        news.push((Column::LastSignIn, date.unwrap_or_default()));
    }
    news
}

/// Whether the directory has news of an account.
pub fn has_news(tonight: &Tonight<'_>, place: usize) -> bool {
    !tonight.feedback.is_empty()
        && tonight.snapshot.accounts.with(place, |cells| {
            let at = |column: Column| cells[column as usize];
            let known = (at(Column::DirectoryId), at(Column::LastSignIn));
            !news(tonight, at(Column::Username), known.0, known.1).is_empty()
        })
}
