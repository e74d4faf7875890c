//! Every file that the scaffold writes: its template, its owner, its mode.
//!
//! To add a file, put its template under `templates/<set>/` and a row here; a
//! test fails while one is without the other. A template lies at its output
//! path; `.tera` says that it is rendered, and the parts of a path between
//! double underscores are filled in.

use crate::tree::Owner::{self, Derived, Rustop, Shared, Yours};

/// A row: one template, one owner.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name below `templates/`.
    pub template: &'static str,
    /// Who owns what it writes.
    pub owner: Owner,
    /// Whether it is a script.
    pub executable: bool,
    /// Where earlier versions of rustop wrote it.
    pub formerly: &'static [&'static str],
    /// The name in the context that says whether it is written at all.
    pub when: Option<&'static str>,
}

/// The rows of each template set.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Once for a project.
    pub project: &'static [Row],
    /// Once for a kind, whatever its versions.
    pub kind: &'static [Row],
    /// Once for each version of a kind.
    pub version: &'static [Row],
    /// Once for each controller of a kind whose types are the project's.
    pub controller: &'static [Row],
    /// Once for each controller of a kind from elsewhere.
    pub watched: &'static [Row],
    /// Once for each version of a kind whose objects get defaults.
    pub defaulter: &'static [Row],
    /// Once for each version of a kind whose objects are validated.
    pub validator: &'static [Row],
    /// Once for each version that is converted from and to a hub.
    pub spoke: &'static [Row],
}

impl Table {
    /// What this rustop writes.
    pub const fn current() -> Self {
        Self {
            project: PROJECT,
            kind: KIND,
            version: VERSION,
            controller: CONTROLLER,
            watched: WATCHED,
            defaulter: DEFAULTER,
            validator: VALIDATOR,
            spoke: SPOKE,
        }
    }
}

const fn row(template: &'static str, owner: Owner) -> Row {
    Row {
        template,
        owner,
        executable: false,
        formerly: &[],
        when: None,
    }
}

/// Written only where the context says `when`.
const fn given(when: &'static str, template: &'static str, owner: Owner) -> Row {
    Row {
        when: Some(when),
        ..row(template, owner)
    }
}

const fn script(template: &'static str, owner: Owner) -> Row {
    Row {
        template,
        owner,
        executable: true,
        formerly: &[],
        when: None,
    }
}

const PROJECT: &[Row] = &[
    row("project/.devcontainer/devcontainer.json.tera", Shared),
    script("project/.devcontainer/post-install.sh", Shared),
    row("project/.dockerignore", Shared),
    row("project/.gitattributes.tera", Shared),
    row("project/.github/dependabot.yml", Shared),
    row("project/.github/workflows/lint.yml", Shared),
    row("project/.github/workflows/test-e2e.yml", Shared),
    row("project/.github/workflows/test.yml", Shared),
    row("project/.gitignore.tera", Shared),
    row("project/AGENTS.md.tera", Shared),
    row("project/Cargo.toml.tera", Shared),
    row("project/Dockerfile.tera", Shared),
    row("project/Makefile.tera", Shared),
    row("project/README.md.tera", Yours),
    row("project/api/Cargo.toml.tera", Shared),
    row("project/api/crdgen/main.rs.tera", Rustop),
    row("project/api/src/lib.rs.tera", Rustop),
    row("project/api/src/schema.rs.tera", Rustop),
    row("project/clippy.toml", Shared),
    given(
        "cert_manager",
        "project/config/certmanager/certificate-webhook.yaml.tera",
        Shared,
    ),
    given(
        "cert_manager",
        "project/config/certmanager/issuer.yaml.tera",
        Shared,
    ),
    given(
        "cert_manager",
        "project/config/certmanager/kustomization.yaml",
        Shared,
    ),
    given(
        "cert_manager",
        "project/config/certmanager/kustomizeconfig.yaml",
        Shared,
    ),
    row("project/config/crd/kustomization.yaml.tera", Rustop),
    given(
        "has_conversion",
        "project/config/crd/kustomizeconfig.yaml",
        Shared,
    ),
    row("project/config/default/kustomization.yaml.tera", Shared),
    row("project/config/default/manager_metrics_patch.yaml", Shared),
    given(
        "mounts_certificate",
        "project/config/default/manager_webhook_certificate_patch.yaml.tera",
        Shared,
    ),
    given(
        "has_webhooks",
        "project/config/default/manager_webhook_patch.yaml.tera",
        Shared,
    ),
    row("project/config/default/metrics_service.yaml.tera", Shared),
    given(
        "cert_manager",
        "project/config/default/webhook_certificate_replacements.yaml.tera",
        Rustop,
    ),
    row("project/config/manager/kustomization.yaml", Shared),
    row("project/config/manager/manager.yaml.tera", Shared),
    row(
        "project/config/network-policy/allow-metrics-traffic.yaml.tera",
        Shared,
    ),
    given(
        "has_webhooks",
        "project/config/network-policy/allow-webhook-traffic.yaml.tera",
        Shared,
    ),
    row(
        "project/config/network-policy/kustomization.yaml.tera",
        Shared,
    ),
    row("project/config/prometheus/kustomization.yaml.tera", Shared),
    row("project/config/prometheus/monitor.yaml.tera", Shared),
    given(
        "builtin_certificates",
        "project/config/rbac/certificates_cluster_role.yaml.tera",
        Rustop,
    ),
    given(
        "builtin_certificates",
        "project/config/rbac/certificates_cluster_role_binding.yaml.tera",
        Shared,
    ),
    given(
        "builtin_certificates",
        "project/config/rbac/certificates_role.yaml.tera",
        Shared,
    ),
    given(
        "builtin_certificates",
        "project/config/rbac/certificates_role_binding.yaml.tera",
        Shared,
    ),
    row("project/config/rbac/kustomization.yaml.tera", Rustop),
    row("project/config/rbac/leader_election_role.yaml.tera", Shared),
    row(
        "project/config/rbac/leader_election_role_binding.yaml.tera",
        Shared,
    ),
    row("project/config/rbac/metrics_auth_role.yaml.tera", Shared),
    row(
        "project/config/rbac/metrics_auth_role_binding.yaml.tera",
        Shared,
    ),
    row("project/config/rbac/metrics_reader_role.yaml.tera", Shared),
    row("project/config/rbac/role_binding.yaml.tera", Shared),
    row("project/config/rbac/service_account.yaml.tera", Shared),
    row("project/config/samples/kustomization.yaml.tera", Rustop),
    given(
        "has_webhooks",
        "project/config/webhook/kustomization.yaml.tera",
        Shared,
    ),
    given(
        "builtin_certificates",
        "project/config/webhook/kustomizeconfig.yaml",
        Shared,
    ),
    given(
        "has_webhooks",
        "project/config/webhook/service.yaml.tera",
        Shared,
    ),
    row("project/hack/boilerplate.rs.txt.tera", Shared),
    row("project/src/controller/mod.rs.tera", Rustop),
    row("project/src/main.rs.tera", Shared),
    row("project/src/webhook/mod.rs.tera", Rustop),
    row("project/tests/e2e.rs.tera", Yours),
    row("project/tests/integration/main.rs.tera", Rustop),
    row("project/tests/integration/operator.rs.tera", Yours),
];

const KIND: &[Row] = &[
    row("kind/config/crd/bases/__crd_file__.tera", Derived),
    given(
        "converts",
        "kind/config/crd/patches/__patch_file__.tera",
        Shared,
    ),
    row(
        "kind/config/rbac/__role_file___admin_role.yaml.tera",
        Shared,
    ),
    row(
        "kind/config/rbac/__role_file___editor_role.yaml.tera",
        Shared,
    ),
    row(
        "kind/config/rbac/__role_file___viewer_role.yaml.tera",
        Shared,
    ),
];

const VERSION: &[Row] = &[
    row("version/api/src/__api_folder__/__module__.rs.tera", Yours),
    row("version/config/samples/__sample_file__.tera", Yours),
];

const CONTROLLER: &[Row] = &[
    row(
        "controller/src/controller/__controller_folder__/__module__.rs.tera",
        Yours,
    ),
    row(
        "controller/tests/integration/__controller_folder__/__module__.rs.tera",
        Yours,
    ),
];

const WATCHED: &[Row] = &[
    row(
        "watched/src/controller/__controller_folder__/__module__.rs.tera",
        Yours,
    ),
    row(
        "watched/tests/integration/__controller_folder__/__module__.rs.tera",
        Yours,
    ),
];

const DEFAULTER: &[Row] = &[row(
    "defaulter/src/webhook/__webhook_folder__/__module__/defaulter.rs.tera",
    Yours,
)];

const VALIDATOR: &[Row] = &[row(
    "validator/src/webhook/__webhook_folder__/__module__/validator.rs.tera",
    Yours,
)];

const SPOKE: &[Row] = &[row(
    "spoke/api/src/__api_folder__/__module___conversion.rs.tera",
    Yours,
)];
