//! Which worker a queue belongs to. Pure.

use std::collections::BTreeSet;

/// Whether the queue of this index is `me`'s while these workers are alive: the queues go round, worker by worker in the
/// order of their names. So each queue has one owner, and no worker has two more than another. (Choosing the owner by a
/// hash of both would move fewer queues when workers come and go; but of four queues it would give one of two workers
/// three, or all, in five cases of eight. To move a queue costs no more than the rest of a batch.)
pub(super) fn is_ours(index: u16, me: &str, alive: &BTreeSet<String>) -> bool {
    let place = alive.iter().position(|name| name == me);
    // Who is alone, or not known yet, takes what it gets.
    place.is_none_or(|place| usize::from(index) % alive.len() == place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_workers_have_two_of_four_queues_each_and_one_has_all() {
        let (one, two) = ("one".to_owned(), "two".to_owned());
        let of = |me: &str, alive: &[&String]| -> Vec<u16> {
            let alive = alive.iter().map(|name| (*name).clone()).collect();
            (0..4).filter(|index| is_ours(*index, me, &alive)).collect()
        };
        assert_eq!((of(&one, &[&one, &two]), of(&two, &[&one, &two])), (vec![0, 2], vec![1, 3]));
        assert_eq!(of(&two, &[&two]), [0, 1, 2, 3]);
        assert_eq!(of(&one, &[]), [0, 1, 2, 3], "before anybody was heard of");
    }

    proptest! {
        #[test]
        fn every_queue_has_one_owner_and_shares_are_equal(
            alive in proptest::collection::btree_set("[a-z]{1,8}", 1..20),
            queues in 1u16..=64,
        ) {
            let share = |me: &String| (0..queues).filter(|index| is_ours(*index, me, &alive)).count();
            let shares: Vec<usize> = alive.iter().map(share).collect();
            for index in 0..queues {
                prop_assert_eq!(alive.iter().filter(|me| is_ours(index, me, &alive)).count(), 1);
            }
            prop_assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        }
    }
}
