//! Files that appear whole or not at all, and never over somebody else's.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `text` to `path` by way of a temporary file beside it, so that no reader ever sees half of it.
///
/// # Errors
/// One sentence with the path and the cause.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), String> {
    let file = written(path, text)?;
    share_as_usual(&file);
    put(file, path)
}

/// `text` in a temporary file beside `path`.
fn written(path: &Path, text: &str) -> Result<tempfile::NamedTempFile, String> {
    let refuse = |error: &dyn std::fmt::Display| unwritable(path, error);
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder).map_err(|error| refuse(&error))?;
    let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(|error| refuse(&error))?;
    file.write_all(text.as_bytes())
        .map_err(|error| refuse(&error))?;
    file.as_file().sync_all().map_err(|error| refuse(&error))?;
    Ok(file)
}

fn put(file: tempfile::NamedTempFile, path: &Path) -> Result<(), String> {
    let put = file.persist(path);
    put.map(drop)
        .map_err(|error| unwritable(path, &error.error))
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("cannot write {}: {error}", path.display())
}

/// The same for secrets: nobody but the owner can read the file.
///
/// # Errors
/// One sentence with the path and the cause.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), String> {
    // Temporary files are made with mode 600.
    put(written(path, text)?, path)
}

/// Temporary files are private; reports are meant to be read by the next CI step.
fn share_as_usual(file: &tempfile::NamedTempFile) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = file
            .as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644));
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Writes a file that does not exist yet.
///
/// # Errors
/// One sentence with the path and the cause, also when the file exists.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), String> {
    if path.exists() {
        return Err(format!(
            "{} exists already; name another file",
            path.display()
        ));
    }
    write_whole(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_is_replaced_whole_and_a_new_one_never_overwrites() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/results.json");
        write_whole(&path, "one").unwrap();
        write_whole(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert!(
            write_new(&path, "three")
                .unwrap_err()
                .contains("exists already")
        );
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_one_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write_whole(&file, "x").unwrap();
        let error = write_whole(&file.join("below"), "y").unwrap_err();
        assert!(error.starts_with("cannot write "), "{error}");
    }
}
