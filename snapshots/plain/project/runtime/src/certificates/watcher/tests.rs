#![allow(clippy::disallowed_methods, reason = "tests write what is watched")]

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::*;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("watcher-{test}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.join(file), text).unwrap();
    }

    fn write_pair(&self, pair: &(String, String)) {
        self.write("tls.crt", &pair.0);
        self.write("tls.key", &pair.1);
    }

    fn watcher(&self) -> CertificateWatcher {
        CertificateWatcher::new(
            &self.0,
            "tls.crt",
            "tls.key",
            ServingCertificate::default(),
            CertificateMetrics::default(),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A certificate for `name` and its key.
fn pair(name: &str) -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

fn counts(watcher: &CertificateWatcher) -> (u64, u64) {
    (watcher.metrics.reads.get(), watcher.metrics.errors.get())
}

#[test]
fn a_changed_pair_is_loaded_once() {
    let folder = Folder::new("changed");
    folder.write_pair(&pair("a"));
    let mut watcher = folder.watcher();
    assert!(watcher.load().unwrap());
    assert!(watcher.serving.is_loaded());
    assert!(!watcher.load().unwrap());
    let before = watcher.serving.chain();
    folder.write_pair(&pair("b"));
    assert!(watcher.load().unwrap());
    assert_ne!(watcher.serving.chain(), before);
    assert_eq!(counts(&watcher), (3, 0));
}

#[test]
fn a_broken_pair_leaves_the_old_one() {
    let folder = Folder::new("broken");
    let (first, second) = (pair("a"), pair("b"));
    folder.write_pair(&first);
    let mut watcher = folder.watcher();
    watcher.load().unwrap();
    let before = watcher.serving.chain();
    let broken = [
        // The key of another, half a file, an empty one.
        ("tls.crt", second.0.as_str(), "can't be served"),
        ("tls.crt", &first.0[..100], "can't be served"),
        ("tls.key", "", "can't be served"),
    ];
    for (file, text, message) in broken {
        folder.write_pair(&first);
        folder.write(file, text);
        let error = watcher.load().unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(watcher.serving.chain(), before, "{text}");
    }
    std::fs::remove_file(folder.0.join("tls.key")).unwrap();
    let error = watcher.load().unwrap_err().to_string();
    assert!(error.contains("tls.key"), "{error}");
    assert_eq!(counts(&watcher), (5, 4));
    folder.write_pair(&second);
    assert!(watcher.load().unwrap());
}

/// What the kubelet does with a Secret that changed.
#[test]
fn the_links_of_a_mounted_secret_are_followed() {
    let folder = Folder::new("links");
    let secret = |version: &str, pair: &(String, String)| {
        let data = folder.0.join(version);
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("tls.crt"), &pair.0).unwrap();
        std::fs::write(data.join("tls.key"), &pair.1).unwrap();
        symlink(version, folder.0.join("..data_tmp")).unwrap();
        std::fs::rename(folder.0.join("..data_tmp"), folder.0.join("..data")).unwrap();
    };
    secret("..1", &pair("a"));
    for file in ["tls.crt", "tls.key"] {
        symlink(Path::new("..data").join(file), folder.0.join(file)).unwrap();
    }
    let mut watcher = folder.watcher();
    watcher.load().unwrap();
    let before = watcher.serving.chain();
    secret("..2", &pair("b"));
    std::fs::remove_dir_all(folder.0.join("..1")).unwrap();
    assert!(watcher.load().unwrap());
    assert_ne!(watcher.serving.chain(), before);
}

#[test]
fn a_pair_that_changes_while_it_is_read_is_read_again() {
    let mut reads = [("old", "new"), ("new", "new"), ("new", "new")].into_iter();
    let pair = until_whole(|| {
        let (chain, key) = reads.next().unwrap();
        Ok(Pair {
            chain: chain.into(),
            key: key.into(),
        })
    });
    assert_eq!(pair.unwrap().chain, b"new");
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_comes_late_is_loaded_within_a_second_and_a_new_one_within_ten() {
    let folder = Folder::new("late");
    let watcher = folder.watcher();
    let serving = watcher.serving.clone();
    let task = tokio::spawn(watcher.run());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!serving.is_loaded());
    folder.write_pair(&pair("a"));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(serving.is_loaded());
    let before = serving.chain();
    folder.write_pair(&pair("b"));
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_ne!(serving.chain(), before);
    task.abort();
}
