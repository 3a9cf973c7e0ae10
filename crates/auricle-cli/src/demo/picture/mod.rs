//! The film's picture: every frame is a pure function of its number.

pub(crate) mod canvas;
pub(crate) mod cards;
mod face;
pub(crate) mod font;
mod hands;
mod motion;
pub(crate) mod overlay;
mod players;
mod room;
mod stage;

use canvas::Canvas;
use motion::Motion;
use overlay::Strip;

use super::plan::{self, FPS, HEIGHT, Scene, WIDTH};
use super::score::Score;
use super::sound::dsp::Stereo;

/// Draws what does not move in a scene.
type Backdrop = fn(&mut Canvas);

/// Everything that frames share.
pub(crate) struct Painter {
    motion: Motion,
    crowd: stage::Crowd,
    strip: Strip,
    backdrops: Vec<(Scene, Canvas)>,
}

impl Painter {
    /// Draws what does not move, and measures the film's sound and what is heard of it; `None` only if no surface of the film's size can be had.
    pub(crate) fn new(score: &Score, mix: &Stereo, heard: &Stereo, seed: u64) -> Option<Self> {
        let scenes: [(Scene, Backdrop); 8] = [
            (Scene::Title, cards::backdrop),
            (Scene::End, cards::backdrop),
            (Scene::Stage, stage::backdrop),
            (Scene::Face, face::stage_backdrop),
            (Scene::Listening, face::room_backdrop),
            (Scene::Hands, hands::backdrop),
            (Scene::Room, room::backdrop),
            (Scene::Specialist, room::near_backdrop),
        ];
        let mut backdrops = Vec::new();
        for (scene, paint) in scenes {
            let mut canvas = Canvas::new(WIDTH, HEIGHT)?;
            paint(&mut canvas);
            backdrops.push((scene, canvas));
        }
        Some(Self {
            motion: Motion::new(score),
            crowd: stage::Crowd::new(seed),
            strip: Strip::new(mix, heard),
            backdrops,
        })
    }

    /// Draws a frame over whatever the canvas holds.
    pub(crate) fn frame(&self, number: u32, canvas: &mut Canvas) {
        let at_secs = f64::from(number) / f64::from(FPS);
        let (scene, _) = plan::shot(at_secs);
        if let Some((_, backdrop)) = self.backdrops.iter().find(|b| b.0 == scene) {
            canvas.copy_from(backdrop);
        }
        match scene {
            Scene::Title => return cards::title(canvas, at_secs),
            Scene::End => return cards::end(canvas, at_secs),
            Scene::Stage => stage::draw(canvas, at_secs, &self.motion, &self.crowd),
            Scene::Face => face::draw(canvas, at_secs, face::Light::Stage, self.strip.lost_for_secs(at_secs)),
            Scene::Listening => face::draw(canvas, at_secs, face::Light::Room, None),
            Scene::Hands => hands::draw(canvas, at_secs, &self.motion),
            Scene::Room => room::draw(canvas, at_secs),
            Scene::Specialist => room::draw_near(canvas, at_secs),
        }
        overlay::banner(canvas, at_secs, scene.name());
        overlay::caption(canvas, at_secs);
        self.strip.draw(canvas, at_secs);
    }
}
