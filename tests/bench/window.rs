//! A window without a rasteriser: its frames are drawn, tessellated and timed.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, RawInput, Rect, Vec2};
use parcelight::ui::{LaunchOptions, app::Window};

/// One frame at 60 Hz.
const FRAME: Duration = Duration::from_micros(16_667);
/// Size of the window, logical pixels.
const SIZE: Vec2 = Vec2::new(1600.0, 1000.0);

/// A window and the time since its start.
pub struct Driver {
    ctx: egui::Context,
    /// The window.
    pub window: Window,
    /// When it was made.
    pub start: Instant,
    /// Meshes of the last frame.
    pub meshes: usize,
}

impl Driver {
    /// Opens a project.
    pub fn new(project: &Path, home: &Path) -> Self {
        let start = Instant::now();
        let ctx = egui::Context::default();
        let options =
            LaunchOptions { project: Some(project.to_owned()), home: Some(home.to_owned()), ..LaunchOptions::default() };
        let window = Window::new(&ctx, options);
        Self { ctx, window, start, meshes: 0 }
    }

    /// Draws one frame and tells how long the window's own part took.
    pub fn frame(&mut self, events: Vec<Event>) -> Duration {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, SIZE)),
            time: Some(self.start.elapsed().as_secs_f64()),
            events,
            focused: true,
            ..RawInput::default()
        };
        let started = Instant::now();
        let window = &mut self.window;
        let mut output = self.ctx.run_ui(input, |ui| window.frame_ui(ui));
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = started.elapsed();
        // Here a painter would upload; egui insists that nobody forgets them.
        output.textures_delta.clear();
        self.meshes = meshes.len();
        took
    }

    /// Draws one frame and waits for the next one's time.
    pub fn paced(&mut self, events: Vec<Event>) -> Duration {
        let took = self.frame(events);
        std::thread::sleep(FRAME.saturating_sub(took));
        took
    }

    /// Presses and releases a key within a frame.
    pub fn press(&mut self, key: Key) -> Duration {
        let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
        self.frame(vec![event(true), event(false)])
    }
}
