//! A fixed number of columns over a sound of any length: when they are full, neighbours are merged
//! and each column stands for twice as many samples.

/// What a column holds; two neighbours can become one.
pub(crate) trait Merge: Default {
    /// Takes up what the following column holds.
    fn merge(&mut self, next: &Self);
}

/// Columns along time, at most `limit` of them.
pub(crate) struct Columns<T> {
    /// One entry a column, oldest first.
    pub(crate) entries: Vec<T>,
    /// Samples for which one column stands.
    pub(crate) column_samples: u64,
    limit: usize,
}

impl<T: Merge> Columns<T> {
    /// No columns yet. `limit` is even; `column_samples` at least 1.
    pub(crate) fn new(limit: usize, column_samples: u64) -> Self {
        Self { entries: Vec::new(), column_samples: column_samples.max(1), limit }
    }

    /// The column at sample `at`, made room for as needed, and how many samples from `at` on it covers.
    pub(crate) fn at(&mut self, at: u64) -> (&mut T, u64) {
        while at / self.column_samples >= self.limit as u64 {
            self.halve();
        }
        // Below `limit`, which is a usize.
        let index = (at / self.column_samples) as usize;
        if self.entries.len() <= index {
            self.entries.resize_with(index + 1, T::default);
        }
        let left = self.column_samples - at % self.column_samples;
        (&mut self.entries[index], left)
    }

    fn halve(&mut self) {
        let mut merged = Vec::with_capacity(self.limit);
        let mut old = std::mem::take(&mut self.entries).into_iter();
        while let Some(mut first) = old.next() {
            if let Some(second) = old.next() {
                first.merge(&second);
            }
            merged.push(first);
        }
        self.entries = merged;
        self.column_samples *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Sum(u64);

    impl Merge for Sum {
        fn merge(&mut self, next: &Self) {
            self.0 += next.0;
        }
    }

    #[test]
    fn any_length_fits_and_nothing_is_lost() {
        for length in [1_u64, 7, 8, 9, 16, 17, 1000, 12_345] {
            let mut columns = Columns::<Sum>::new(8, 1);
            for at in 0..length {
                columns.at(at).0.0 += 1;
            }
            assert!(columns.entries.len() <= 8);
            assert_eq!(columns.entries.iter().map(|sum| sum.0).sum::<u64>(), length);
            let (last, full) = columns.entries.split_last().unwrap();
            assert!(full.iter().all(|sum| sum.0 == columns.column_samples));
            assert!(last.0 <= columns.column_samples);
        }
    }
}
