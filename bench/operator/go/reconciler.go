package main

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

const finalizer = "bench.example.com/cleanup"

// SiteReconciler keeps the Deployment of a Site to its spec.
type SiteReconciler struct {
	client.Client
}

// Register adds the controller to the manager.
func (r *SiteReconciler) Register(manager ctrl.Manager, concurrency int) error {
	return ctrl.NewControllerManagedBy(manager).
		For(&Site{}).
		Owns(&appsv1.Deployment{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
}

// Reconcile brings one Site to what its spec asks for.
func (r *SiteReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var site Site
	if err := r.Get(ctx, request.NamespacedName, &site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !site.DeletionTimestamp.IsZero() {
		if controllerutil.RemoveFinalizer(&site, finalizer) {
			return ctrl.Result{}, r.Update(ctx, &site)
		}
		return ctrl.Result{}, nil
	}
	if controllerutil.AddFinalizer(&site, finalizer) {
		if err := r.Update(ctx, &site); err != nil {
			return ctrl.Result{}, err
		}
	}
	if err := r.deploy(ctx, &site); err != nil {
		return ctrl.Result{}, err
	}
	ready := metav1.Condition{
		Type: "Ready", Status: metav1.ConditionTrue, Reason: "Reconciled",
		Message: "the Deployment is as asked for", ObservedGeneration: site.Generation,
	}
	if meta.SetStatusCondition(&site.Status.Conditions, ready) {
		return ctrl.Result{}, r.Status().Update(ctx, &site)
	}
	return ctrl.Result{}, nil
}

// deploy sets only what the operator decides, so that a Deployment which is right already is not written.
func (r *SiteReconciler) deploy(ctx context.Context, site *Site) error {
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: site.Namespace, Name: site.Name}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		labels := map[string]string{"app.kubernetes.io/name": "site", "app.kubernetes.io/instance": site.Name}
		deployment.Spec.Replicas = &site.Spec.Replicas
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
		deployment.Spec.Template.Labels = labels
		if len(deployment.Spec.Template.Spec.Containers) != 1 {
			deployment.Spec.Template.Spec.Containers = make([]corev1.Container, 1)
		}
		container := &deployment.Spec.Template.Spec.Containers[0]
		container.Name = "site"
		container.Image = site.Spec.Image
		if len(container.Ports) != 1 {
			container.Ports = make([]corev1.ContainerPort, 1)
		}
		container.Ports[0].Name = "http"
		container.Ports[0].ContainerPort = 8080
		return controllerutil.SetControllerReference(site, deployment, r.Scheme())
	})
	return err
}
