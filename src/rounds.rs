//! Work in rounds: what one round gave is taken in while the next is made.

use std::convert::Infallible;

/// Makes something of each round, on as many cores as `make` uses, and hands it to `take` in the order of the rounds while
/// the next is made. What rounds give then never stands in memory all together.
///
/// # Errors
/// The first of `take`; no round is made or taken after it, but for the one that was being made.
pub fn try_in_rounds<R, T, E>(
    rounds: impl IntoIterator<Item = R>,
    make: impl Fn(R) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E> + Send,
) -> Result<(), E>
where
    R: Send,
    T: Send,
    E: Send,
{
    let mut made: Option<T> = None;
    for round in rounds {
        let before = made.take();
        let (taken, next) = rayon::join(|| before.map_or(Ok(()), &mut take), || make(round));
        taken?;
        made = Some(next);
    }
    made.map_or(Ok(()), take)
}

/// The same where nothing can fail.
pub fn in_rounds<R, T>(
    rounds: impl IntoIterator<Item = R>,
    make: impl Fn(R) -> T + Sync,
    mut take: impl FnMut(T) + Send,
) where
    R: Send,
    T: Send,
{
    let take = |made| {
        take(made);
        Ok::<(), Infallible>(())
    };
    let Ok(()) = try_in_rounds(rounds, make, take);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_is_taken_once_and_in_order() {
        for count in 0..5 {
            let mut taken = Vec::new();
            in_rounds(0..count, |round| round * 2, |made| taken.push(made));
            assert_eq!(taken, (0..count).map(|round| round * 2).collect::<Vec<_>>());
        }
    }
    #[test]
    fn nothing_is_taken_after_an_error() {
        let mut taken = Vec::new();
        let ended = try_in_rounds(
            0..9,
            |round| round,
            |made| {
                taken.push(made);
                if made == 3 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((ended, taken), (Err("full"), vec![0, 1, 2, 3]));
    }
}
