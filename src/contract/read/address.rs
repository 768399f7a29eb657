//! Where a server says that a file lies.

use super::table::short;
use crate::contract::Fault;

/// The address below the base, without a leading slash, of a path in any of the forms in use: `/dump/d/f`, `/static/tmp/d/f`,
/// `static//tmp/d/f`. A path that could lead anywhere else is a fault.
pub fn chip_address(path: &str) -> Result<String, Fault> {
    let fault = |what: &str| Fault(format!("the server gives a path {what}: {:?}", short(path)));
    if path.len() > 1000 {
        return Err(fault("of more than 1000 bytes"));
    }
    if path.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(fault("with blanks or control characters"));
    }
    if path.starts_with("//") {
        return Err(fault("to another host"));
    }
    if path.contains(':') {
        return Err(fault("with a scheme"));
    }
    if let Some(sign) = path.chars().find(|c| ['\\', '?', '#', '%'].contains(c)) {
        return Err(fault(&format!("with a {sign:?}")));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| part.bytes().all(|byte| byte == b'.')) {
        return Err(fault("that leaves its folder"));
    }
    if parts.len() < 2 || path.ends_with('/') {
        return Err(fault("without a folder and a file"));
    }
    Ok(parts.join("/"))
}

/// Last component of an address.
pub fn file_name(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}
