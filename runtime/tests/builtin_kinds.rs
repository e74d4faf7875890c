//! Each kind of rustop's table of Kubernetes' own kinds is the type in
//! k8s-openapi that the table says, and can be watched by this crate.
//!
//! The list is written from `src/resource/builtin.tsv`: see
//! `tests/it/slow/builtin.rs`. A type that is missing does not compile.

use kube::Resource;
use rustop_runtime::Object;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};

type Namespace = NamespaceResourceScope;
type Cluster = ClusterResourceScope;

/// `Default` is what the unit tests of a generated controller need.
fn check<K: Object + Default + Resource<Scope = S>, S>(row: [&str; 4]) {
    let _ = K::default();
    let [group, version, kind, plural] = row;
    let said = [K::group(&()), K::version(&()), K::kind(&()), K::plural(&())];
    assert_eq!(said, [group, version, kind, plural]);
}

macro_rules! kinds {
    ($($path:path: $group:literal $version:literal $kind:literal $plural:literal $scope:ident;)*) => {
        #[test]
        fn the_types_of_all_builtin_kinds_agree_with_the_table() {
            $(check::<$path, $scope>([$group, $version, $kind, $plural]);)*
        }
    };
}

kinds! {
    k8s_openapi::api::core::v1::Binding: "" "v1" "Binding" "bindings" Namespace;
    k8s_openapi::api::core::v1::ComponentStatus: "" "v1" "ComponentStatus" "componentstatuses" Cluster;
    k8s_openapi::api::core::v1::ConfigMap: "" "v1" "ConfigMap" "configmaps" Namespace;
    k8s_openapi::api::core::v1::Endpoints: "" "v1" "Endpoints" "endpoints" Namespace;
    k8s_openapi::api::core::v1::Event: "" "v1" "Event" "events" Namespace;
    k8s_openapi::api::core::v1::LimitRange: "" "v1" "LimitRange" "limitranges" Namespace;
    k8s_openapi::api::core::v1::Namespace: "" "v1" "Namespace" "namespaces" Cluster;
    k8s_openapi::api::core::v1::Node: "" "v1" "Node" "nodes" Cluster;
    k8s_openapi::api::core::v1::PersistentVolume: "" "v1" "PersistentVolume" "persistentvolumes" Cluster;
    k8s_openapi::api::core::v1::PersistentVolumeClaim: "" "v1" "PersistentVolumeClaim" "persistentvolumeclaims" Namespace;
    k8s_openapi::api::core::v1::Pod: "" "v1" "Pod" "pods" Namespace;
    k8s_openapi::api::core::v1::PodTemplate: "" "v1" "PodTemplate" "podtemplates" Namespace;
    k8s_openapi::api::core::v1::ReplicationController: "" "v1" "ReplicationController" "replicationcontrollers" Namespace;
    k8s_openapi::api::core::v1::ResourceQuota: "" "v1" "ResourceQuota" "resourcequotas" Namespace;
    k8s_openapi::api::core::v1::Secret: "" "v1" "Secret" "secrets" Namespace;
    k8s_openapi::api::core::v1::Service: "" "v1" "Service" "services" Namespace;
    k8s_openapi::api::core::v1::ServiceAccount: "" "v1" "ServiceAccount" "serviceaccounts" Namespace;
    k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration: "admissionregistration.k8s.io" "v1" "MutatingWebhookConfiguration" "mutatingwebhookconfigurations" Cluster;
    k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicy: "admissionregistration.k8s.io" "v1" "ValidatingAdmissionPolicy" "validatingadmissionpolicies" Cluster;
    k8s_openapi::api::admissionregistration::v1::ValidatingAdmissionPolicyBinding: "admissionregistration.k8s.io" "v1" "ValidatingAdmissionPolicyBinding" "validatingadmissionpolicybindings" Cluster;
    k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration: "admissionregistration.k8s.io" "v1" "ValidatingWebhookConfiguration" "validatingwebhookconfigurations" Cluster;
    k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition: "apiextensions.k8s.io" "v1" "CustomResourceDefinition" "customresourcedefinitions" Cluster;
    k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1::APIService: "apiregistration.k8s.io" "v1" "APIService" "apiservices" Cluster;
    k8s_openapi::api::apps::v1::ControllerRevision: "apps" "v1" "ControllerRevision" "controllerrevisions" Namespace;
    k8s_openapi::api::apps::v1::DaemonSet: "apps" "v1" "DaemonSet" "daemonsets" Namespace;
    k8s_openapi::api::apps::v1::Deployment: "apps" "v1" "Deployment" "deployments" Namespace;
    k8s_openapi::api::apps::v1::ReplicaSet: "apps" "v1" "ReplicaSet" "replicasets" Namespace;
    k8s_openapi::api::apps::v1::StatefulSet: "apps" "v1" "StatefulSet" "statefulsets" Namespace;
    k8s_openapi::api::authentication::v1::SelfSubjectReview: "authentication.k8s.io" "v1" "SelfSubjectReview" "selfsubjectreviews" Cluster;
    k8s_openapi::api::authentication::v1::TokenReview: "authentication.k8s.io" "v1" "TokenReview" "tokenreviews" Cluster;
    k8s_openapi::api::authorization::v1::LocalSubjectAccessReview: "authorization.k8s.io" "v1" "LocalSubjectAccessReview" "localsubjectaccessreviews" Namespace;
    k8s_openapi::api::authorization::v1::SelfSubjectAccessReview: "authorization.k8s.io" "v1" "SelfSubjectAccessReview" "selfsubjectaccessreviews" Cluster;
    k8s_openapi::api::authorization::v1::SelfSubjectRulesReview: "authorization.k8s.io" "v1" "SelfSubjectRulesReview" "selfsubjectrulesreviews" Cluster;
    k8s_openapi::api::authorization::v1::SubjectAccessReview: "authorization.k8s.io" "v1" "SubjectAccessReview" "subjectaccessreviews" Cluster;
    k8s_openapi::api::autoscaling::v1::HorizontalPodAutoscaler: "autoscaling" "v1" "HorizontalPodAutoscaler" "horizontalpodautoscalers" Namespace;
    k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler: "autoscaling" "v2" "HorizontalPodAutoscaler" "horizontalpodautoscalers" Namespace;
    k8s_openapi::api::batch::v1::CronJob: "batch" "v1" "CronJob" "cronjobs" Namespace;
    k8s_openapi::api::batch::v1::Job: "batch" "v1" "Job" "jobs" Namespace;
    k8s_openapi::api::certificates::v1::CertificateSigningRequest: "certificates.k8s.io" "v1" "CertificateSigningRequest" "certificatesigningrequests" Cluster;
    k8s_openapi::api::coordination::v1::Lease: "coordination.k8s.io" "v1" "Lease" "leases" Namespace;
    k8s_openapi::api::discovery::v1::EndpointSlice: "discovery.k8s.io" "v1" "EndpointSlice" "endpointslices" Namespace;
    k8s_openapi::api::events::v1::Event: "events.k8s.io" "v1" "Event" "events" Namespace;
    k8s_openapi::api::flowcontrol::v1::FlowSchema: "flowcontrol.apiserver.k8s.io" "v1" "FlowSchema" "flowschemas" Cluster;
    k8s_openapi::api::flowcontrol::v1::PriorityLevelConfiguration: "flowcontrol.apiserver.k8s.io" "v1" "PriorityLevelConfiguration" "prioritylevelconfigurations" Cluster;
    k8s_openapi::api::networking::v1::IPAddress: "networking.k8s.io" "v1" "IPAddress" "ipaddresses" Cluster;
    k8s_openapi::api::networking::v1::Ingress: "networking.k8s.io" "v1" "Ingress" "ingresses" Namespace;
    k8s_openapi::api::networking::v1::IngressClass: "networking.k8s.io" "v1" "IngressClass" "ingressclasses" Cluster;
    k8s_openapi::api::networking::v1::NetworkPolicy: "networking.k8s.io" "v1" "NetworkPolicy" "networkpolicies" Namespace;
    k8s_openapi::api::networking::v1::ServiceCIDR: "networking.k8s.io" "v1" "ServiceCIDR" "servicecidrs" Cluster;
    k8s_openapi::api::node::v1::RuntimeClass: "node.k8s.io" "v1" "RuntimeClass" "runtimeclasses" Cluster;
    k8s_openapi::api::policy::v1::PodDisruptionBudget: "policy" "v1" "PodDisruptionBudget" "poddisruptionbudgets" Namespace;
    k8s_openapi::api::rbac::v1::ClusterRole: "rbac.authorization.k8s.io" "v1" "ClusterRole" "clusterroles" Cluster;
    k8s_openapi::api::rbac::v1::ClusterRoleBinding: "rbac.authorization.k8s.io" "v1" "ClusterRoleBinding" "clusterrolebindings" Cluster;
    k8s_openapi::api::rbac::v1::Role: "rbac.authorization.k8s.io" "v1" "Role" "roles" Namespace;
    k8s_openapi::api::rbac::v1::RoleBinding: "rbac.authorization.k8s.io" "v1" "RoleBinding" "rolebindings" Namespace;
    k8s_openapi::api::resource::v1::DeviceClass: "resource.k8s.io" "v1" "DeviceClass" "deviceclasses" Cluster;
    k8s_openapi::api::resource::v1::ResourceClaim: "resource.k8s.io" "v1" "ResourceClaim" "resourceclaims" Namespace;
    k8s_openapi::api::resource::v1::ResourceClaimTemplate: "resource.k8s.io" "v1" "ResourceClaimTemplate" "resourceclaimtemplates" Namespace;
    k8s_openapi::api::resource::v1::ResourceSlice: "resource.k8s.io" "v1" "ResourceSlice" "resourceslices" Cluster;
    k8s_openapi::api::scheduling::v1::PriorityClass: "scheduling.k8s.io" "v1" "PriorityClass" "priorityclasses" Cluster;
    k8s_openapi::api::storage::v1::CSIDriver: "storage.k8s.io" "v1" "CSIDriver" "csidrivers" Cluster;
    k8s_openapi::api::storage::v1::CSINode: "storage.k8s.io" "v1" "CSINode" "csinodes" Cluster;
    k8s_openapi::api::storage::v1::CSIStorageCapacity: "storage.k8s.io" "v1" "CSIStorageCapacity" "csistoragecapacities" Namespace;
    k8s_openapi::api::storage::v1::StorageClass: "storage.k8s.io" "v1" "StorageClass" "storageclasses" Cluster;
    k8s_openapi::api::storage::v1::VolumeAttachment: "storage.k8s.io" "v1" "VolumeAttachment" "volumeattachments" Cluster;
    k8s_openapi::api::storage::v1::VolumeAttributesClass: "storage.k8s.io" "v1" "VolumeAttributesClass" "volumeattributesclasses" Cluster;
}
