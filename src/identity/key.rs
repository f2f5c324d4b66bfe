//! The key: 32 random bytes in a file of its own, apart from the data it guards.
//!
//! The file holds one line, `onroll-key-1:` and 64 lower-case hex digits, and
//! only its owner may read it. Without the key no person_ref can be made or
//! tried out; the space of pupil numbers is so small that an unkeyed hash is none.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{normalise, normalise_into};
use crate::model::Kind;

/// What the one line of a key file begins with.
const MARK: &str = "onroll-key-1:";
/// What is hashed to name a key without showing it.
const FINGERPRINT_OF: &[u8] = b"onroll key fingerprint";
/// Unit separator: stands between the parts of what is hashed.
const SEPARATOR: &[u8] = b"\x1f";

/// The first 8 hex digits of a key's fingerprint; stands before every person_ref.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub u32);

impl KeyId {
    /// Reads 8 lower-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_form = text.len() == 8
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_form {
            u32::from_str_radix(text, 16).ok().map(KeyId)
        } else {
            None
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such file, or it cannot be opened or written.
    #[error("the key file {path} cannot be {attempt}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read` or `written`.
        attempt: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A symbolic link, a folder or a device.
    #[error("the key file {0} is not a plain file; symbolic links are not followed")]
    NotAFile(PathBuf),
    /// Group or others have rights on it.
    #[error("the key file {0} can be used by others than its owner")]
    OthersCanRead(PathBuf),
    /// Not the one line that a key file holds.
    #[error("the key file {0} does not hold one line of `onroll-key-1:` and 64 hex digits")]
    BadContent(PathBuf),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a key")]
    NoRandomness,
}

/// A key, ready to hash with. Neither `Debug` nor anything else shows the secret.
#[derive(Clone)]
pub struct Key {
    secret: [u8; 32],
    keyed: Hmac<Sha256>,
    fingerprint: u128,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

impl Key {
    /// A new key from the system's random bytes.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| KeyError::NoRandomness)?;
        Key::from_secret(secret).ok_or(KeyError::NoRandomness)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// The file is missing, no plain file, open to others, or holds something else.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let mut text = String::new();
        let file = open_owner_only(path)?;
        // A key file has 78 bytes: a longer one is some other file, and is not read whole.
        match file.take(1024).read_to_string(&mut text) {
            Ok(_) => parse_line(&text).ok_or_else(|| KeyError::BadContent(path.to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(KeyError::BadContent(path.to_owned()))
            }
            Err(source) => Err(KeyError::Io {
                path: path.to_owned(),
                attempt: "read",
                source,
            }),
        }
    }

    /// Writes the key to a file that must not exist yet, for its owner alone.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let failed = |source| KeyError::Io {
            path: path.to_owned(),
            attempt: "written",
            source,
        };
        let mut file = owner_only_options().open(path).map_err(failed)?;
        let mut line = String::from(MARK);
        for byte in self.secret {
            line.push_str(&format!("{byte:02x}"));
        }
        line.push('\n');
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(failed)
    }

    fn from_secret(secret: [u8; 32]) -> Option<Self> {
        let keyed = Hmac::<Sha256>::new_from_slice(&secret).ok()?;
        let mut mac = keyed.clone();
        mac.update(FINGERPRINT_OF);
        Some(Key {
            secret,
            keyed,
            fingerprint: first_half(mac),
        })
    }

    /// Names the key in every person_ref.
    pub fn id(&self) -> KeyId {
        KeyId((self.fingerprint >> 96) as u32)
    }

    /// 32 hex digits that tell keys apart and say nothing of the secret; stands in `snapshot.json`.
    pub fn fingerprint(&self) -> String {
        super::hex128(self.fingerprint)
    }

    /// The hash half of a person_ref (SPEC §4): first 16 bytes of HMAC-SHA-256 of
    /// kind ␟ scope ␟ identifier, the identifier normalised.
    pub fn person_hash(&self, kind: Kind, scope: &str, identifier: &str) -> u128 {
        let mut mac = self.keyed.clone();
        mac.update(kind.as_str().as_bytes());
        mac.update(SEPARATOR);
        mac.update(scope.as_bytes());
        mac.update(SEPARATOR);
        let mut buffer = [0; 64];
        match normalise_into(identifier, &mut buffer) {
            Some(bytes) => mac.update(bytes),
            None => mac.update(normalise(identifier).as_bytes()),
        }
        first_half(mac)
    }

    /// A keyed hash of anything else: of `onroll` ␟ purpose ␟ parts, so that it never
    /// equals a person_ref's. Neither purpose nor parts may hold the separator U+001F.
    pub fn keyed_hash(&self, purpose: &str, parts: &[&str]) -> u128 {
        let mut mac = self.keyed.clone();
        mac.update(b"onroll");
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(SEPARATOR);
            mac.update(part.as_bytes());
        }
        first_half(mac)
    }

    /// What `retired_usernames` keeps of a username or alias; case does not matter.
    pub fn username_hash(&self, name: &str) -> u128 {
        self.keyed_hash("username", &[&name.to_lowercase()])
    }
}

/// Two keys are the same when their secrets are.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Key {}

fn first_half(mac: Hmac<Sha256>) -> u128 {
    let bytes = mac.finalize().into_bytes();
    bytes
        .iter()
        .take(16)
        .fold(0, |value, &byte| (value << 8) | u128::from(byte))
}

fn parse_line(text: &str) -> Option<Key> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let digits = line.strip_suffix('\r').unwrap_or(line).strip_prefix(MARK)?;
    let (high, low) = digits.split_at_checked(32)?;
    let (high, low) = (super::parse_hex128(high)?, super::parse_hex128(low)?);
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(&high.to_be_bytes());
    secret[16..].copy_from_slice(&low.to_be_bytes());
    if secret == [secret[0]; 32] {
        return None;
    }
    Key::from_secret(secret)
}

/// Opens the file that was looked at, and no other that took its place meanwhile.
#[cfg(unix)]
fn open_owner_only(path: &Path) -> Result<File, KeyError> {
    use std::os::unix::fs::MetadataExt;
    let failed = |source| KeyError::Io {
        path: path.to_owned(),
        attempt: "read",
        source,
    };
    let seen = fs::symlink_metadata(path).map_err(failed)?;
    if !seen.is_file() {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    if seen.mode() & 0o077 != 0 {
        return Err(KeyError::OthersCanRead(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    if (opened.dev(), opened.ino(), opened.mode()) != (seen.dev(), seen.ino(), seen.mode()) {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    Ok(file)
}

/// Elsewhere the system's own access lists decide who may read.
#[cfg(not(unix))]
fn open_owner_only(path: &Path) -> Result<File, KeyError> {
    let failed = |source| KeyError::Io {
        path: path.to_owned(),
        attempt: "read",
        source,
    };
    if !fs::symlink_metadata(path).map_err(failed)?.is_file() {
        return Err(KeyError::NotAFile(path.to_owned()));
    }
    File::open(path).map_err(failed)
}

fn owner_only_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes 0 to 31.
    fn fixed() -> Key {
        let digits: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
        parse_line(&format!("{MARK}{digits}\n")).expect("a key")
    }

    #[test]
    fn hashes_are_those_of_another_implementation() {
        let key = fixed();
        assert_eq!(key.fingerprint(), "a999828fcac8c6f228c13a3a33b7f909");
        assert_eq!(key.id().to_string(), &key.fingerprint()[..8]);
        let learner = super::super::hex128(key.person_hash(Kind::Learner, "", " q660 2000 1900 1"));
        assert_eq!(learner, "8dc1e38d7e9329ee31fc4cc576995f2a");
        let staff = super::super::hex128(key.person_hash(Kind::Staff, "6701234", "00ab é"));
        assert_eq!(staff, "5d09490d314d54b976ac1e3cc0eaa468");
    }

    #[test]
    fn zeroes_kinds_scopes_and_purposes_are_kept_apart() {
        let key = fixed();
        let hash = |kind, scope, text| key.person_hash(kind, scope, text);
        assert_ne!(
            hash(Kind::Learner, "", "051234561"),
            hash(Kind::Learner, "", "51234561")
        );
        assert_ne!(hash(Kind::Learner, "", "12"), hash(Kind::Staff, "", "12"));
        assert_ne!(hash(Kind::Staff, "A", "12"), hash(Kind::Staff, "A1", "2"));
        assert_ne!(
            hash(Kind::Staff, "A", "12"),
            key.keyed_hash("staff", &["A", "12"])
        );
        let long = "a ".repeat(200);
        assert_eq!(
            hash(Kind::Staff, "A", &long),
            hash(Kind::Staff, "A", &"A".repeat(200))
        );
    }

    #[test]
    fn a_written_key_loads_and_is_never_overwritten() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("school.key");
        let key = Key::generate().expect("random bytes");
        key.write_new(&path).expect("written");
        assert_eq!(Key::load(&path).expect("loads"), key);
        assert!(matches!(
            Key::generate().unwrap().write_new(&path),
            Err(KeyError::Io {
                attempt: "written",
                ..
            })
        ));
        assert_eq!(Key::load(&path).expect("still the first"), key);
        assert_ne!(Key::generate().unwrap(), key);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_others_can_read_and_a_link_are_refused() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("school.key");
        fixed().write_new(&path).expect("written");
        let link = dir.path().join("link.key");
        symlink(&path, &link).expect("a link");
        assert!(matches!(Key::load(&link), Err(KeyError::NotAFile(_))));
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("rights");
            assert!(matches!(Key::load(&path), Err(KeyError::OthersCanRead(_))));
        }
        assert!(matches!(
            Key::load(&dir.path().join("none")),
            Err(KeyError::Io {
                attempt: "read",
                ..
            })
        ));
    }

    #[test]
    fn only_the_one_line_is_a_key_and_errors_do_not_show_it() {
        let digits: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
        assert!(parse_line(&format!("{MARK}{digits}\r\n")).is_some());
        for text in [
            String::new(),
            digits.clone(),
            format!("{MARK}{}", &digits[..62]),
            format!("{MARK}{digits}00"),
            format!("{MARK}{digits}\n\n"),
            format!("{MARK}{}", "0".repeat(64)),
            format!("{MARK}{}", digits.to_uppercase()),
        ] {
            assert!(parse_line(&text).is_none());
        }
        assert_eq!(format!("{:?}", fixed()), format!("Key({})", fixed().id()));
    }
}
