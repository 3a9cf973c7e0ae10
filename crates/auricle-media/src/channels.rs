//! Layouts as files name them: WAVE speaker masks and ffmpeg's layout names.

use auricle::layout::{Channel, Layout};

/// Speaker positions in the order of the bits of a WAVE mask (`dwChannelMask`, Microsoft's
/// "Multiple Channel Audio Data and WAVE Files"); with the name ffmpeg gives each.
const SPEAKERS: [(u32, &str, Channel); 8] = [
    (0x1, "FL", Channel::FrontLeft),
    (0x2, "FR", Channel::FrontRight),
    (0x4, "FC", Channel::FrontCentre),
    (0x8, "LFE", Channel::Lfe),
    (0x10, "BL", Channel::BackLeft),
    (0x20, "BR", Channel::BackRight),
    (0x200, "SL", Channel::SideLeft),
    (0x400, "SR", Channel::SideRight),
];

/// The named layouts of ffmpeg whose channels all have a place in a [`Channel`], as WAVE masks.
const NAMED: [(&str, u32); 15] = [
    ("mono", 0x4),
    ("stereo", 0x3),
    ("2.1", 0xB),
    ("3.0", 0x7),
    ("3.1", 0xF),
    ("quad", 0x33),
    ("quad(side)", 0x603),
    ("5.0", 0x37),
    ("5.0(side)", 0x607),
    ("5.1", 0x3F),
    ("5.1(side)", 0x60F),
    ("7.0", 0x637),
    ("7.1", 0x63F),
    ("downmix", 0x3),
    ("1 channels", 0x4),
];

/// What a sound may have: said at the end of each error about a layout.
pub(crate) const SUPPORTED: &str = "mono, stereo, 5.1 or 7.1 (and 2.1, 3.0, 3.1, quad, 5.0, 7.0); \
     convert it first, for example: ffmpeg -i IN -c:v copy -ac 2 OUT";

/// The layout of a WAVE mask; `None` where the mask's speakers have no place here.
///
/// A single channel is [`Channel::Mono`] whichever speaker it names.
pub(crate) fn from_mask(mask: u32) -> Option<Layout> {
    if mask.count_ones() == 1 {
        return Some(Layout::mono());
    }
    let channels: Vec<_> = SPEAKERS.iter().filter(|s| mask & s.0 != 0).map(|s| s.2).collect();
    (channels.len() == mask.count_ones() as usize && !channels.is_empty()).then_some(Layout(channels))
}

/// The WAVE mask of a layout; `None` where its channels are not in the order of the mask's bits.
pub(crate) fn to_mask(layout: &Layout) -> Option<u32> {
    if layout.0 == [Channel::Mono] {
        return Some(0x4);
    }
    let mut mask = 0;
    for channel in &layout.0 {
        let bit = SPEAKERS.iter().find(|s| s.2 == *channel)?.0;
        if bit <= mask {
            return None;
        }
        mask |= bit;
    }
    Some(mask)
}

/// The layout that a number of channels means where a file says no more: mono, stereo, 5.1 in SMPTE
/// order with its surrounds at the sides, 7.1 in WAVE order.
pub(crate) fn from_count(channels: usize) -> Option<Layout> {
    match channels {
        1 => Some(Layout::mono()),
        2 => Some(Layout::stereo()),
        6 => Some(Layout::surround_5_1()),
        8 => Some(Layout::surround_7_1()),
        _ => None,
    }
}

/// The layout of one of ffmpeg's names ("5.1(side)", "FL+FR+LFE", "6 channels").
pub(crate) fn from_name(name: &str) -> Option<Layout> {
    if let Some((_, mask)) = NAMED.iter().find(|n| n.0 == name) {
        return from_mask(*mask);
    }
    if let Some(count) = name.strip_suffix(" channels") {
        return from_count(count.parse().ok()?);
    }
    // "3 channels (FL+FR+LFE)" or the list alone: masks order them, so a list out of order has none.
    let list = name.split_once('(').map_or(name, |(_, rest)| rest.trim_end_matches(')'));
    let mut channels = Vec::new();
    for part in list.split('+') {
        channels.push(SPEAKERS.iter().find(|s| s.1 == part)?.2);
    }
    Some(if channels.len() == 1 { Layout::mono() } else { Layout(channels) })
}

/// The name ffmpeg gives a layout.
pub(crate) fn to_name(layout: &Layout) -> String {
    let mask = to_mask(layout);
    if let Some((name, _)) = NAMED.iter().find(|n| Some(n.1) == mask) {
        return (*name).to_owned();
    }
    let names = layout.0.iter().filter_map(|c| SPEAKERS.iter().find(|s| s.2 == *c).map(|s| s.1));
    names.collect::<Vec<_>>().join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_layout_survives_mask_and_name() {
        for (name, mask) in NAMED.iter().take(13) {
            let layout = from_name(name).unwrap();
            assert_eq!(to_mask(&layout), Some(*mask), "{name}");
            assert_eq!(to_name(&layout), *name);
            assert_eq!(from_mask(*mask).unwrap(), layout);
        }
    }

    #[test]
    fn the_model_layouts_have_the_standard_masks() {
        assert_eq!(to_mask(&Layout::surround_5_1()), Some(0x60F));
        assert_eq!(to_mask(&Layout::surround_7_1()), Some(0x63F));
    }

    #[test]
    fn speakers_without_a_place_are_refused() {
        assert_eq!(from_mask(0x3 | 0x100), None); // back centre
        assert_eq!(from_name("4.0"), None);
        assert_eq!(from_name("hexadecagonal"), None);
        assert_eq!(from_name("FL+FR+LFE").map(|l| l.channels()), Some(3));
    }
}
