//! What the fake holds: objects, their history, and who watches them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::kind::{Kind, Source};
use super::watch::Watcher;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::testing) struct Key {
    /// `deployments.apps`: an object is the same in each version of its kind.
    pub(in crate::testing) resource: String,
    pub(in crate::testing) namespace: String,
    pub(in crate::testing) name: String,
}

/// One change of one object.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) version: u64,
    pub(super) key: Key,
    /// As it was before; `None` when it was created.
    pub(super) old: Option<Value>,
    /// `None` when it was removed.
    pub(super) new: Option<Value>,
}

/// The state of a fake API server.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    pub(super) kinds: Vec<Arc<Kind>>,
    pub(super) objects: BTreeMap<Key, Value>,
    pub(super) history: Vec<Change>,
    pub(super) version: u64,
    /// The history up to this version is forgotten.
    pub(super) forgotten: u64,
    pub(super) watchers: Vec<Watcher>,
    /// What is written is not to stay, and gets no version.
    dry: bool,
    made: u64,
}

impl Cluster {
    /// The same objects and the same past, but nobody who watches.
    pub(super) fn copy(&self) -> Self {
        Self {
            kinds: self.kinds.clone(),
            objects: self.objects.clone(),
            history: self.history.clone(),
            version: self.version,
            forgotten: self.forgotten,
            watchers: Vec::new(),
            dry: false,
            made: self.made,
        }
    }

    /// What `write` would do and say; only the names and uids that it took are taken.
    pub(super) fn dry_run<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let mut copy = self.copy();
        copy.dry = true;
        let said = write(&mut copy);
        self.made = copy.made;
        said
    }

    /// Serves `kind`; what is known of it from a CRD or a type stays.
    pub(super) fn register(&mut self, mut kind: Kind) {
        let same = |each: &Arc<Kind>| {
            (&each.group, &each.version, &each.plural) == (&kind.group, &kind.version, &kind.plural)
        };
        let found = self.kinds.iter().position(same);
        if let Some(known) = found.map(|index| self.kinds.remove(index)) {
            kind.typed = kind.typed.or(known.typed);
            if matches!(known.source, Source::Crd(_)) && !matches!(kind.source, Source::Crd(_)) {
                kind = Kind {
                    typed: kind.typed,
                    ..Kind::clone(&known)
                };
            }
        }
        self.kinds.push(Arc::new(kind));
    }

    /// Writes or removes an object, remembers it and tells those who watch.
    pub(super) fn commit(&mut self, key: Key, mut new: Option<Value>) -> Value {
        self.version += 1;
        let version = Value::from(self.version.to_string());
        let old = self.objects.remove(&key);
        if let (Some(new), false) = (&mut new, self.dry) {
            new["metadata"]["resourceVersion"] = version.clone();
        }
        let mut last = new.clone().or_else(|| old.clone()).unwrap_or_default();
        if !self.dry {
            last["metadata"]["resourceVersion"] = version;
        }
        if let Some(new) = &new {
            self.objects.insert(key.clone(), new.clone());
        }
        let change = Change {
            version: self.version,
            key,
            old,
            new,
        };
        self.watchers.retain(|watcher| watcher.send(&change));
        self.history.push(change);
        last
    }

    /// The objects as they were at `version`; `None` when that is forgotten.
    pub(super) fn objects_at(&self, version: u64) -> Option<BTreeMap<Key, Value>> {
        if version < self.forgotten {
            return None;
        }
        let mut objects = self.objects.clone();
        for change in self.history.iter().rev() {
            if change.version <= version {
                break;
            }
            match &change.old {
                Some(old) => objects.insert(change.key.clone(), old.clone()),
                None => objects.remove(&change.key),
            };
        }
        Some(objects)
    }

    /// A uid that no other object has.
    pub(super) fn uid(&mut self) -> String {
        self.made += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.made)
    }

    /// The end of a name that is made of `generateName`: five letters, as the server takes them.
    pub(super) fn suffix(&mut self) -> String {
        const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        self.made += 1;
        // Names that follow each other should not look alike, and none comes twice: the factor has no divisor in
        // common with the number of names.
        let count = 27_u64.pow(5);
        let mut number = self.made.wrapping_mul(8_745_391) % count;
        let mut letters = String::new();
        for _ in 0..5 {
            let letter = usize::try_from(number % 27).unwrap_or(0);
            letters.push(char::from(LETTERS[letter]));
            number /= 27;
        }
        letters
    }

    pub(super) fn forget_history(&mut self) {
        self.history.clear();
        self.forgotten = self.version;
    }

    /// Tells those who watch how far they are.
    pub(super) fn bookmark(&mut self) {
        let version = self.version;
        self.watchers.retain(|watcher| watcher.bookmark(version));
    }

    /// Ends all watches, as a server does that is restarted.
    pub(super) fn end_watches(&mut self) {
        self.watchers.clear();
    }
}

impl Key {
    pub(super) fn new(kind: &Kind, namespace: Option<&str>, name: &str) -> Self {
        Self {
            resource: kind.resource(),
            namespace: namespace.unwrap_or_default().to_owned(),
            name: name.to_owned(),
        }
    }
}

/// An object as clients get it that only asked for its metadata.
pub(super) fn metadata_of(object: &Value) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"],
    })
}

/// The time, in the API's form.
pub(super) fn now() -> String {
    k8s_openapi::jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}
