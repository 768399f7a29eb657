//! The project's own side of a server: settings, password, offline, growth of the catalogue.

use std::path::Path;
use std::sync::Arc;

use super::{Remote, RemoteFault, Session};
use crate::jobs::Pool;
use crate::model::Catalog;
use crate::model::project_file::RemoteSource;
use crate::project::load::{Beside, Loaded, relative, resolve};
use crate::project::open::{Dataset, Project};
use crate::project::query::Fetch;
use crate::remote::{Secret, Status};

/// The server of a project, as long as it is the same one.
#[derive(Default)]
pub(in crate::project) struct Connection {
    session: Option<Arc<Session>>,
    /// Given by the user in this sitting; otherwise that of the keyring is taken.
    password: Option<Secret>,
    /// Threads that wait for the server.
    pub(in crate::project) network: Option<Arc<Pool>>,
    /// Acquisitions of the images beside it.
    pub(in crate::project) images: Option<Arc<Catalog>>,
}

impl Connection {
    /// Takes the password that the user entered.
    pub(in crate::project) fn set_password(&mut self, password: Option<Secret>) {
        self.password = password;
    }

    pub(in crate::project) fn session(&self) -> Option<Arc<Session>> {
        self.session.clone()
    }
}

impl Project {
    /// The session for the project's server, a new one when it is another server; none without a server.
    pub(in crate::project) fn connect(&mut self) -> Result<Option<Arc<Session>>, RemoteFault> {
        let Some(source) = self.file.remote.clone() else {
            let password = self.connection.password.take();
            self.connection = Connection { password, ..Connection::default() };
            return Ok(None);
        };
        let same = self.connection.session.as_ref().filter(|session| session.serves(&source, &self.file.radiometry));
        let session = match same {
            Some(session) => Arc::clone(session),
            None => Arc::new(Session::open(&self.path, &source, &self.file.radiometry, self.connection.password.clone())?),
        };
        session.set_offline(source.offline);
        self.connection.session = Some(Arc::clone(&session));
        // Some wait for batches while others take in chips; all share the server's limit.
        self.connection.network.get_or_insert_with(|| Arc::new(Pool::newest_first(source.connections.clamp(1, 16) + 2)));
        Ok(Some(session))
    }

    /// How the server is doing; `None` without one.
    pub fn remote_status(&self) -> Option<Status> {
        self.connection.session.as_ref().map(|session| session.status())
    }

    /// Host and port of the server.
    pub fn remote_host(&self) -> Option<&str> {
        self.connection.session.as_ref().map(|session| session.client.host())
    }

    /// Names the server of this project, or another one, and asks it.
    pub(in crate::project) fn set_remote(&mut self, mut source: RemoteSource, password: Option<Secret>) {
        let base = self.path.parent().unwrap_or(Path::new("")).to_owned();
        for certificate in &mut source.certificates {
            *certificate = relative(&base, &resolve(&self.path, certificate));
        }
        if password.is_some() {
            self.connection.password = password;
            self.connection.session = None;
        }
        self.file.remote = Some(source);
        if self.data().is_none() {
            self.dataset = Fetch::Pending;
        }
        self.start_loading();
    }

    /// Works from what is kept, or asks the server again.
    pub(in crate::project) fn work_offline(&mut self, offline: bool) {
        let Some(source) = &mut self.file.remote else { return };
        source.offline = offline;
        if let Some(session) = &self.connection.session {
            session.set_offline(offline);
        }
        self.cache.retry_failed();
        if self.data().is_none() {
            self.start_loading();
        }
    }

    /// Adds parcels of the server to the project; those that are there already stay where they are.
    /// Gives the number of those added.
    pub(in crate::project) fn add_remote_parcels(&mut self, ids: Vec<String>) -> usize {
        let Some(source) = &mut self.file.remote else { return 0 };
        let before = source.parcel_ids.len();
        for id in ids {
            if !source.parcel_ids.contains(&id) {
                source.parcel_ids.push(id);
            }
        }
        let new = source.parcel_ids.len() - before;
        if new > 0 {
            self.start_loading();
        }
        new
    }

    /// When the server told of what is shown of a parcel.
    pub fn remote_told(&self, parcel: crate::model::ParcelIx) -> Option<jiff::Timestamp> {
        self.connection.session.as_ref()?.told(self.data()?.parcels.id(parcel))
    }

    /// Makes the catalogue hold what parcels have brought since it was made.
    pub(in crate::project) fn take_growth(&mut self) {
        if self.loading.is_some() || !self.connection.session.as_ref().is_some_and(|session| session.take_growth()) {
            return;
        }
        self.grow();
    }

    /// Asks for the acquisitions of parcels and makes the catalogue hold them; for the command line, which asks once.
    pub fn settle_remote(
        &mut self,
        parcels: &[crate::model::ParcelIx],
        watch: &crate::model::Watch,
    ) -> Result<(), crate::project::Error> {
        let (Some(session), Some(data)) = (self.connection.session.clone(), self.data()) else { return Ok(()) };
        let ids: Vec<String> = parcels.iter().map(|&parcel| data.parcels.id(parcel).to_owned()).collect();
        let failed = session.side_by_side(&ids, |id| session.rows(id, watch).err()).into_iter().flatten().next();
        if session.take_growth() {
            self.grow();
        }
        failed.map_or(Ok(()), |fault| Err(crate::project::Error(Arc::new(fault.into()))))
    }

    fn grow(&mut self) {
        let (Some(session), Some(images), Some(env)) = (&self.connection.session, &self.connection.images, &self.env) else {
            return;
        };
        if env.tables.is_some() {
            // Tables are tied to acquisitions by their numbers.
            return self.start_loading();
        }
        let Some(data) = self.data() else { return };
        let mut catalog = Catalog::clone(images);
        catalog.problems.clone_from(&data.catalog.problems);
        let index = session.join(&mut catalog);
        let remote = Arc::new(Remote { session: Arc::clone(session), index });
        let loaded = Loaded {
            dataset: Dataset {
                parcels: Arc::clone(&data.parcels),
                catalog: Arc::new(catalog),
                import_problems: data.import_problems.clone(),
                tables: None,
            },
            disk: env.disk.clone(),
            prepared: env.prepared.clone(),
            remote: Some(Beside { remote, images: Arc::clone(images) }),
            data_key: env.data_key,
            notes: Vec::new(),
        };
        self.take_loaded(Ok(loaded));
    }
}
