//! A window in a test: its own user folder, its own copy of the sample.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, OutputCommand};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use parcelight::project::Project;
use parcelight::store::session::{self, Preferences, Recent, ThemeChoice};
use parcelight::ui::actions::Action;
use parcelight::ui::{LaunchOptions, Window};

/// Modifiers of shortcuts.
pub mod key {
    /// Ctrl as a Linux keyboard sends it.
    pub const COMMAND: egui::Modifiers = egui::Modifiers { alt: false, ctrl: true, shift: false, mac_cmd: false, command: true };
}

/// The window under test. Its folder lives as long as it does.
pub struct Driver {
    harness: Harness<'static, Window>,
    home: tempfile::TempDir,
    project: Option<PathBuf>,
    copied: Option<[usize; 2]>,
}

impl Deref for Driver {
    type Target = Harness<'static, Window>;

    fn deref(&self) -> &Self::Target {
        &self.harness
    }
}

impl DerefMut for Driver {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.harness
    }
}

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    let preferences = Preferences { theme: ThemeChoice::Light, language: Some("en-GB".to_owned()), ..Preferences::default() };
    session::save_preferences(home.path(), &preferences).expect("written");
    home
}

impl Driver {
    /// The start page, with actions by name done at once.
    pub fn start(actions: &[&str]) -> Self {
        Self::launch(home(), None, actions, [1600.0, 1000.0])
    }

    /// The start page in a window of a size.
    pub fn start_sized(size: [f32; 2]) -> Self {
        Self::launch(home(), None, &[], size)
    }

    /// The start page of somebody who had a project open.
    pub fn with_recent(path: &str) -> Self {
        let home = home();
        let recent = Recent {
            path: path.into(),
            name: "moved".to_owned(),
            parcels: 1,
            acquisitions: 2,
            opened: jiff::Timestamp::UNIX_EPOCH,
        };
        session::remember(home.path(), recent).expect("written");
        Self::launch(home, None, &[], [1600.0, 1000.0])
    }

    /// The sample, loaded.
    pub fn with_sample(actions: &[&str]) -> Self {
        Self::loaded(actions, [1600.0, 1000.0])
    }

    /// A project, not waited for.
    pub fn with_project(project: PathBuf) -> Self {
        Self::launch(home(), Some(project), &[], [1600.0, 1000.0])
    }

    /// The sample, loaded, in a window of a size.
    pub fn with_sample_sized(size: [f32; 2]) -> Self {
        Self::loaded(&[], size)
    }

    fn loaded(actions: &[&str], size: [f32; 2]) -> Self {
        let home = home();
        let project = parcelight::project::sample::write(&home.path().join("data")).expect("the sample is written");
        let mut driver = Self::launch(home, Some(project), actions, size);
        driver.wait("the sample is loaded", |window| window.project().and_then(Project::data).is_some());
        driver
            .wait("a date is chosen", |window| window.project().is_some_and(|project| project.selection().acquisition.is_some()));
        if !actions.is_empty() {
            driver.wait("the actions are done", Window::dialog_open);
        }
        driver
    }

    fn launch(home: tempfile::TempDir, project: Option<PathBuf>, actions: &[&str], size: [f32; 2]) -> Self {
        let options = LaunchOptions {
            project: project.clone(),
            actions: actions.iter().map(|name| Action::from_name(name).expect("a name of an action")).collect(),
            home: Some(home.path().to_path_buf()),
            ..LaunchOptions::default()
        };
        let harness = Harness::builder()
            .with_size(size)
            .with_max_steps(200)
            .build_eframe(|creation| Window::new(&creation.egui_ctx, options));
        Self { harness, home, project, copied: None }
    }

    /// The same project in a new process, as far as files go: nothing is told to the old window.
    pub fn killed(self) -> Self {
        let Self { harness, home, project, .. } = self;
        // A killed process runs no destructors.
        std::mem::forget(harness);
        Self::launch(home, project, &[], [1600.0, 1000.0])
    }

    /// One frame, remembering what went to the clipboard.
    pub fn frame(&mut self) {
        self.harness.step();
        for command in &self.harness.output().platform_output.commands {
            if let OutputCommand::CopyImage(image) = command {
                self.copied = Some(image.size);
            }
        }
    }

    /// Some frames, until layout and focus have settled.
    pub fn settle(&mut self) {
        for _ in 0..4 {
            self.frame();
        }
    }

    /// Frames until something is the case.
    pub fn wait(&mut self, what: &str, done: impl Fn(&Window) -> bool) {
        let start = Instant::now();
        while !done(self.harness.state()) {
            assert!(start.elapsed() < Duration::from_secs(90), "not within 90 s: {what}");
            self.frame();
            std::thread::sleep(Duration::from_millis(5));
        }
        self.settle();
    }

    /// Frames until a label appears.
    pub fn wait_label(&mut self, label: &str) {
        let start = Instant::now();
        while self.harness.query_all_by_label(label).next().is_none() {
            assert!(start.elapsed() < Duration::from_secs(90), "not within 90 s: {label}");
            self.frame();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Frames until a label with this part appears.
    pub fn wait_part(&mut self, part: &str) {
        let start = Instant::now();
        while self.harness.query_all_by_label_contains(part).next().is_none() {
            assert!(start.elapsed() < Duration::from_secs(90), "not within 90 s: {part}");
            self.frame();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Frames until a picture is in the clipboard; its size.
    pub fn wait_copied(&mut self) -> [usize; 2] {
        let start = Instant::now();
        while self.copied.is_none() {
            assert!(start.elapsed() < Duration::from_secs(90), "nothing was copied within 90 s");
            self.frame();
            std::thread::sleep(Duration::from_millis(5));
        }
        self.copied.take().expect("just seen")
    }

    /// The open project.
    pub fn open(&self) -> &Project {
        self.harness.state().project().expect("a project is open")
    }

    /// Presses and releases a key.
    pub fn press(&mut self, key: Key) {
        self.press_with(Modifiers::NONE, key);
    }

    /// Presses and releases a key with modifiers.
    pub fn press_with(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Ctrl+C as the window system reports it.
    pub fn copy(&mut self) {
        self.harness.event(Event::Copy);
        self.frame();
    }

    /// Text from the keyboard into whatever has the focus.
    pub fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.settle();
    }

    /// A letter as a keyboard sends it: the key and its text.
    pub fn type_letter(&mut self, key: Key, text: &str) {
        self.harness.key_down(key);
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.key_up(key);
        self.settle();
    }

    /// Clicks the only widget of a name.
    pub fn click(&mut self, label: &str) {
        let start = Instant::now();
        while self.harness.query_all_by_label(label).next().is_none() && start.elapsed() < Duration::from_secs(10) {
            self.frame();
        }
        let node = self.harness.query_all_by_label(label).last();
        node.unwrap_or_else(|| panic!("nothing is called {label}")).click();
        self.settle();
    }

    /// Types into the field of a name and leaves it.
    pub fn enter(&mut self, label: &str, text: &str) {
        let find = |harness: &Harness<'static, Window>| {
            harness.get_by_role_and_label(egui::accesskit::Role::TextInput, label).focus();
        };
        find(&self.harness);
        self.settle();
        self.harness.key_press_modifiers(key::COMMAND, Key::A);
        self.settle();
        self.type_text(text);
        self.press(Key::Enter);
    }

    /// Does an action as a script would.
    pub fn act(&mut self, action: Action) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().perform(&ctx, action);
        self.settle();
    }

    /// Drops files and folders onto the window, as a file manager does.
    pub fn drop_paths(&mut self, paths: &[&Path]) {
        let handle = |path: &&Path| -> egui::DroppedFileHandle { Arc::new(Dropped(path.to_path_buf())) };
        self.harness.input_mut().dropped_files = paths.iter().map(handle).collect();
        self.frame();
        self.harness.input_mut().dropped_files.clear();
    }

    /// A copy of the sample's own folder.
    pub fn sample_folder(&self) -> PathBuf {
        let project = parcelight::project::sample::write(&self.home.path().join("data")).expect("the sample is written");
        project.parent().map(Path::to_path_buf).expect("a folder")
    }
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}
