//! What is deployed, and whether what it names is there.

use serde_json::{Value, json};

use super::made::Served;

/// The documents of `config/default`, as kustomize prints them.
pub(super) struct Deployed {
    documents: Vec<Value>,
}

impl Deployed {
    pub(super) fn new(documents: Vec<Value>) -> Self {
        Self { documents }
    }

    /// Where the manager runs.
    pub(super) fn namespace(&self) -> &str {
        text(&self.deployment()["metadata"]["namespace"])
    }

    /// All of it.
    #[track_caller]
    pub(super) fn check(&self, certificates: &str, served: Served, what: &str) {
        let clients = self.clients();
        assert_eq!(clients.len(), served.number_of_clients(), "{what}");
        for (owner, client) in &clients {
            self.check_service(&client["service"], what);
            self.check_trust(owner, certificates, what);
        }
        self.check_namespaces(what);
        self.check_bindings(what);
        match certificates {
            "cert-manager" => self.check_certificate(what),
            "builtin" => self.check_rights(what),
            _ => drop(self.check_mount(what).clone()),
        }
    }

    fn of_kind<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        let kind = kind.to_owned();
        let documents = self.documents.iter();
        documents.filter(move |document| document["kind"] == kind)
    }

    #[track_caller]
    fn one<'a>(&'a self, kind: &str, namespace: &Value, name: &Value) -> &'a Value {
        let mut found = self.of_kind(kind).filter(|document| {
            let metadata = &document["metadata"];
            metadata["name"] == *name && metadata["namespace"] == *namespace
        });
        found
            .next()
            .unwrap_or_else(|| panic!("there is no {kind} {namespace}/{name}"))
    }

    fn deployment(&self) -> &Value {
        self.of_kind("Deployment").next().unwrap()
    }

    fn pod(&self) -> &Value {
        &self.deployment()["spec"]["template"]
    }

    /// Everything that calls the manager, with the object that says so.
    fn clients(&self) -> Vec<(&Value, &Value)> {
        let mut clients = Vec::new();
        for document in &self.documents {
            let webhooks = document["webhooks"].as_array();
            for webhook in webhooks.into_iter().flatten() {
                clients.push((document, &webhook["clientConfig"]));
            }
            if let Some(client) = document.pointer("/spec/conversion/webhook/clientConfig") {
                clients.push((document, client));
            }
        }
        clients
    }

    /// The service leads to the manager's pods, and there to a port that is open.
    #[track_caller]
    fn check_service(&self, called: &Value, what: &str) {
        let service = self.one("Service", &called["namespace"], &called["name"]);
        let port = &service["spec"]["ports"][0];
        assert_eq!(port["port"], 443, "{what}");
        let ports = &self.pod()["spec"]["containers"][0]["ports"];
        let mut ports = ports.as_array().unwrap().iter();
        let open = ports.find(|open| open["name"] == port["targetPort"]);
        assert_eq!(open.unwrap()["containerPort"], 9443, "{what}");
        let selector = &service["spec"]["selector"];
        self.check_selector(selector);
        assert_eq!(service["metadata"]["namespace"], self.namespace(), "{what}");
    }

    #[track_caller]
    fn check_selector(&self, selector: &Value) {
        let labels = &self.pod()["metadata"]["labels"];
        let selector = selector.as_object().unwrap();
        assert!(!selector.is_empty());
        for (label, value) in selector {
            assert_eq!(labels[label], *value, "{label}");
        }
    }

    #[track_caller]
    pub(super) fn check_policy(&self, policy: &Value) {
        self.check_selector(&policy["spec"]["podSelector"]["matchLabels"]);
        assert_eq!(policy["metadata"]["namespace"], self.namespace());
    }

    /// Somebody is told to put the CA there.
    #[track_caller]
    fn check_trust(&self, owner: &Value, certificates: &str, what: &str) {
        let metadata = &owner["metadata"];
        let annotation = &metadata["annotations"]["cert-manager.io/inject-ca-from"];
        let label = &metadata["labels"]["rustop.dev/inject-ca"];
        match certificates {
            "cert-manager" => {
                let (namespace, name) = text(annotation).split_once('/').unwrap();
                let certificate = self.one("Certificate", &json!(namespace), &json!(name));
                assert!(certificate["spec"]["isCA"].is_null(), "{what}");
            }
            "builtin" => assert_eq!(label, "demo", "{what}"),
            _ => assert!(annotation.is_null() && label.is_null(), "{what}"),
        }
    }

    #[track_caller]
    fn check_namespaces(&self, what: &str) {
        for document in &self.documents {
            let namespace = &document["metadata"]["namespace"];
            let expected = namespace.is_null() || namespace == self.namespace();
            assert!(expected, "{what}: {document}");
        }
    }

    #[track_caller]
    fn check_bindings(&self, what: &str) {
        for kind in ["RoleBinding", "ClusterRoleBinding"] {
            for binding in self.of_kind(kind) {
                let role = &binding["roleRef"];
                let namespace = match text(&role["kind"]) {
                    "Role" => &binding["metadata"]["namespace"],
                    _ => &Value::Null,
                };
                self.one(text(&role["kind"]), namespace, &role["name"]);
                let account = &binding["subjects"][0];
                let pods = &self.pod()["spec"]["serviceAccountName"];
                self.one("ServiceAccount", &account["namespace"], &account["name"]);
                assert_eq!(account["name"], *pods, "{what}");
            }
        }
    }

    /// The certificate is for the service, its issuers exist, and the pod mounts it.
    #[track_caller]
    fn check_certificate(&self, what: &str) {
        let namespace = json!(self.namespace());
        let (_, client) = self.clients()[0];
        let service = text(&client["service"]["name"]);
        let host = format!("{service}.{}.svc", self.namespace());
        let mounted = self.check_mount(what);
        let all = self.of_kind("Certificate");
        let mut serving = all.filter(|one| one["spec"]["secretName"] == *mounted);
        let serving = serving.next().unwrap();
        let hosts = json!([host, format!("{host}.cluster.local")]);
        assert_eq!(serving["spec"]["dnsNames"], hosts, "{what}");
        let issuer = &serving["spec"]["issuerRef"]["name"];
        let issuer = self.one("Issuer", &namespace, issuer);
        let secret = &issuer["spec"]["ca"]["secretName"];
        let all = self.of_kind("Certificate");
        let mut authority = all.filter(|one| one["spec"]["secretName"] == *secret);
        let authority = authority.next().unwrap();
        assert_eq!(authority["spec"]["isCA"], true, "{what}");
        let issuer = &authority["spec"]["issuerRef"]["name"];
        let issuer = self.one("Issuer", &namespace, issuer);
        assert_eq!(issuer["spec"]["selfSigned"], json!({}), "{what}");
    }

    /// The Secret that is mounted where the manager looks for its certificate.
    #[track_caller]
    fn check_mount(&self, what: &str) -> &Value {
        let container = &self.pod()["spec"]["containers"][0];
        let arguments = container["args"].as_array().unwrap().iter();
        let flag = "--webhook-cert-path=";
        let mut folders = arguments.filter_map(|argument| text(argument).strip_prefix(flag));
        let folder = folders.next().unwrap();
        let mounts = container["volumeMounts"].as_array().unwrap();
        let mount = mounts.iter().find(|mount| mount["mountPath"] == folder);
        let volumes = self.pod()["spec"]["volumes"].as_array().unwrap();
        let name = &mount.unwrap()["name"];
        let volume = volumes.iter().find(|volume| volume["name"] == *name);
        let secret = &volume.unwrap()["secret"]["secretName"];
        assert_eq!(*secret, "webhook-server-cert", "{what}");
        secret
    }

    /// The manager may write to what calls it, and to nothing else by name.
    #[track_caller]
    fn check_rights(&self, what: &str) {
        assert!(self.pod()["spec"]["volumes"].is_null(), "{what}");
        let is_role =
            |role: &&Value| text(&role["metadata"]["name"]).ends_with("certificates-role");
        let role = self.of_kind("ClusterRole").find(is_role).unwrap();
        let rules = role["rules"].as_array().unwrap();
        let writable = |resource: &str| {
            let mut rules = rules.iter().filter(|rule| rule["resources"][0] == resource);
            let found = rules.find(|rule| rule["verbs"] == json!(["patch"]));
            found.map(|rule| rule["resourceNames"].as_array().unwrap().clone())
        };
        for (owner, _) in self.clients() {
            let resource = format!("{}s", text(&owner["kind"]).to_lowercase());
            let names = writable(&resource).unwrap_or_default();
            assert!(
                names.contains(&owner["metadata"]["name"]),
                "{what}: {owner}"
            );
        }
        let crds = writable("customresourcedefinitions").unwrap_or_default();
        let converted = self.clients().into_iter();
        let converted = converted.filter(|(owner, _)| owner["kind"] == "CustomResourceDefinition");
        assert_eq!(crds.len(), converted.count(), "{what}");
        let role = self.of_kind("Role").find(is_role).unwrap();
        let secret = json!(["webhook-server-cert"]);
        let mut rules = role["rules"].as_array().unwrap().iter();
        assert!(rules.any(|rule| rule["resourceNames"] == secret), "{what}");
    }
}

#[track_caller]
fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}
