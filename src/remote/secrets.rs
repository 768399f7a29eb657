//! Passwords: in memory without a trace, and with the operating system between sittings.

use keyring::v1::{Entry, Error};

/// Name under which the operating system keeps passwords of this program.
const SERVICE: &str = "parcelight";

/// A password. It shows itself to nobody and is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Wraps a password.
    pub fn new(password: String) -> Self {
        Self(password.into_bytes())
    }

    /// The password itself; only the transport looks at it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        // Keeps the writes from being left out as useless.
        std::hint::black_box(&self.0);
    }
}

/// Why the operating system does not keep a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no keyring: the password stays in memory until the program ends.
    #[error("this computer has no keyring; the password is kept until the program ends and asked for again next time")]
    NoKeyring,
    /// The keyring is there and refuses.
    #[error("the keyring of this computer cannot {operation} the password: {fact}; unlock it and try again")]
    Refused {
        /// What was tried.
        operation: &'static str,
        /// What it says.
        fact: String,
    },
}

/// The password that was saved for a user of a server; `None` when none was.
pub fn load(url: &str, user: &str) -> Result<Option<Secret>, SecretError> {
    match entry(url, user, "read")?.get_password() {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(failed("read", &error)),
    }
}

/// Saves the password for a user of a server.
pub fn save(url: &str, user: &str, secret: &Secret) -> Result<(), SecretError> {
    let password = std::str::from_utf8(secret.bytes())
        .map_err(|error| SecretError::Refused { operation: "save", fact: error.to_string() })?;
    entry(url, user, "save")?.set_password(password).map_err(|error| failed("save", &error))
}

/// Removes the saved password; none is as good.
pub fn forget(url: &str, user: &str) -> Result<(), SecretError> {
    match entry(url, user, "forget")?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(failed("forget", &error)),
    }
}

fn entry(url: &str, user: &str, operation: &'static str) -> Result<Entry, SecretError> {
    let account = format!("{user}@{}", url.trim_end_matches('/'));
    Entry::new(SERVICE, &account).map_err(|error| failed(operation, &error))
}

fn failed(operation: &'static str, error: &Error) -> SecretError {
    match error {
        Error::NoDefaultStore | Error::PlatformFailure(_) | Error::NotSupportedByStore(_) => SecretError::NoKeyring,
        // Variants with bytes in them would show the password.
        Error::BadEncoding(_) => SecretError::Refused { operation, fact: "it is no text".to_owned() },
        Error::NoStorageAccess(reason) => SecretError::Refused { operation, fact: reason.to_string() },
        Error::TooLong(_, limit) => SecretError::Refused { operation, fact: format!("at most {limit} characters are possible") },
        _ => SecretError::Refused { operation, fact: "it gives no reason".to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("hunter2 hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret Some(Secret)");
    }

    #[test]
    fn a_missing_keyring_is_named_as_such() {
        assert_eq!(failed("read", &Error::NoDefaultStore), SecretError::NoKeyring);
        assert!(!format!("{:?}", failed("read", &Error::BadEncoding(b"hunter2".to_vec()))).contains("hunter2"));
    }
}
