// The operator of the benchmark as a Go team writes it by hand: controller-runtime, and what kubebuilder's main.go does.
package main

import (
	"flag"
	"os"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	probes := flag.String("health-probe-bind-address", ":8081", "where the probes are")
	metrics := flag.String("metrics-bind-address", "0", "where the metrics are; 0 is off")
	leaderElect := flag.Bool("leader-elect", false, "let only one replica reconcile")
	logging := zap.Options{}
	logging.BindFlags(flag.CommandLine)
	flag.Parse()
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&logging)))

	// How many Sites are reconciled at a time; without it, controller-runtime's default.
	concurrency, _ := strconv.Atoi(os.Getenv("CONCURRENCY"))
	if err := run(*probes, *metrics, *leaderElect, concurrency); err != nil {
		ctrl.Log.Error(err, "the manager ended")
		os.Exit(1)
	}
}

func run(probes, metrics string, leaderElect bool, concurrency int) error {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(schemeBuilder.AddToScheme(scheme))
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                 scheme,
		Metrics:                metricsserver.Options{BindAddress: metrics},
		HealthProbeBindAddress: probes,
		LeaderElection:         leaderElect,
		LeaderElectionID:       "bench.example.com",
	})
	if err != nil {
		return err
	}
	if err := (&SiteReconciler{Client: manager.GetClient()}).Register(manager, concurrency); err != nil {
		return err
	}
	if err := manager.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return err
	}
	if err := manager.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}
