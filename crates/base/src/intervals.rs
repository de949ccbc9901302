//! Sets of points on a line, kept as sorted, disjoint, non-touching closed intervals.

use std::fmt::Debug;

/// A point of a finite line: it has a next and a previous one, except at the ends.
pub trait Point: Copy + Ord + Debug {
    /// The lowest point.
    const MIN: Self;
    /// The highest point.
    const MAX: Self;
    /// The point after this one, or `None` at the end.
    fn next(self) -> Option<Self>;
    /// The point before this one, or `None` at the start.
    fn previous(self) -> Option<Self>;
}

macro_rules! unsigned_points {
    ($($number:ty),*) => {$(
        impl Point for $number {
            const MIN: Self = <$number>::MIN;
            const MAX: Self = <$number>::MAX;
            fn next(self) -> Option<Self> {
                self.checked_add(1)
            }
            fn previous(self) -> Option<Self> {
                self.checked_sub(1)
            }
        }
    )*};
}
unsigned_points!(u16, u32, u128);

/// A set of points. Two sets with the same points are equal, since the form is canonical.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalSet<P> {
    // INVARIANT (canonical): sorted, `start <= end`, and at least one missing point between neighbours.
    intervals: Vec<(P, P)>,
}

impl<P> Default for IntervalSet<P> {
    fn default() -> Self {
        Self { intervals: Vec::new() }
    }
}

impl<P: Point> IntervalSet<P> {
    /// No point.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every point.
    #[must_use]
    pub fn full() -> Self {
        Self::range(P::MIN, P::MAX)
    }

    /// The points from `start` to `end`, both included; no point if `start > end`.
    #[must_use]
    pub fn range(start: P, end: P) -> Self {
        if start > end { Self::empty() } else { Self { intervals: vec![(start, end)] } }
    }

    /// Whether the set holds no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// The closed intervals, sorted.
    #[must_use]
    pub fn intervals(&self) -> &[(P, P)] {
        &self.intervals
    }

    /// Whether `point` is in the set.
    #[must_use]
    pub fn contains(&self, point: P) -> bool {
        let after = self.intervals.partition_point(|&(start, _)| start <= point);
        after > 0 && self.intervals[after - 1].1 >= point
    }

    /// The points of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.intervals.iter().chain(&other.intervals).copied().collect()
    }

    /// The points of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut left, mut right) = (self.intervals.as_slice(), other.intervals.as_slice());
        let mut common = Vec::new();
        while let (Some(&(left_start, left_end)), Some(&(right_start, right_end))) =
            (left.first(), right.first())
        {
            let (start, end) = (left_start.max(right_start), left_end.min(right_end));
            if start <= end {
                common.push((start, end));
            }
            if left_end <= right_end {
                left = &left[1..];
            } else {
                right = &right[1..];
            }
        }
        Self { intervals: common }
    }

    /// The points that are not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.intervals.len() + 1);
        let mut from = Some(P::MIN);
        for &(start, end) in &self.intervals {
            if let (Some(gap_start), Some(gap_end)) = (from, start.previous())
                && gap_start <= gap_end
            {
                gaps.push((gap_start, gap_end));
            }
            from = end.next();
        }
        if let Some(gap_start) = from {
            gaps.push((gap_start, P::MAX));
        }
        Self { intervals: gaps }
    }

    /// The points of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// Whether every point of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.intersection(other) == *self
    }
}

impl<P: Point> FromIterator<(P, P)> for IntervalSet<P> {
    /// The points of all these closed intervals, in whatever order they come.
    fn from_iter<I: IntoIterator<Item = (P, P)>>(intervals: I) -> Self {
        let mut all: Vec<(P, P)> = intervals.into_iter().filter(|(start, end)| start <= end).collect();
        all.sort_unstable();
        let mut merged: Vec<(P, P)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match merged.last_mut() {
                Some(last) if last.1.next().is_none_or(|next| start <= next) => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Self { intervals: merged }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Small numbers at both ends of the line, so that touching, nesting and the ends themselves are common.
    fn point() -> impl Strategy<Value = u16> {
        prop_oneof![0u16..12, (u16::MAX - 12)..=u16::MAX]
    }

    fn set() -> impl Strategy<Value = IntervalSet<u16>> {
        prop::collection::vec((point(), point()), 0..5).prop_map(|pairs| {
            pairs
                .into_iter()
                .fold(IntervalSet::empty(), |set, (a, b)| set.union(&IntervalSet::range(a.min(b), a.max(b))))
        })
    }

    proptest! {
        #[test]
        fn union_holds_the_points_of_either(a in set(), b in set(), p in point()) {
            prop_assert_eq!(a.union(&b).contains(p), a.contains(p) || b.contains(p));
        }

        #[test]
        fn intersection_holds_the_points_of_both(a in set(), b in set(), p in point()) {
            prop_assert_eq!(a.intersection(&b).contains(p), a.contains(p) && b.contains(p));
        }

        #[test]
        fn complement_holds_the_other_points(a in set(), p in point()) {
            prop_assert_eq!(a.complement().contains(p), !a.contains(p));
        }

        #[test]
        fn complement_of_the_complement_is_the_set(a in set()) {
            prop_assert_eq!(a.complement().complement(), a);
        }

        #[test]
        fn equal_points_mean_equal_sets(a in set(), b in set()) {
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.intersection(&b), b.intersection(&a));
            prop_assert_eq!(a.union(&a.complement()), IntervalSet::full());
            prop_assert!(a.intersection(&b).is_subset(&a));
            prop_assert!(a.difference(&b).intersection(&b).is_empty());
        }
    }

    #[test]
    fn touching_intervals_become_one() {
        let joined = IntervalSet::range(1u16, 4).union(&IntervalSet::range(5, 9));
        assert_eq!(joined.intervals(), [(1, 9)]);
    }
}
