//! Each field of a webhook marker and what it may be given: read by the test against
//! controller-gen, and by the one that asks a real API server about each value.

/// The values of one field.
pub(crate) struct Values {
    /// Its name.
    pub(crate) field: &'static str,
    /// What an API server takes.
    pub(crate) taken: &'static [&'static str],
    /// What an API server refuses, and rustop with it; controller-gen may write it out.
    pub(crate) refused: &'static [&'static str],
    /// What controller-gen refuses.
    pub(crate) unreadable: &'static [&'static str],
}

const fn values(
    field: &'static str,
    taken: &'static [&'static str],
    refused: &'static [&'static str],
    unreadable: &'static [&'static str],
) -> Values {
    Values {
        field,
        taken,
        refused,
        unreadable,
    }
}

/// All that both tests try.
pub(crate) const FIELDS: [Values; 18] = [
    values(
        "mutating",
        &["true", "false"],
        &[],
        &["1", "\"true\"", "True"],
    ),
    values(
        "failurePolicy",
        &["fail", "Ignore", "IGNORE"],
        &["retry"],
        &[],
    ),
    values(
        "matchPolicy",
        &["exact", "Equivalent", "\"\""],
        &[],
        &["near"],
    ),
    values(
        "sideEffects",
        &["None", "noneOnDryRun"],
        &["some", "Unknown", "x", "\"\""],
        &[],
    ),
    values(
        "timeoutSeconds",
        &["1", "5", "30", "007", "0"],
        &["31", "-1"],
        &["x", "\"5\"", "`5`", "+5", "0x5", "08", "5.0", "1_0"],
    ),
    values(
        "groups",
        &["core", "apps;batch", "*", "\"\"", "{a,core}", "\"\";a"],
        &["*;a", "{}"],
        &["a b:c"],
    ),
    values(
        "resources",
        &[
            "pods",
            "pods;pods/status",
            "*",
            "*/*",
            "pods/*",
            "*/status",
            "pods;*",
            "*;pods/status",
            "pods/status;pods/*",
            "*;*/scale",
        ],
        &[
            "{}",
            "\"\"",
            "*;pods",
            "*/*;pods",
            "*/*;pods/status",
            "pods/*;pods/status",
            "*/status;pods/status",
            "pods/*;pods/*",
            "*;pods;*/scale",
        ],
        &[],
    ),
    values(
        "verbs",
        &["create", "CREATE;update;Delete", "connect", "*"],
        &["get", "*;create", "{}"],
        &[],
    ),
    values(
        "versions",
        &["v1", "v1;v1beta1", "*"],
        &["\"\"", "*;v1", "v1;\"\""],
        &[],
    ),
    values(
        "name",
        &[
            "a.b.c",
            "b.example.com",
            "maaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.kb.io",
        ],
        &["a.b", "A.b.c", "a_b.c.d", "a..b.c", "a.b.c.", "\"\""],
        &[],
    ),
    values("serviceName", &["webhooks", "\"\""], &[], &[]),
    values("serviceNamespace", &["here"], &[], &[]),
    values(
        "servicePort",
        &["443", "8443", "65535"],
        &["0", "65536", "-1"],
        &["\"443\"", "+443"],
    ),
    values(
        "path",
        &["/", "/a", "/a/", "/mutate-v1", "/a/b.c"],
        &[
            "a",
            "/Validate",
            "/a_b",
            "/a//",
            "//",
            "/a//b",
            "/-a",
            "/a.",
            "//a",
        ],
        &["\"\""],
    ),
    values("webhookVersions", &["v1", "v1;v1", "{}"], &[], &["v1beta1"]),
    values(
        "admissionReviewVersions",
        &["v1", "v1;v1beta1", "v2;v1"],
        &["v2", "{}", "v1;v1", "v1;V2", "v1;2", "v1;\"\""],
        &[],
    ),
    values(
        "reinvocationPolicy",
        &["Never", "ifNeeded", "\"\""],
        &["often"],
        &[],
    ),
    values(
        "url",
        &[
            "\"https://a.b:9443/c\"",
            "\"HTTPS://a.b\"",
            "\"https://a.b?\"",
            "\"https://a.b/#\"",
            "\"https://[::1]:9443/c%20d e\"",
            "\"https://:443\"",
        ],
        &[
            "\"http://a.b\"",
            "\"a.b\"",
            "\"https://\"",
            "\"https:///a\"",
            "\"https://u@a.b\"",
            "\"https://a.b/?c\"",
            "\"https://a.b/#c\"",
            "\"https://a b\"",
            "\"https://a.b:x\"",
            "\"https://a.b/%zz\"",
            "\"https://a[b\"",
            "\"https://[::1\"",
        ],
        &["\"\""],
    ),
];
