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
    let make = |round, room: &mut Option<T>| *room = Some(make(round));
    let take = |room: &mut Option<T>| room.take().map_or(Ok(()), &mut take);
    try_in_rooms(rounds, make, take)
}

/// The same in two rooms, filled and emptied by turns: what `make` finds in a room is what `take` left there two rounds
/// before, so that its memory serves again.
///
/// # Errors
/// As [`try_in_rounds`].
pub fn try_in_rooms<R, T, E>(
    rounds: impl IntoIterator<Item = R>,
    make: impl Fn(R, &mut T) + Sync,
    mut take: impl FnMut(&mut T) -> Result<(), E> + Send,
) -> Result<(), E>
where
    R: Send,
    T: Default + Send,
    E: Send,
{
    let (mut made, mut free) = (T::default(), T::default());
    let mut is_made = false;
    for round in rounds {
        let take = || if is_made { take(&mut made) } else { Ok(()) };
        let (taken, ()) = rayon::join(take, || make(round, &mut free));
        taken?;
        std::mem::swap(&mut made, &mut free);
        is_made = true;
    }
    if is_made { take(&mut made) } else { Ok(()) }
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

/// As [`try_in_rooms`], where nothing can fail.
pub fn in_rooms<R, T>(
    rounds: impl IntoIterator<Item = R>,
    make: impl Fn(R, &mut T) + Sync,
    mut take: impl FnMut(&mut T) + Send,
) where
    R: Send,
    T: Default + Send,
{
    let take = |made: &mut T| {
        take(made);
        Ok::<(), Infallible>(())
    };
    let Ok(()) = try_in_rooms(rounds, make, take);
}

/// Pieces of work to one task, where each task has something of its own for every school of a nation: a few tasks for
/// each core.
pub fn share(pieces: usize) -> usize {
    pieces.div_ceil(4 * rayon::current_num_threads()).max(1)
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
    fn two_rooms_serve_all_rounds_in_order() {
        for count in 0..5 {
            let mut taken = Vec::new();
            let make = |round: usize, room: &mut Vec<usize>| room.push(round);
            let ended = try_in_rooms(0..count, make, |room| {
                taken.push(room.clone());
                Ok::<(), Infallible>(())
            });
            let every_other = |last: usize| (last % 2..=last).step_by(2).collect::<Vec<_>>();
            assert_eq!(ended, Ok(()));
            assert_eq!(taken, (0..count).map(every_other).collect::<Vec<_>>());
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
