//! A surface to draw on in pixels of a 1280 x 720 picture, and the film's few colours.

use tiny_skia::{
    BlendMode, Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder, Pixmap,
    Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// An sRGB colour as 0xRRGGBB.
pub(crate) type Rgb = u32;

/// The colour of *outside*, everywhere.
pub(crate) const AMBER: Rgb = 0xF6_A93B;
/// The colour of *inside*, everywhere.
pub(crate) const TEAL: Rgb = 0x38_D0C6;
/// Night.
pub(crate) const INK: Rgb = 0x12_0F1B;
/// The dark of figures and furniture.
pub(crate) const PLUM: Rgb = 0x22_1934;
/// The mid tone of the stage.
pub(crate) const VIOLET: Rgb = 0x40_2E63;
/// The light tone of the stage.
pub(crate) const MAUVE: Rgb = 0x7C_5AA0;
/// Paper, teeth, shirts, letters.
pub(crate) const CREAM: Rgb = 0xF7_EFE1;
/// The drummer's headband, and alarm.
pub(crate) const RED: Rgb = 0xE0_523F;

/// What to draw with.
#[derive(Debug, Clone)]
pub(crate) struct Ink {
    shader: Shader<'static>,
    blend: BlendMode,
}

fn color(rgb: Rgb, alpha: f32) -> Color {
    let [_, r, g, b] = rgb.to_be_bytes();
    let mut color = Color::from_rgba8(r, g, b, 255);
    color.set_alpha(alpha.clamp(0.0, 1.0));
    color
}

impl Ink {
    /// One opaque colour.
    pub(crate) fn of(rgb: Rgb) -> Self {
        Self::clear(rgb, 1.0)
    }

    /// One colour, partly transparent.
    pub(crate) fn clear(rgb: Rgb, alpha: f32) -> Self {
        Self { shader: Shader::SolidColor(color(rgb, alpha)), blend: BlendMode::SourceOver }
    }

    /// From one colour and transparency to another, along a line.
    pub(crate) fn fade(from: (f32, f32), to: (f32, f32), first: (Rgb, f32), last: (Rgb, f32)) -> Self {
        let stops =
            vec![GradientStop::new(0.0, color(first.0, first.1)), GradientStop::new(1.0, color(last.0, last.1))];
        let shader = LinearGradient::new(
            Point::from_xy(from.0, from.1),
            Point::from_xy(to.0, to.1),
            stops,
            SpreadMode::Pad,
            Transform::identity(),
        );
        Self { shader: shader.unwrap_or(Shader::SolidColor(color(first.0, first.1))), blend: BlendMode::SourceOver }
    }

    /// From a centre outwards.
    pub(crate) fn glow(centre: (f32, f32), radius: f32, first: (Rgb, f32), last: (Rgb, f32)) -> Self {
        let stops =
            vec![GradientStop::new(0.0, color(first.0, first.1)), GradientStop::new(1.0, color(last.0, last.1))];
        let centre = Point::from_xy(centre.0, centre.1);
        let shader =
            RadialGradient::new(centre, 0.0, centre, radius.max(1.0), stops, SpreadMode::Pad, Transform::identity());
        Self { shader: shader.unwrap_or(Shader::SolidColor(color(last.0, last.1))), blend: BlendMode::SourceOver }
    }

    /// Adds light instead of covering.
    pub(crate) fn light(mut self) -> Self {
        self.blend = BlendMode::Plus;
        self
    }
}

/// The surface.
pub(crate) struct Canvas {
    /// RGBA pixels, premultiplied.
    pub(crate) pixmap: Pixmap,
    /// Where drawing goes: moved and turned by the scenes.
    pub(crate) at: Transform,
}

impl Canvas {
    /// A transparent surface; `None` only for impossible sizes.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        Some(Self { pixmap: Pixmap::new(width, height)?, at: Transform::identity() })
    }

    /// Fills a path.
    pub(crate) fn fill(&mut self, path: &Path, ink: &Ink) {
        let paint = Paint { shader: ink.shader.clone(), blend_mode: ink.blend, ..Paint::default() };
        self.pixmap.fill_path(path, &paint, FillRule::Winding, self.at, None);
    }

    /// Draws along a path with round ends.
    pub(crate) fn stroke(&mut self, path: &Path, width: f32, ink: &Ink) {
        let paint = Paint { shader: ink.shader.clone(), blend_mode: ink.blend, ..Paint::default() };
        let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixmap.stroke_path(path, &paint, &stroke, self.at, None);
    }

    /// Fills a shape written as in [`shape`].
    pub(crate) fn draw(&mut self, words: &str, ink: &Ink) {
        if let Some(path) = shape(words) {
            self.fill(&path, ink);
        }
    }

    /// Draws along a shape written as in [`shape`].
    pub(crate) fn trace(&mut self, words: &str, width: f32, ink: &Ink) {
        if let Some(path) = shape(words) {
            self.stroke(&path, width, ink);
        }
    }

    /// Fills a polygon.
    pub(crate) fn poly(&mut self, points: &[(f32, f32)], ink: &Ink) {
        let mut path = PathBuilder::new();
        for (i, p) in points.iter().enumerate() {
            if i == 0 { path.move_to(p.0, p.1) } else { path.line_to(p.0, p.1) }
        }
        path.close();
        if let Some(path) = path.finish() {
            self.fill(&path, ink);
        }
    }

    /// Draws a line through points.
    pub(crate) fn line(&mut self, points: &[(f32, f32)], width: f32, ink: &Ink) {
        let mut path = PathBuilder::new();
        for (i, p) in points.iter().enumerate() {
            if i == 0 { path.move_to(p.0, p.1) } else { path.line_to(p.0, p.1) }
        }
        if let Some(path) = path.finish() {
            self.stroke(&path, width, ink);
        }
    }

    /// Fills an ellipse.
    pub(crate) fn oval(&mut self, centre: (f32, f32), radii: (f32, f32), ink: &Ink) {
        let rect = Rect::from_xywh(centre.0 - radii.0, centre.1 - radii.1, radii.0 * 2.0, radii.1 * 2.0);
        if let Some(path) = rect.and_then(PathBuilder::from_oval) {
            self.fill(&path, ink);
        }
    }

    /// Draws an ellipse's outline.
    pub(crate) fn ring(&mut self, centre: (f32, f32), radii: (f32, f32), width: f32, ink: &Ink) {
        let rect = Rect::from_xywh(centre.0 - radii.0, centre.1 - radii.1, radii.0 * 2.0, radii.1 * 2.0);
        if let Some(path) = rect.and_then(PathBuilder::from_oval) {
            self.stroke(&path, width, ink);
        }
    }

    /// Draws part of a circle, degrees clockwise from the right.
    pub(crate) fn arc(&mut self, centre: (f32, f32), radius: f32, degrees: (f32, f32), width: f32, ink: &Ink) {
        let steps = ((degrees.1 - degrees.0).abs() / 6.0).ceil().max(1.0) as usize;
        let points: Vec<(f32, f32)> = (0..=steps)
            .map(|i| {
                let a = (degrees.0 + (degrees.1 - degrees.0) * i as f32 / steps as f32).to_radians();
                (centre.0 + radius * a.cos(), centre.1 + radius * a.sin())
            })
            .collect();
        self.line(&points, width, ink);
    }

    /// Fills a rectangle with corners of this radius: `(left, top, width, height)`.
    pub(crate) fn rect(&mut self, (x, y, w, h): (f32, f32, f32, f32), radius: f32, ink: &Ink) {
        if let Some(path) = rounded((x, y, w, h), radius) {
            self.fill(&path, ink);
        }
    }

    /// Draws a rectangle's outline.
    pub(crate) fn frame(&mut self, (x, y, w, h): (f32, f32, f32, f32), radius: f32, width: f32, ink: &Ink) {
        if let Some(path) = rounded((x, y, w, h), radius) {
            self.stroke(&path, width, ink);
        }
    }

    /// Covers everything with another surface of the same size.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.pixmap.data_mut().copy_from_slice(other.pixmap.data());
    }

    /// Draws with everything inside `paint` moved, turned (degrees) and scaled about `pivot`.
    pub(crate) fn with(
        &mut self,
        (dx, dy): (f32, f32),
        degrees: f32,
        scale: f32,
        pivot: (f32, f32),
        paint: impl FnOnce(&mut Self),
    ) {
        let before = self.at;
        self.at = before
            .pre_translate(dx + pivot.0, dy + pivot.1)
            .pre_rotate(degrees)
            .pre_scale(scale, scale)
            .pre_translate(-pivot.0, -pivot.1);
        paint(self);
        self.at = before;
    }
}

fn rounded((x, y, w, h): (f32, f32, f32, f32), r: f32) -> Option<Path> {
    let r = r.min(w / 2.0).min(h / 2.0);
    if r < 0.5 {
        return Some(PathBuilder::from_rect(Rect::from_xywh(x, y, w, h)?));
    }
    shape(&format!(
        "M{} {y}L{} {y}H{} {}L{} {}V{} {}L{} {}H{x} {}L{x} {}V{} {y}Z",
        x + r,
        x + w - r,
        x + w,
        y + r,
        x + w,
        y + h - r,
        x + w - r,
        y + h,
        x + r,
        y + h,
        y + h - r,
        y + r,
        x + r,
    ))
}

/// Reads a path of absolute commands: `M x y`, `L x y`, `Q x1 y1 x y`, `C x1 y1 x2 y2 x y`, `Z`, and
/// quarter ellipses to `x y` that leave horizontally (`H`) or vertically (`V`).
pub(crate) fn shape(words: &str) -> Option<Path> {
    // Bezier handle of a quarter circle.
    const K: f32 = 0.552_284_8;
    let mut path = PathBuilder::new();
    let mut at = (0f32, 0f32);
    let mut rest = words.trim();
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(|c: char| c.is_ascii_uppercase()).map_or(rest.len(), |i| i + 1);
        let n: Vec<f32> =
            rest[1..end].split([' ', ',']).filter(|w| !w.is_empty()).filter_map(|w| w.parse().ok()).collect();
        match (command, n.as_slice()) {
            ('M', &[x, y]) => path.move_to(x, y),
            ('L', &[x, y]) => path.line_to(x, y),
            ('Q', &[a, b, x, y]) => path.quad_to(a, b, x, y),
            ('C', &[a, b, c, d, x, y]) => path.cubic_to(a, b, c, d, x, y),
            ('H', &[x, y]) => {
                path.cubic_to(at.0 + K * (x - at.0), at.1, x, y - K * (y - at.1), x, y);
            }
            ('V', &[x, y]) => {
                path.cubic_to(at.0, at.1 + K * (y - at.1), x - K * (x - at.0), y, x, y);
            }
            ('Z', &[]) => path.close(),
            _ => return None,
        }
        if let [.., x, y] = n.as_slice() {
            at = (*x, *y);
        }
        rest = &rest[end..];
    }
    path.finish()
}
