//! Work in rounds: what one round gave is taken in while the next is made.

/// Makes something of each round, on as many cores as `make` uses, and hands it to `take` in the order of the rounds while
/// the next is made. What rounds give then never stands in memory all together.
pub fn in_rounds<R, T>(
    rounds: impl IntoIterator<Item = R>,
    make: impl Fn(R) -> T + Sync,
    mut take: impl FnMut(T) + Send,
) where
    R: Send,
    T: Send,
{
    let mut made = None;
    for round in rounds {
        let ((), next) = rayon::join(
            || made.take().into_iter().for_each(&mut take),
            || make(round),
        );
        made = Some(next);
    }
    made.into_iter().for_each(take);
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
}
