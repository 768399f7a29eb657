//! The users file: who may ask, and for which areas.
//!
//! ```toml
//! [[user]]
//! name = "anna"
//! password = "$argon2id$…"
//! aois = ["*"]
//! ```

use std::io::Write as _;
use std::path::{Path, PathBuf};

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use serde::{Deserialize, Serialize};

/// Shorter passwords are guessed too soon.
const SHORTEST: usize = 8;

/// Why the users cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UsersError {
    /// The file cannot be read or written.
    #[error("cannot {operation} the users: {fact} ({})", path.display())]
    File {
        /// `read` or `write`.
        operation: &'static str,
        /// First wrong fact.
        fact: String,
        /// Which file.
        path: PathBuf,
    },
    /// A name or password is none.
    #[error("cannot add the user: {0}")]
    Refused(String),
}

/// One user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name, in small letters.
    pub name: String,
    /// Hash of the password in the PHC form.
    pub password: String,
    /// Areas; `*` is all.
    #[serde(default)]
    pub aois: Vec<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsersFile {
    #[serde(default)]
    user: Vec<User>,
}

impl User {
    /// True when the user may see an area.
    pub fn may_see(&self, aoi: &str) -> bool {
        self.aois.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(aoi))
    }

    /// True when this is the password. Takes tens of milliseconds on purpose, whatever the answer.
    pub fn verify(&self, password: &str) -> bool {
        // The reader of the file has seen to it that the hash is one.
        PasswordHash::new(&self.password).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

/// Names are compared in small letters everywhere.
pub fn plain_name(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Reads the file and checks every entry.
pub fn load(path: &Path) -> Result<Vec<User>, UsersError> {
    let fail = |fact: String| UsersError::File { operation: "read", fact, path: path.to_owned() };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let file: UsersFile = toml::from_str(&text).map_err(|error| fail(error.message().to_owned()))?;
    let mut users: Vec<User> = Vec::with_capacity(file.user.len());
    for mut user in file.user {
        user.name = plain_name(&user.name);
        if user.name.is_empty() || users.iter().any(|other| other.name == user.name) {
            return Err(fail(format!("the name “{}” is empty or given twice", user.name)));
        }
        if let Err(error) = PasswordHash::new(&user.password) {
            return Err(fail(format!("the password of {} is no hash ({error}); set it with --add-user", user.name)));
        }
        users.push(user);
    }
    if users.is_empty() {
        return Err(fail("it names nobody; add somebody with --add-user".to_owned()));
    }
    Ok(users)
}

/// Adds a user, or gives a known one a new password; `aois` are the areas of a new one. The file is made when it is not there.
pub fn add(path: &Path, name: &str, password: &str, aois: &[String], salt: &[u8; 16]) -> Result<(), UsersError> {
    let name = plain_name(name);
    if name.is_empty() || name.contains(|c: char| c == ':' || c.is_control()) {
        return Err(UsersError::Refused("a name has at least one letter and no colon".to_owned()));
    }
    if password.chars().count() < SHORTEST {
        return Err(UsersError::Refused(format!("a password has at least {SHORTEST} characters")));
    }
    let fail = |operation, fact: String| UsersError::File { operation, fact, path: path.to_owned() };
    let mut file = match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str::<UsersFile>(&text).map_err(|error| fail("read", error.message().to_owned()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => UsersFile::default(),
        Err(error) => return Err(fail("read", error.to_string())),
    };
    let hash = hash(password, salt).map_err(UsersError::Refused)?;
    match file.user.iter_mut().find(|user| plain_name(&user.name) == name) {
        Some(known) => known.password = hash,
        None => file.user.push(User { name, password: hash, aois: aois.to_vec() }),
    }
    let text = toml::to_string(&file).map_err(|error| fail("write", error.to_string()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Beside and renamed, readable by its owner only.
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(|error| fail("write", error.to_string()))?;
    beside.write_all(text.as_bytes()).map_err(|error| fail("write", error.to_string()))?;
    beside.persist(path).map_err(|error| fail("write", error.error.to_string()))?;
    Ok(())
}

fn hash(password: &str, salt: &[u8; 16]) -> Result<String, String> {
    let salt = SaltString::encode_b64(salt).map_err(|error| error.to_string())?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_added_changed_and_known_by_the_password_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("users.toml");
        add(&path, "Anna", "correct horse", &["nld".to_owned()], &[1; 16]).expect("added");
        add(&path, "bert", "battery staple", &["*".to_owned()], &[2; 16]).expect("added");
        add(&path, "ANNA", "another horse", &["*".to_owned()], &[3; 16]).expect("changed");
        let users = load(&path).expect("reads");
        assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["anna", "bert"]);
        assert!(users[0].verify("another horse") && !users[0].verify("correct horse"));
        assert!(users[0].may_see("NLD") && !users[0].may_see("bel") && users[1].may_see("bel"));
        let text = std::fs::read_to_string(&path).expect("reads");
        assert!(text.contains("$argon2id$") && !text.contains("horse"), "{text}");
    }

    #[test]
    fn short_passwords_colons_and_broken_files_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("users.toml");
        for (name, password) in [("a:b", "long enough"), ("", "long enough"), ("anna", "short")] {
            assert!(add(&path, name, password, &[], &[1; 16]).is_err(), "{name}");
        }
        for (text, expected) in [
            ("", "names nobody"),
            ("[[user]]\nname = \"anna\"\npassword = \"plain\"\n", "the password of anna is no hash"),
            ("[[user]]\nname = \"anna\"\n", "password"),
        ] {
            std::fs::write(&path, text).expect("writes");
            let error = load(&path).expect_err("refused").to_string();
            assert!(error.contains(expected) && error.contains("users.toml"), "{error}");
        }
    }
}
