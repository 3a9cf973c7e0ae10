//! The analysis bands: which part of the sound each channel takes.
//!
//! Channels are counted from 0 at the lowest frequency, which is the most apical electrode.

use crate::dsp::erb;

/// One channel's band, and the electrode it stimulates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The electrode, from 1 at the base. With current steering the more apical of two.
    pub electrode: u8,
    /// With current steering the more basal of the two.
    pub steered_to: Option<u8>,
    /// Lower edge, Hz.
    pub low_hz: f64,
    /// Centre, Hz: the middle between the edges, or the frequency that the band's filter is tuned to.
    pub centre_hz: f64,
    /// Upper edge, Hz.
    pub high_hz: f64,
    /// By how much what a pulse tells of the sound is older than the pulse at least, ticks:
    /// see [`Processor::latency_ticks`](super::Processor::latency_ticks).
    pub latency_ticks: u64,
}

/// Fourier bins of ACE's channels, low to high, where published (Nogueira et al. 2005; Swanson 2008): 62 bins from the
/// third on.
const ACE_BINS: [&[usize]; 7] = [
    &[1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8],
    &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8],
    &[1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 8],
    &[1, 1, 1, 2, 2, 2, 2, 2, 3, 4, 4, 5, 6, 7, 9, 11],
    &[1, 2, 2, 2, 2, 3, 4, 5, 7, 9, 11, 14],
    &[2, 2, 3, 4, 6, 9, 14, 22],
    &[7, 8, 16, 31],
];
/// The lowest bin of ACE: 0 and 1 are dropped.
pub(super) const ACE_FIRST_BIN: usize = 2;

/// Fourier bins of the 15 channels between 16 electrodes (Nogueira et al. 2009): 114 bins from the sixth on.
const STEERING_BINS: [&[usize]; 1] = [&[2, 2, 1, 2, 2, 2, 3, 4, 4, 5, 6, 7, 8, 10, 56]];
/// The lowest bin of current steering.
pub(super) const STEERING_FIRST_BIN: usize = 5;

/// Centre frequencies of the twelve gammatone channels of CIS, Hz.
const GAMMATONE_HZ: [f64; 12] =
    [120.0, 235.0, 384.0, 579.0, 836.0, 1175.0, 1624.0, 2222.0, 3019.0, 4084.0, 5507.0, 7410.0];

/// Edges of a single gammatone channel, Hz.
const GAMMATONE_RANGE_HZ: (f64, f64) = (70.0, 8500.0);
/// Range of the channels of fine structure, Hz.
const FINE_RANGE_HZ: (f64, f64) = (100.0, 8500.0);

/// Bins of each of ACE's channels, 1 to 22, low to high.
///
/// Counts that are not published are derived from the next greater one that is: its edges, counted in bins and
/// taken as a function of the channel's place, are read at the places of the fewer channels and rounded; what
/// comes out is sorted, so that no band is narrower than one below it.
pub(super) fn ace_bins(channels: usize) -> Vec<usize> {
    bins(&ACE_BINS, channels)
}

/// Bins of each of current steering's channels, 1 to 15, as [`ace_bins`].
pub(super) fn steering_bins(channels: usize) -> Vec<usize> {
    bins(&STEERING_BINS, channels)
}

fn bins(tables: &[&[usize]], channels: usize) -> Vec<usize> {
    // The tables' counts fall; the last that is not too few is the nearest.
    let table = tables.iter().rev().find(|table| table.len() >= channels).unwrap_or(&tables[0]);
    if table.len() == channels {
        return table.to_vec();
    }
    let edge = |channel: usize| {
        let place = channel as f64 * table.len() as f64 / channels as f64;
        let whole = (place as usize).min(table.len() - 1);
        let below: usize = table[..whole].iter().sum();
        (below as f64 + (place - whole as f64) * table[whole] as f64).round() as usize
    };
    let mut widths: Vec<usize> = (0..channels).map(|channel| edge(channel + 1) - edge(channel)).collect();
    widths.sort_unstable();
    widths
}

/// Centre frequencies of `channels` gammatone channels, 1 to 12, Hz: those of twelve where there are twelve, otherwise
/// read at even places among them on a logarithmic scale.
pub(super) fn gammatone_centres_hz(channels: usize) -> Vec<f64> {
    let last = (GAMMATONE_HZ.len() - 1) as f64;
    (0..channels)
        .map(|channel| {
            let place = if channels == 1 { 0.5 * last } else { last * channel as f64 / (channels - 1) as f64 };
            let below = (place as usize).min(GAMMATONE_HZ.len() - 2);
            let part = place - below as f64;
            let (low, high) = (GAMMATONE_HZ[below], GAMMATONE_HZ[below + 1]);
            // Exactly the published ones where there are twelve.
            if part == 0.0 { low } else { low * libm::pow(high / low, part) }
        })
        .collect()
}

/// Lower edge, centre and upper edge of bands around `centres_hz` (at least one), Hz: edges half-way between centres on a
/// logarithmic scale, and of the outermost bands as far from the centre on one side as on the other.
pub(super) fn edges_around_hz(centres_hz: &[f64]) -> Vec<(f64, f64, f64)> {
    let between: Vec<f64> = centres_hz.windows(2).map(|pair| libm::sqrt(pair[0] * pair[1])).collect();
    (0..centres_hz.len())
        .map(|band| {
            let centre = centres_hz[band];
            let low = band.checked_sub(1).map(|below| between[below]);
            let high = between.get(band).copied();
            match (low, high) {
                (Some(low), Some(high)) => (low, centre, high),
                (None, Some(high)) => (2.0 * centre - high, centre, high),
                (Some(low), None) => (low, centre, 2.0 * centre - low),
                // A single channel takes the whole range that twelve have.
                (None, None) => (GAMMATONE_RANGE_HZ.0, centre, GAMMATONE_RANGE_HZ.1),
            }
        })
        .collect()
}

/// Lower edge, centre and upper edge of `channels` bands from 100 to 8500 Hz, equally wide in equivalent rectangular
/// bandwidths, Hz: this project's choice for fine structure.
pub(super) fn even_bands_hz(channels: usize) -> Vec<(f64, f64, f64)> {
    let (low, high) = (erb::number(FINE_RANGE_HZ.0), erb::number(FINE_RANGE_HZ.1));
    let edge = |i: usize| erb::frequency_hz(low + (high - low) * i as f64 / channels as f64);
    (0..channels).map(|i| (edge(i), 0.5 * (edge(i) + edge(i + 1)), edge(i + 1))).collect()
}

/// `count` of `electrodes` (base to apex) at places as even as there are, first and last included; one is the middle.
pub(super) fn spread_over(electrodes: &[u8], count: usize) -> Vec<u8> {
    let last = electrodes.len() - 1;
    if count == 1 {
        return vec![electrodes[last / 2]];
    }
    (0..count).map(|i| electrodes[(2 * i * last + (count - 1)) / (2 * (count - 1))]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_all_taken_once() {
        for channels in 1..=22 {
            let widths = ace_bins(channels);
            assert_eq!((widths.len(), widths.iter().sum::<usize>()), (channels, 62), "{widths:?}");
            assert!(widths.iter().all(|width| *width > 0) && widths.is_sorted(), "{widths:?}");
        }
        for channels in 1..=15 {
            let widths = steering_bins(channels);
            assert_eq!((widths.len(), widths.iter().sum::<usize>()), (channels, 114), "{widths:?}");
            assert!(widths.iter().all(|width| *width > 0), "{widths:?}");
        }
    }

    #[test]
    fn edges_of_22_channels_are_the_published_ones() {
        // At 16 kHz, Hz: half a bin below the first bin of each channel, and above the last.
        let published = [
            188, 313, 438, 563, 688, 813, 938, 1063, 1188, 1313, 1563, 1813, 2063, 2313, 2688, 3063, 3563, 4063, 4688,
            5313, 6063, 6938, 7938,
        ];
        let mut bin = ACE_FIRST_BIN;
        for (edge, width) in published.iter().zip(ace_bins(22).iter().chain([&0])) {
            assert_eq!(((bin as f64 - 0.5) * 125.0).round() as i32, *edge);
            bin += width;
        }
    }

    #[test]
    fn electrodes_are_spread_evenly() {
        let all: Vec<u8> = (1..=22).collect();
        assert_eq!(spread_over(&all, 22), all);
        assert_eq!(spread_over(&all, 4), [1, 8, 15, 22]);
        assert_eq!(spread_over(&[3, 4, 9], 2), [3, 9]);
        assert_eq!(spread_over(&[3, 4, 9], 1), [4]);
    }
}
