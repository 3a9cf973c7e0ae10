//! Which stretches of a film are outside, inside, or in between.

use auricle::cue::CueSpan;

/// Where a sample lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Wholly outside.
    Outside,
    /// Fading in or out.
    Between,
    /// Wholly inside at least one cue.
    Inside,
}

/// The sections in order; each holds from its first sample to the next one's.
#[derive(Debug)]
pub(super) struct Sections {
    /// `(first sample, section)`, ascending, the first at 0.
    starts: Vec<(u64, Section)>,
    /// The section in force; only ever moves forward.
    current: usize,
}

impl Sections {
    pub(super) fn new(spans: &[CueSpan]) -> Self {
        // At each edge: (sample, change in cues under way, change in cues wholly inside).
        let mut edges: Vec<(u64, i64, i64)> = Vec::with_capacity(spans.len() * 4);
        for span in spans {
            if span.leave_ends_samples <= span.enter_begins_samples {
                continue;
            }
            edges.push((span.enter_begins_samples, 1, 0));
            edges.push((span.leave_ends_samples, -1, 0));
            if span.leave_begins_samples > span.enter_ends_samples {
                edges.push((span.enter_ends_samples, 0, 1));
                edges.push((span.leave_begins_samples, 0, -1));
            }
        }
        edges.sort_unstable();
        let mut starts = vec![(0, Section::Outside)];
        let (mut under_way, mut inside) = (0, 0);
        for (at, change, change_inside) in edges {
            under_way += change;
            inside += change_inside;
            let section = match (under_way, inside) {
                (_, 1..) => Section::Inside,
                (1.., _) => Section::Between,
                _ => Section::Outside,
            };
            match starts.last_mut() {
                Some(last) if last.0 == at => last.1 = section,
                Some(last) if last.1 == section => {}
                _ => starts.push((at, section)),
            }
        }
        Self { starts, current: 0 }
    }

    /// Section of sample `at`, its first sample, and the first sample of the next one.
    /// `at` must not go backwards from call to call.
    pub(super) fn at(&mut self, at: u64) -> (Section, u64, u64) {
        while self.starts.get(self.current + 1).is_some_and(|next| next.0 <= at) {
            self.current += 1;
        }
        let (begins, section) = self.starts[self.current];
        let ends = self.starts.get(self.current + 1).map_or(u64::MAX, |next| next.0);
        (section, begins, ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(moments: [u64; 4]) -> CueSpan {
        CueSpan {
            cue: 0,
            listener: String::new(),
            state: String::new(),
            enter_begins_samples: moments[0],
            enter_ends_samples: moments[1],
            leave_begins_samples: moments[2],
            leave_ends_samples: moments[3],
        }
    }

    /// From the definition: a sample is inside where any span says so.
    fn by_definition(spans: &[CueSpan], at: u64) -> Section {
        if spans.iter().any(|s| (s.enter_ends_samples..s.leave_begins_samples).contains(&at)) {
            Section::Inside
        } else if spans.iter().any(|s| (s.enter_begins_samples..s.leave_ends_samples).contains(&at)) {
            Section::Between
        } else {
            Section::Outside
        }
    }

    #[test]
    fn sections_follow_their_definition() {
        let cases = [
            vec![],
            vec![span([0, 0, 50, 60])],
            vec![span([10, 20, 30, 40]), span([40, 41, 50, 50])],
            vec![span([10, 20, 30, 40]), span([25, 35, 60, 70]), span([70, 70, 70, 70])],
            vec![span([10, 30, 30, 40])],
        ];
        for spans in cases {
            let mut sections = Sections::new(&spans);
            for at in 0..100 {
                let (section, begins, ends) = sections.at(at);
                assert_eq!(section, by_definition(&spans, at), "sample {at} of {spans:?}");
                assert!(begins <= at && at < ends);
            }
        }
    }
}
