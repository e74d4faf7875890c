//! Gets an official envtest archive, and takes nothing from it unverified.
//!
//! The archive is written beside its place, its SHA-512 compared with the index,
//! and only then unpacked: plain files with known names, nothing else.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::{Component, Path};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha512};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::index::{self, Archive};
use super::platform::Platform;
use super::store::missing;
use super::version::Selector;

/// What is taken out of an archive.
const WANTED: [&str; 3] = ["etcd", "kube-apiserver", "kubectl"];

/// Why there is nothing downloaded.
#[derive(Debug)]
pub(super) enum Failure {
    /// The network or the index has none: building may still work.
    Unavailable(anyhow::Error),
    /// What came is not what the index promised: nothing goes on from here.
    Refused(anyhow::Error),
}

/// Asks the index for the newest archive that will do.
pub(super) fn look_up(index: &str, selector: &Selector, platform: &Platform) -> Result<Archive> {
    let mut answer = agent()
        .get(index)
        .call()
        .with_context(|| format!("failed to get `{index}`"))?;
    let text = answer
        .body_mut()
        .read_to_string()
        .with_context(|| format!("failed to get `{index}`"))?;
    let found = index::newest(&text, selector, platform)?;
    found.ok_or_else(|| anyhow!("`{index}` has no archive of `{selector}` for {platform}"))
}

/// Downloads `archive`, verifies it, and puts its binaries into `staging`.
pub(super) fn download(archive: &Archive, staging: &Path) -> Result<(), Failure> {
    let path = staging.join("archive.tar.gz");
    let mut file = File::create_new(&path)
        .with_context(|| format!("failed to create `{}`", path.display()))
        .map_err(Failure::Refused)?;
    let sha512 = fetch(&archive.url, &mut file).map_err(Failure::Unavailable)?;
    verify(archive, &sha512).map_err(Failure::Refused)?;
    unpack_file(file, staging)
        .with_context(|| format!("failed to unpack `{}`", archive.url))
        .map_err(Failure::Refused)?;
    fs::remove_file(&path)
        .context("failed to remove the archive")
        .map_err(Failure::Refused)
}

fn unpack_file(mut file: File, staging: &Path) -> Result<()> {
    file.rewind()?;
    unpack(GzDecoder::new(file), staging)?;
    match missing(staging).as_slice() {
        [] => Ok(()),
        missing => bail!("it holds no `{}`", missing.join("`, no `")),
    }
}

/// No step may hang: a machine without network goes on to the next way in seconds.
fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .timeout_resolve(Some(Duration::from_secs(5)))
        .timeout_connect(Some(Duration::from_secs(5)))
        .timeout_recv_response(Some(Duration::from_secs(20)))
        .timeout_per_read(Some(Duration::from_secs(20)))
        .build();
    config.new_agent()
}

/// Writes the answer to `file` and returns its SHA-512 in lower-case hexadecimal.
fn fetch(url: &str, file: &mut File) -> Result<String> {
    let failed = || format!("failed to get `{url}`");
    let answer = agent().get(url).call().with_context(failed)?;
    let mut body = answer
        .into_body()
        .into_with_config()
        .limit(u64::MAX)
        .reader();
    let mut hasher = Sha512::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = body.read(&mut buffer).with_context(failed)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        file.write_all(&buffer[..count])
            .context("failed to write the archive")?;
    }
    Ok(hexadecimal(&hasher.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn verify(archive: &Archive, sha512: &str) -> Result<()> {
    if archive.sha512.eq_ignore_ascii_case(sha512) {
        return Ok(());
    }
    bail!(
        "the checksum of `{}` is not the one in the index: expected `{}`, got `{sha512}`\n\
         help: run the command again; if it happens again, somebody changed the archive, or a proxy did",
        archive.url,
        archive.sha512,
    )
}

/// Takes the binaries out of a tar stream. A name that leads elsewhere, or a
/// binary that is a link, condemns the whole archive.
fn unpack(stream: impl Read, folder: &Path) -> Result<()> {
    let mut archive = tar::Archive::new(stream);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if !path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            bail!("`{}` leads out of the archive", path.display());
        }
        let Some(name) = WANTED.into_iter().find(|name| path.ends_with(name)) else {
            continue;
        };
        if entry.header().entry_type().is_dir() {
            continue;
        }
        if !entry.header().entry_type().is_file() {
            bail!("`{}` is no file", path.display());
        }
        write_executable(&mut entry, &folder.join(name))?;
    }
    Ok(())
}

fn write_executable(content: &mut impl Read, path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = File::options();
    let opened = options.write(true).create_new(true).mode(0o755).open(path);
    let mut file = opened.with_context(|| format!("failed to create `{}`", path.display()))?;
    io::copy(content, &mut file)
        .with_context(|| format!("failed to write `{}`", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_the_index_does() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(hexadecimal(bytes), expected);
        check(&[], "");
        check(&[0, 15, 16, 255], "000f10ff");
    }
}
