//! Which loudspeaker each channel of a sound feeds, and which ear hears it.

use serde::Serialize;

/// The place of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The only channel of a mono sound.
    Mono,
    /// Front left.
    FrontLeft,
    /// Front right.
    FrontRight,
    /// Front centre.
    FrontCentre,
    /// Low-frequency effects.
    Lfe,
    /// Left surround (side).
    SideLeft,
    /// Right surround (side).
    SideRight,
    /// Left back.
    BackLeft,
    /// Right back.
    BackRight,
}

/// The ears a channel reaches in Auricle's convention: the left group feeds the left ear, the right
/// group the right, mono, centre and LFE both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The left ear alone.
    Left,
    /// The right ear alone.
    Right,
    /// Both ears.
    Both,
}

impl Channel {
    /// The ears this channel reaches.
    pub fn reach(self) -> Reach {
        match self {
            Self::FrontLeft | Self::SideLeft | Self::BackLeft => Reach::Left,
            Self::FrontRight | Self::SideRight | Self::BackRight => Reach::Right,
            Self::Mono | Self::FrontCentre | Self::Lfe => Reach::Both,
        }
    }

    /// Amplitude with which this channel enters an ear's signal.
    ///
    /// Fronts and mono 1, all else 1/sqrt 2 (ITU-R BS.775-3, downward mixing, with the LFE taken along).
    pub fn ear_weight(self) -> f32 {
        match self {
            Self::Mono | Self::FrontLeft | Self::FrontRight => 1.0,
            _ => std::f32::consts::FRAC_1_SQRT_2,
        }
    }
}

/// The channels of a sound, in interleaving order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout(pub Vec<Channel>);

impl Layout {
    /// One channel.
    pub fn mono() -> Self {
        Self(vec![Channel::Mono])
    }

    /// Left, right.
    pub fn stereo() -> Self {
        Self(vec![Channel::FrontLeft, Channel::FrontRight])
    }

    /// L R C LFE Ls Rs (SMPTE order), surrounds at the sides.
    pub fn surround_5_1() -> Self {
        use Channel::{FrontCentre, FrontLeft, FrontRight, Lfe, SideLeft, SideRight};
        Self(vec![FrontLeft, FrontRight, FrontCentre, Lfe, SideLeft, SideRight])
    }

    /// L R C LFE Lb Rb Ls Rs (WAVEFORMATEXTENSIBLE order).
    pub fn surround_7_1() -> Self {
        use Channel::{BackLeft, BackRight, FrontCentre, FrontLeft, FrontRight, Lfe, SideLeft, SideRight};
        Self(vec![FrontLeft, FrontRight, FrontCentre, Lfe, BackLeft, BackRight, SideLeft, SideRight])
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.0.len()
    }
}
