//! Files of keys and certificates that a person picks for a set-up: read here, so that no private
//! key passes the page, and kept in memory until the set-up is, or the book is put away.

use super::setup::{ConnectionKind, Setup};
use crate::error::Error;
use connectors::keys::{Certificate, Held, read_file};
use std::collections::BTreeMap;
use std::path::Path;
use store::Secret;
use zeroize::Zeroize;

/// Files kept at once: more than any form has fields.
const MOST: usize = 32;
/// Longest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// Files that were picked, by a number that stands for each.
#[derive(Default)]
pub struct KeyFiles {
    kept: BTreeMap<u32, Secret<String>>,
    last: u32,
}

/// A file for a field of a set-up; what it holds stays here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The field it is for.
    pub field: &'static str,
    /// What stands for it.
    pub number: u32,
    /// Its name, without the folder.
    pub name: String,
}

impl KeyFiles {
    /// Takes a file for one field of a kind.
    ///
    /// # Errors
    /// [`Error::BadInput`], naming the field, when it holds something else; [`Error::File`].
    pub fn take(&mut self, kind: &str, field: &str, path: &Path) -> Result<KeyFile, Error> {
        let kind = kind_of(kind)?;
        let (held, text) = read(path)?;
        let known = kind.fields().iter().find(|known| known.name == field);
        let field = known.map_or("setup", |known| known.name);
        if wanted(field) != Some(held) {
            let reason = format!("{} is not what belongs here", name_of(path));
            return Err(Error::BadInput { field, reason });
        }
        Ok(self.keep(field, path, text))
    }

    /// Takes files that were dropped, each for the field it fits by what it holds and, where
    /// several fit, by its name.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a file that fits none; [`Error::File`]. Nothing is taken then.
    pub fn take_all(
        &mut self,
        kind: &str,
        paths: &[impl AsRef<Path>],
    ) -> Result<Vec<KeyFile>, Error> {
        let kind = kind_of(kind)?;
        let mut found = Vec::new();
        for path in paths.iter().take(MOST) {
            let path = path.as_ref();
            let (held, text) = read(path)?;
            let field = fitting(kind, held, &name_of(path), text.expose()).ok_or_else(|| {
                let reason = format!("{} fits no field of this channel", name_of(path));
                Error::BadInput { field: "setup", reason }
            })?;
            found.push((field, path, text));
        }
        Ok(found.into_iter().map(|(field, path, text)| self.keep(field, path, text)).collect())
    }

    fn keep(&mut self, field: &'static str, path: &Path, text: Secret<String>) -> KeyFile {
        while self.kept.len() >= MOST {
            self.kept.pop_first();
        }
        self.last += 1;
        self.kept.insert(self.last, text);
        KeyFile { field, number: self.last, name: name_of(path) }
    }

    /// A set-up of typed values and picked files: names of fields with the numbers of the files.
    ///
    /// # Errors
    /// [`Error::BadInput`] as [`Setup::new`], and for a file that is no longer here.
    pub fn setup(
        &self,
        kind: &str,
        base: &str,
        mut typed: Vec<(String, String)>,
        files: &[(String, u32)],
    ) -> Result<Setup, Error> {
        for (field, number) in files {
            let Some(text) = self.kept.get(number) else {
                typed.iter_mut().for_each(|(_, value)| value.zeroize());
                let reason = "choose the file again".to_owned();
                return Err(Error::BadInput { field: "setup", reason });
            };
            typed.push((field.clone(), text.expose().clone()));
        }
        Setup::new(kind, base, typed)
    }

    /// Forgets every file.
    pub fn clear(&mut self) {
        self.kept.clear();
    }
}

fn kind_of(code: &str) -> Result<ConnectionKind, Error> {
    let none = || Error::BadInput { field: "channel", reason: "is none".to_owned() };
    ConnectionKind::from_code(code).ok_or_else(none)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<(Held, Secret<String>), Error> {
    let failed = |source| Error::File { path: path.display().to_string(), source };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    let mut bytes = match size > LARGEST {
        true => Vec::new(),
        false => std::fs::read(path).map_err(failed)?,
    };
    let read = read_file(&bytes);
    bytes.zeroize();
    read.map_err(|problem| Error::BadInput {
        field: "setup",
        reason: format!("{}: {problem}", name_of(path)),
    })
}

/// What a field takes as a file; nothing for one that is typed.
fn wanted(field: &str) -> Option<Held> {
    match field {
        "private_key_pem" => Some(Held::PrivateKey),
        "pfx" => Some(Held::Sealed),
        _ if field.ends_with("cert_pem") => Some(Held::Certificate),
        _ if field.ends_with("public_key_pem") => Some(Held::PublicKey),
        _ => None,
    }
}

fn fitting(kind: ConnectionKind, held: Held, name: &str, text: &str) -> Option<&'static str> {
    let fits = |field: &&'static str| wanted(field) == Some(held);
    let fields: Vec<&'static str> =
        kind.fields().iter().map(|field| field.name).filter(fits).collect();
    if let [] | [_] = fields[..] {
        return fields.first().copied();
    }
    let has = |part: &str| fields.iter().find(|field| field.starts_with(part)).copied();
    let name = name.to_ascii_lowercase();
    let (authority, itself) = Certificate::parse(text).ok()?.authority();
    let part = match (authority, itself) {
        _ if name.contains("root") => "root",
        (true, true) => "root",
        (true, false) => "middle",
        // Alipay's own certificate beside the app's.
        (false, _) if name.contains("alipay") => "alipay",
        (false, _) => return has("app").or_else(|| has("sign")).or_else(|| has("merchant")),
    };
    has(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn keys(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../practice/keys").join(name)
    }

    #[test]
    fn dropped_files_find_their_fields() {
        let mut files = KeyFiles::default();
        let mut fields = |kind: &str, names: &[&str]| -> Vec<&'static str> {
            let paths: Vec<PathBuf> = names.iter().map(|name| keys(name)).collect();
            let taken = files.take_all(kind, &paths).expect("they fit");
            taken.iter().map(|file| file.field).collect()
        };
        let wechat = ["wechat-shop.pem", "wechat-shop.key.pem", "wechat.public.pem"];
        let expected = ["merchant_cert_pem", "private_key_pem", "public_key_pem"];
        assert_eq!(fields("wechat_pay", &wechat), expected);
        let union = ["union-root.pem", "union-middle.pem", "union-shop.pem", "union-shop.key.pem"];
        let expected = ["root_cert_pem", "middle_cert_pem", "sign_cert_pem", "private_key_pem"];
        assert_eq!(fields("union_pay", &union), expected);
        assert_eq!(
            fields("alipay", &["alipay-root.pem", "alipay.pem"]),
            ["root_cert_pem", "alipay_cert_pem"]
        );
        let strange = files.take_all("stripe", &[keys("wechat-shop.pem")]);
        assert!(strange.is_err());
    }

    #[test]
    fn a_set_up_takes_picked_files_and_no_text_of_them_is_told() {
        let mut files = KeyFiles::default();
        let key = files.take("wechat_pay", "private_key_pem", &keys("wechat-shop.key.pem"));
        let key = key.expect("a private key");
        let certificate = keys("wechat-shop.pem");
        let wrong = files.take("wechat_pay", "private_key_pem", &certificate);
        let wrong = wrong.expect_err("a certificate").to_string();
        assert!(wrong.contains("private_key_pem") && wrong.contains("wechat-shop.pem"), "{wrong}");
        let typed = || {
            let values = [("mchid", "1900000109"), ("appid", "wx1"), ("api_v3_key", "k")];
            values.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
        };
        let picked = [("private_key_pem".to_owned(), key.number)];
        let setup = files.setup("wechat_pay", "", typed(), &picked).expect("whole");
        assert!(setup.need("private_key_pem").contains("PRIVATE KEY"));
        files.clear();
        assert!(files.setup("wechat_pay", "", typed(), &picked).is_err(), "it is forgotten");
    }
}
