//! What the fake knows of Kubernetes' own kinds: facts that a kube-apiserver 1.35 was asked for.
//!
//! The columns of [`LISTS`] come from its OpenAPI document, those of [`KINDS`]
//! from its discovery and from an object of each kind that was created in it.

/// Group, version, kind, plural, whether in namespaces, with a status of its own, with a generation; and its type.
pub(super) const KINDS: &str = "\
- v1 ConfigMap configmaps namespaced - - core.v1.ConfigMap
- v1 Endpoints endpoints namespaced - - core.v1.Endpoints
- v1 Event events namespaced - - core.v1.Event
- v1 LimitRange limitranges namespaced - - core.v1.LimitRange
- v1 Namespace namespaces - status - core.v1.Namespace
- v1 Node nodes - status - core.v1.Node
- v1 PersistentVolume persistentvolumes - status - core.v1.PersistentVolume
- v1 PersistentVolumeClaim persistentvolumeclaims namespaced status - core.v1.PersistentVolumeClaim
- v1 Pod pods namespaced status generation core.v1.Pod
- v1 PodTemplate podtemplates namespaced - generation core.v1.PodTemplate
- v1 ReplicationController replicationcontrollers namespaced status generation core.v1.ReplicationController
- v1 ResourceQuota resourcequotas namespaced status - core.v1.ResourceQuota
- v1 Secret secrets namespaced - - core.v1.Secret
- v1 Service services namespaced status - core.v1.Service
- v1 ServiceAccount serviceaccounts namespaced - - core.v1.ServiceAccount
admissionregistration.k8s.io v1 MutatingWebhookConfiguration mutatingwebhookconfigurations - - generation admissionregistration.v1.MutatingWebhookConfiguration
admissionregistration.k8s.io v1 ValidatingWebhookConfiguration validatingwebhookconfigurations - - generation admissionregistration.v1.ValidatingWebhookConfiguration
apps v1 ControllerRevision controllerrevisions namespaced - - apps.v1.ControllerRevision
apps v1 DaemonSet daemonsets namespaced status generation apps.v1.DaemonSet
apps v1 Deployment deployments namespaced status generation apps.v1.Deployment
apps v1 ReplicaSet replicasets namespaced status generation apps.v1.ReplicaSet
apps v1 StatefulSet statefulsets namespaced status generation apps.v1.StatefulSet
autoscaling v2 HorizontalPodAutoscaler horizontalpodautoscalers namespaced status - autoscaling.v2.HorizontalPodAutoscaler
batch v1 CronJob cronjobs namespaced status generation batch.v1.CronJob
batch v1 Job jobs namespaced status generation batch.v1.Job
coordination.k8s.io v1 Lease leases namespaced - - coordination.v1.Lease
discovery.k8s.io v1 EndpointSlice endpointslices namespaced - generation discovery.v1.EndpointSlice
events.k8s.io v1 Event events namespaced - - events.v1.Event
networking.k8s.io v1 Ingress ingresses namespaced status generation networking.v1.Ingress
networking.k8s.io v1 IngressClass ingressclasses - - generation networking.v1.IngressClass
networking.k8s.io v1 NetworkPolicy networkpolicies namespaced - generation networking.v1.NetworkPolicy
policy v1 PodDisruptionBudget poddisruptionbudgets namespaced status generation policy.v1.PodDisruptionBudget
rbac.authorization.k8s.io v1 ClusterRole clusterroles - - - rbac.v1.ClusterRole
rbac.authorization.k8s.io v1 ClusterRoleBinding clusterrolebindings - - - rbac.v1.ClusterRoleBinding
rbac.authorization.k8s.io v1 Role roles namespaced - - rbac.v1.Role
rbac.authorization.k8s.io v1 RoleBinding rolebindings namespaced - - rbac.v1.RoleBinding
scheduling.k8s.io v1 PriorityClass priorityclasses - - generation scheduling.v1.PriorityClass
storage.k8s.io v1 StorageClass storageclasses - - - storage.v1.StorageClass
";

/// Type, field, how its parts are told apart, and their type: what is not here is a scalar, a map that is merged by
/// its keys, or a list that is one value.
pub(super) const LISTS: &str = "\
admissionregistration.v1.MutatingWebhook matchConditions map:name -
admissionregistration.v1.MutatingWebhook namespaceSelector atomic -
admissionregistration.v1.MutatingWebhook objectSelector atomic -
admissionregistration.v1.MutatingWebhookConfiguration metadata - meta.ObjectMeta
admissionregistration.v1.MutatingWebhookConfiguration webhooks map:name admissionregistration.v1.MutatingWebhook
admissionregistration.v1.ValidatingWebhook matchConditions map:name -
admissionregistration.v1.ValidatingWebhook namespaceSelector atomic -
admissionregistration.v1.ValidatingWebhook objectSelector atomic -
admissionregistration.v1.ValidatingWebhookConfiguration metadata - meta.ObjectMeta
admissionregistration.v1.ValidatingWebhookConfiguration webhooks map:name admissionregistration.v1.ValidatingWebhook
apps.v1.ControllerRevision metadata - meta.ObjectMeta
apps.v1.DaemonSet metadata - meta.ObjectMeta
apps.v1.DaemonSet spec - apps.v1.DaemonSetSpec
apps.v1.DaemonSet status - apps.v1.DaemonSetStatus
apps.v1.DaemonSetSpec selector atomic -
apps.v1.DaemonSetSpec template - core.v1.PodTemplateSpec
apps.v1.DaemonSetStatus conditions map:type -
apps.v1.Deployment metadata - meta.ObjectMeta
apps.v1.Deployment spec - apps.v1.DeploymentSpec
apps.v1.Deployment status - apps.v1.DeploymentStatus
apps.v1.DeploymentSpec selector atomic -
apps.v1.DeploymentSpec template - core.v1.PodTemplateSpec
apps.v1.DeploymentStatus conditions map:type -
apps.v1.ReplicaSet metadata - meta.ObjectMeta
apps.v1.ReplicaSet spec - apps.v1.ReplicaSetSpec
apps.v1.ReplicaSet status - apps.v1.ReplicaSetStatus
apps.v1.ReplicaSetSpec selector atomic -
apps.v1.ReplicaSetSpec template - core.v1.PodTemplateSpec
apps.v1.ReplicaSetStatus conditions map:type -
apps.v1.StatefulSet metadata - meta.ObjectMeta
apps.v1.StatefulSet spec - apps.v1.StatefulSetSpec
apps.v1.StatefulSet status - apps.v1.StatefulSetStatus
apps.v1.StatefulSetSpec selector atomic -
apps.v1.StatefulSetSpec template - core.v1.PodTemplateSpec
apps.v1.StatefulSetStatus conditions map:type -
autoscaling.v2.HorizontalPodAutoscaler metadata - meta.ObjectMeta
autoscaling.v2.HorizontalPodAutoscaler status - autoscaling.v2.HorizontalPodAutoscalerStatus
autoscaling.v2.HorizontalPodAutoscalerStatus conditions map:type -
batch.v1.CronJob metadata - meta.ObjectMeta
batch.v1.CronJob spec - batch.v1.CronJobSpec
batch.v1.CronJobSpec jobTemplate - batch.v1.JobTemplateSpec
batch.v1.Job metadata - meta.ObjectMeta
batch.v1.Job spec - batch.v1.JobSpec
batch.v1.Job status - batch.v1.JobStatus
batch.v1.JobSpec selector atomic -
batch.v1.JobSpec template - core.v1.PodTemplateSpec
batch.v1.JobStatus uncountedTerminatedPods - batch.v1.UncountedTerminatedPods
batch.v1.JobTemplateSpec metadata - meta.ObjectMeta
batch.v1.JobTemplateSpec spec - batch.v1.JobSpec
batch.v1.UncountedTerminatedPods failed set -
batch.v1.UncountedTerminatedPods succeeded set -
coordination.v1.Lease metadata - meta.ObjectMeta
core.v1.Affinity nodeAffinity - core.v1.NodeAffinity
core.v1.CSIPersistentVolumeSource controllerExpandSecretRef atomic -
core.v1.CSIPersistentVolumeSource controllerPublishSecretRef atomic -
core.v1.CSIPersistentVolumeSource nodeExpandSecretRef atomic -
core.v1.CSIPersistentVolumeSource nodePublishSecretRef atomic -
core.v1.CSIPersistentVolumeSource nodeStageSecretRef atomic -
core.v1.CSIVolumeSource nodePublishSecretRef atomic -
core.v1.CephFSPersistentVolumeSource secretRef atomic -
core.v1.CephFSVolumeSource secretRef atomic -
core.v1.CinderPersistentVolumeSource secretRef atomic -
core.v1.CinderVolumeSource secretRef atomic -
core.v1.ConfigMap metadata - meta.ObjectMeta
core.v1.Container env map:name core.v1.EnvVar
core.v1.Container ports map:containerPort,protocol -
core.v1.Container resources - core.v1.ResourceRequirements
core.v1.Container volumeDevices map:devicePath -
core.v1.Container volumeMounts map:mountPath -
core.v1.Endpoints metadata - meta.ObjectMeta
core.v1.EnvVar valueFrom - core.v1.EnvVarSource
core.v1.EnvVarSource configMapKeyRef atomic -
core.v1.EnvVarSource fieldRef atomic -
core.v1.EnvVarSource fileKeyRef atomic -
core.v1.EnvVarSource resourceFieldRef atomic -
core.v1.EnvVarSource secretKeyRef atomic -
core.v1.EphemeralContainer env map:name core.v1.EnvVar
core.v1.EphemeralContainer ports map:containerPort,protocol -
core.v1.EphemeralContainer resources - core.v1.ResourceRequirements
core.v1.EphemeralContainer volumeDevices map:devicePath -
core.v1.EphemeralContainer volumeMounts map:mountPath -
core.v1.EphemeralVolumeSource volumeClaimTemplate - core.v1.PersistentVolumeClaimTemplate
core.v1.Event involvedObject atomic -
core.v1.Event metadata - meta.ObjectMeta
core.v1.Event related atomic -
core.v1.FlexPersistentVolumeSource secretRef atomic -
core.v1.FlexVolumeSource secretRef atomic -
core.v1.ISCSIPersistentVolumeSource secretRef atomic -
core.v1.ISCSIVolumeSource secretRef atomic -
core.v1.LimitRange metadata - meta.ObjectMeta
core.v1.Namespace metadata - meta.ObjectMeta
core.v1.Namespace status - core.v1.NamespaceStatus
core.v1.NamespaceStatus conditions map:type -
core.v1.Node metadata - meta.ObjectMeta
core.v1.Node spec - core.v1.NodeSpec
core.v1.Node status - core.v1.NodeStatus
core.v1.NodeAffinity requiredDuringSchedulingIgnoredDuringExecution atomic -
core.v1.NodeSpec podCIDRs set -
core.v1.NodeStatus addresses map:type -
core.v1.NodeStatus conditions map:type -
core.v1.PersistentVolume metadata - meta.ObjectMeta
core.v1.PersistentVolume spec - core.v1.PersistentVolumeSpec
core.v1.PersistentVolumeClaim metadata - meta.ObjectMeta
core.v1.PersistentVolumeClaim spec - core.v1.PersistentVolumeClaimSpec
core.v1.PersistentVolumeClaim status - core.v1.PersistentVolumeClaimStatus
core.v1.PersistentVolumeClaimSpec dataSource atomic -
core.v1.PersistentVolumeClaimSpec selector atomic -
core.v1.PersistentVolumeClaimStatus conditions map:type -
core.v1.PersistentVolumeClaimTemplate metadata - meta.ObjectMeta
core.v1.PersistentVolumeClaimTemplate spec - core.v1.PersistentVolumeClaimSpec
core.v1.PersistentVolumeSpec cephfs - core.v1.CephFSPersistentVolumeSource
core.v1.PersistentVolumeSpec cinder - core.v1.CinderPersistentVolumeSource
core.v1.PersistentVolumeSpec claimRef atomic -
core.v1.PersistentVolumeSpec csi - core.v1.CSIPersistentVolumeSource
core.v1.PersistentVolumeSpec flexVolume - core.v1.FlexPersistentVolumeSource
core.v1.PersistentVolumeSpec iscsi - core.v1.ISCSIPersistentVolumeSource
core.v1.PersistentVolumeSpec nodeAffinity - core.v1.VolumeNodeAffinity
core.v1.PersistentVolumeSpec rbd - core.v1.RBDPersistentVolumeSource
core.v1.PersistentVolumeSpec scaleIO - core.v1.ScaleIOPersistentVolumeSource
core.v1.PersistentVolumeSpec storageos - core.v1.StorageOSPersistentVolumeSource
core.v1.Pod metadata - meta.ObjectMeta
core.v1.Pod spec - core.v1.PodSpec
core.v1.Pod status - core.v1.PodStatus
core.v1.PodSpec affinity - core.v1.Affinity
core.v1.PodSpec containers map:name core.v1.Container
core.v1.PodSpec ephemeralContainers map:name core.v1.EphemeralContainer
core.v1.PodSpec hostAliases map:ip -
core.v1.PodSpec imagePullSecrets map:name atomic
core.v1.PodSpec initContainers map:name core.v1.Container
core.v1.PodSpec nodeSelector atomic -
core.v1.PodSpec resourceClaims map:name -
core.v1.PodSpec resources - core.v1.ResourceRequirements
core.v1.PodSpec schedulingGates map:name -
core.v1.PodSpec topologySpreadConstraints map:topologyKey,whenUnsatisfiable core.v1.TopologySpreadConstraint
core.v1.PodSpec volumes map:name core.v1.Volume
core.v1.PodStatus conditions map:type -
core.v1.PodStatus podIPs map:ip -
core.v1.PodStatus resourceClaimStatuses map:name -
core.v1.PodStatus resources - core.v1.ResourceRequirements
core.v1.PodTemplate metadata - meta.ObjectMeta
core.v1.PodTemplate template - core.v1.PodTemplateSpec
core.v1.PodTemplateSpec metadata - meta.ObjectMeta
core.v1.PodTemplateSpec spec - core.v1.PodSpec
core.v1.RBDPersistentVolumeSource secretRef atomic -
core.v1.RBDVolumeSource secretRef atomic -
core.v1.ReplicationController metadata - meta.ObjectMeta
core.v1.ReplicationController spec - core.v1.ReplicationControllerSpec
core.v1.ReplicationController status - core.v1.ReplicationControllerStatus
core.v1.ReplicationControllerSpec selector atomic -
core.v1.ReplicationControllerSpec template - core.v1.PodTemplateSpec
core.v1.ReplicationControllerStatus conditions map:type -
core.v1.ResourceQuota metadata - meta.ObjectMeta
core.v1.ResourceQuota spec - core.v1.ResourceQuotaSpec
core.v1.ResourceQuotaSpec scopeSelector atomic -
core.v1.ResourceRequirements claims map:name -
core.v1.ScaleIOPersistentVolumeSource secretRef atomic -
core.v1.ScaleIOVolumeSource secretRef atomic -
core.v1.Secret metadata - meta.ObjectMeta
core.v1.Service metadata - meta.ObjectMeta
core.v1.Service spec - core.v1.ServiceSpec
core.v1.Service status - core.v1.ServiceStatus
core.v1.ServiceAccount metadata - meta.ObjectMeta
core.v1.ServiceAccount secrets map:name atomic
core.v1.ServiceSpec ports map:port,protocol -
core.v1.ServiceSpec selector atomic -
core.v1.ServiceStatus conditions map:type -
core.v1.StorageOSPersistentVolumeSource secretRef atomic -
core.v1.StorageOSVolumeSource secretRef atomic -
core.v1.TopologySpreadConstraint labelSelector atomic -
core.v1.Volume cephfs - core.v1.CephFSVolumeSource
core.v1.Volume cinder - core.v1.CinderVolumeSource
core.v1.Volume csi - core.v1.CSIVolumeSource
core.v1.Volume ephemeral - core.v1.EphemeralVolumeSource
core.v1.Volume flexVolume - core.v1.FlexVolumeSource
core.v1.Volume iscsi - core.v1.ISCSIVolumeSource
core.v1.Volume rbd - core.v1.RBDVolumeSource
core.v1.Volume scaleIO - core.v1.ScaleIOVolumeSource
core.v1.Volume storageos - core.v1.StorageOSVolumeSource
core.v1.VolumeNodeAffinity required atomic -
discovery.v1.EndpointSlice metadata - meta.ObjectMeta
events.v1.Event metadata - meta.ObjectMeta
events.v1.Event regarding atomic -
events.v1.Event related atomic -
meta.ObjectMeta finalizers set -
meta.ObjectMeta ownerReferences map:uid atomic
networking.v1.Ingress metadata - meta.ObjectMeta
networking.v1.Ingress spec - networking.v1.IngressSpec
networking.v1.IngressBackend resource atomic -
networking.v1.IngressBackend service - networking.v1.IngressServiceBackend
networking.v1.IngressClass metadata - meta.ObjectMeta
networking.v1.IngressServiceBackend port atomic -
networking.v1.IngressSpec defaultBackend - networking.v1.IngressBackend
networking.v1.NetworkPolicy metadata - meta.ObjectMeta
networking.v1.NetworkPolicy spec - networking.v1.NetworkPolicySpec
networking.v1.NetworkPolicySpec podSelector atomic -
policy.v1.PodDisruptionBudget metadata - meta.ObjectMeta
policy.v1.PodDisruptionBudget spec - policy.v1.PodDisruptionBudgetSpec
policy.v1.PodDisruptionBudget status - policy.v1.PodDisruptionBudgetStatus
policy.v1.PodDisruptionBudgetSpec selector atomic -
policy.v1.PodDisruptionBudgetStatus conditions map:type -
rbac.v1.ClusterRole metadata - meta.ObjectMeta
rbac.v1.ClusterRoleBinding metadata - meta.ObjectMeta
rbac.v1.ClusterRoleBinding roleRef atomic -
rbac.v1.Role metadata - meta.ObjectMeta
rbac.v1.RoleBinding metadata - meta.ObjectMeta
rbac.v1.RoleBinding roleRef atomic -
scheduling.v1.PriorityClass metadata - meta.ObjectMeta
storage.v1.StorageClass metadata - meta.ObjectMeta
";
