//! The connection to a server in the window: its dialog, a refused password, a server that goes away, working offline.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "shared with the tests of the whole window")]
mod driver;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use driver::Driver;
use egui_kittest::kittest::Queryable as _;
use parcelight::project::{Project, sample};
use parcelight::serve::{self, Options, Running};
use parcelight::ui::actions::Action;

/// Stands nowhere in the sources of the program, so that it can be looked for.
const PASSWORD: &str = "Zwetschgenkuchen-4711";

/// The sample on a server of its own.
struct Office {
    folder: tempfile::TempDir,
    server: Option<Running>,
}

impl Office {
    fn open(with_users: bool) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = sample::write(&folder.path().join("served")).expect("the sample can be written");
        let mut project = Project::open_at(&path, 2, Arc::new(|| {}), folder.path().join("served-home")).expect("opens");
        project.wait_loaded().expect("loads");
        let users = with_users.then(|| {
            let users = folder.path().join("users.toml");
            serve::users::add(&users, "anna", PASSWORD, &["*".to_owned()], &[7; 16]).expect("a user");
            users
        });
        let address = "127.0.0.1:0".parse().expect("an address");
        let server = serve::start(&project, &Options { address, users, ..Options::default() }).expect("serves");
        Self { folder, server: Some(server) }
    }

    fn server(&self) -> &Running {
        self.server.as_ref().expect("it serves")
    }

    /// Fills the dialog of a new project with this server.
    fn fill(&self, window: &mut Driver, user: &str, password: &str) {
        window.act(Action::Connect);
        window.wait_label("Connection to a server");
        window.enter("Address", &self.server().url());
        window.enter("Area", self.server().aoi());
        window.enter("Year", self.server().year());
        if !user.is_empty() {
            window.enter("User name", user);
            enter_password(window, password);
        }
    }

    fn create(&self, window: &mut Driver, ids: &str) {
        window.get_by_role_and_label(egui::accesskit::Role::MultilineTextInput, "Parcels").focus();
        window.settle();
        window.type_text(ids);
        window.enter("Project file", &self.folder.path().join("office").display().to_string());
        window.click("Create project");
    }
}

/// The keyring of whoever runs this test is left alone.
fn enter_password(window: &mut Driver, password: &str) {
    window.get_by_role_and_label(egui::accesskit::Role::PasswordInput, "Password").focus();
    window.settle();
    window.type_text(password);
    window.click("Keep the password in this computer’s keyring");
}

fn has(window: &Driver, label: &str) -> bool {
    window.query_all_by_label_contains(label).next().is_some()
}

fn wait_for(window: &mut Driver, words: &str) {
    let start = Instant::now();
    while !has(window, words) {
        assert!(start.elapsed() < Duration::from_secs(90), "nothing says “{words}”");
        window.frame();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Every file below a folder that holds some bytes.
fn holding(folder: &Path, words: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, words));
        } else if std::fs::read(&path).is_ok_and(|bytes| bytes.windows(words.len()).any(|part| part == words)) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn a_project_is_made_from_a_server_and_shows_its_parcels() {
    let office = Office::open(false);
    let mut window = Driver::start(&[]);
    office.fill(&mut window, "", "");
    assert!(has(&window, "Enter the id of at least one parcel."));
    window.click("Test");
    wait_for(&mut window, "The server answers. Areas: pajottenland_2019 2019.");
    wait_for(&mut window, "It is a Parcelight server");
    office.create(&mut window, "FLAPAJ013, FLAPAJ001");
    window.wait("the parcels are there", |window| window.project().and_then(Project::data).is_some());
    wait_for(&mut window, "server data of");
    let parcels = window.open().data().expect("loaded").parcels.len();
    assert_eq!(parcels, 2);
    assert!(office.folder.path().join("office.parcelight.toml").exists());
    wait_for(&mut window, "100\u{a0}% clear");
    assert!(has(&window, "cloud over the whole parcel; click to fetch the image"), "clouded images are left where they are");
}

#[test]
fn a_refused_password_is_asked_for_and_stands_nowhere_afterwards() {
    let office = Office::open(true);
    let mut window = Driver::start(&[]);
    office.fill(&mut window, "anna", "wrong");
    office.create(&mut window, "FLAPAJ013");
    wait_for(&mut window, "refuses the user name or the password; enter them again");
    window.wait("the connection is asked for", parcelight::ui::Window::dialog_open);
    window.wait_label("Connection to a server");
    enter_password(&mut window, PASSWORD);
    window.click("Connect");
    window.wait("the parcel is there", |window| window.project().and_then(Project::data).is_some());
    wait_for(&mut window, "server data of");
    window.act(Action::Save);
    window.act(Action::Log);
    assert!(!has(&window, PASSWORD), "the log does not show it");
    drop(window);
    assert_eq!(holding(office.folder.path(), PASSWORD.as_bytes()), Vec::<String>::new());
}

#[test]
fn a_server_that_goes_away_leaves_what_was_seen_and_two_ways_on() {
    let mut office = Office::open(false);
    let mut window = Driver::start(&[]);
    office.fill(&mut window, "", "");
    office.create(&mut window, "FLAPAJ013, FLAPAJ001");
    window.wait("the parcels are there", |window| window.project().and_then(Project::data).is_some());
    wait_for(&mut window, "server data of");
    wait_for(&mut window, "100\u{a0}% clear");
    window.wait("everything asked for is there", |window| {
        window.project().and_then(Project::remote_status).is_some_and(|status| status.running + status.waiting == 0)
    });
    office.server.take().expect("it serves").stop();
    window.act(Action::NextView);
    wait_for(&mut window, "Work offline");
    wait_for(&mut window, "Cannot reach");
    window.click("Work offline");
    wait_for(&mut window, "Working offline: only what is kept on this computer is shown.");
    window.act(Action::PreviousView);
    wait_for(&mut window, "100\u{a0}% clear");
    window.click("Go online");
    assert!(!has(&window, "Working offline"));
}

#[test]
fn an_area_on_the_map_brings_the_parcels_in_it() {
    let office = Office::open(false);
    let mut window = Driver::start(&[]);
    office.fill(&mut window, "", "");
    office.create(&mut window, "FLAPAJ013");
    window.wait("the parcel is there", |window| window.project().and_then(Project::data).is_some());
    window.act(Action::Map);
    wait_for(&mut window, "server data of");
    let map = || egui::pos2(700.0, 400.0);
    let click = |window: &mut Driver, at: egui::Pos2, button| {
        window.event(egui::Event::PointerMoved(at));
        window.settle();
        for pressed in [true, false] {
            window.event(egui::Event::PointerButton { pos: at, button, pressed, modifiers: egui::Modifiers::NONE });
            // A longer press is no click.
            window.frame();
        }
        // Apart from the next one, so that two clicks are no double-click.
        for _ in 0..30 {
            window.frame();
        }
    };
    click(&mut window, map(), egui::PointerButton::Secondary);
    window.click("Draw an area for parcels of the server");
    for (x, y) in [(360.0, 150.0), (1100.0, 150.0), (1100.0, 560.0), (360.0, 560.0)] {
        click(&mut window, egui::pos2(x, y), egui::PointerButton::Primary);
    }
    window.press(egui::Key::Enter);
    window.wait("the server has said what it has there", |window| {
        window.project().is_some_and(|project| project.log().iter().any(|line| line.text.contains("of the server were added")))
    });
    window.wait("they are there", |window| {
        window.project().is_some_and(|project| !project.growing() && project.data().is_some_and(|data| data.parcels.len() > 1))
    });
    // A second area is given up.
    click(&mut window, map(), egui::PointerButton::Secondary);
    window.click("Draw an area for parcels of the server");
    click(&mut window, egui::pos2(400.0, 200.0), egui::PointerButton::Primary);
    window.press(egui::Key::Escape);
    window.settle();
    assert!(!window.state().panes().large_map.drawing());
}
