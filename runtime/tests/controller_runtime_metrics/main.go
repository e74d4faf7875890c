// Prints metric families as a table: name, type, labels, bounds of buckets.
//
// Without an argument, those that a manager of controller-runtime serves: it uses each part that has metrics once. With
// `parse`, those of the text on its standard input, read as strictly as Prometheus' own library reads it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/workqueue"
	_ "sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
	_ "sigs.k8s.io/controller-runtime/pkg/webhook/conversion"
)

func main() {
	families, err := read()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, family := range families {
		fmt.Println(row(family))
	}
}

func read() ([]*dto.MetricFamily, error) {
	if len(os.Args) > 1 {
		return parse(os.Stdin)
	}
	if err := errors.Join(reconcileOnce(), requestOnce(), leadOnce(), admitOnce()); err != nil {
		return nil, err
	}
	return metrics.Registry.Gather()
}

func parse(reader io.Reader) ([]*dto.MetricFamily, error) {
	decoder := expfmt.NewDecoder(reader, expfmt.NewFormat(expfmt.TypeTextPlain))
	var families []*dto.MetricFamily
	for {
		family := &dto.MetricFamily{}
		switch err := decoder.Decode(family); {
		case errors.Is(err, io.EOF):
			return families, nil
		case err != nil:
			return nil, err
		}
		families = append(families, family)
	}
}

func reconcileOnce() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	reconciler := reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
		cancel()
		return reconcile.Result{}, nil
	})
	example, err := controller.NewUnmanaged("example", controller.Options{Reconciler: reconciler})
	if err != nil {
		return err
	}
	one := source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		queue.Add(reconcile.Request{})
		return nil
	})
	if err := example.Watch(one); err != nil {
		return err
	}
	return example.Start(ctx)
}

func requestOnce() error {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		return err
	}
	if _, err = client.ServerVersion(); err == nil {
		return errors.New("there is no version to be found")
	}
	return nil
}

// lock is a lease that nobody else wants.
type lock struct{}

func (lock) Get(context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	return nil, nil, apierrors.NewNotFound(schema.GroupResource{}, "lease")
}
func (lock) Create(context.Context, resourcelock.LeaderElectionRecord) error { return nil }
func (lock) Update(context.Context, resourcelock.LeaderElectionRecord) error { return nil }
func (lock) RecordEvent(string)                                              {}
func (lock) Identity() string                                                { return "example" }
func (lock) Describe() string                                                { return "example" }

func leadOnce() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:          lock{},
		Name:          "example",
		LeaseDuration: 15 * time.Second,
		RenewDeadline: 10 * time.Second,
		RetryPeriod:   2 * time.Second,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { cancel() },
			OnStoppedLeading: func() {},
		},
	})
	return nil
}

func admitOnce() error {
	hook := &admission.Webhook{Handler: admission.HandlerFunc(func(context.Context, admission.Request) admission.Response {
		return admission.Allowed("")
	})}
	handler, err := admission.StandaloneWebhook(hook, admission.StandaloneOptions{MetricsPath: "/example"})
	if err != nil {
		return err
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/example", nil))
	return nil
}

func row(family *dto.MetricFamily) string {
	labels := map[string]bool{}
	buckets := ""
	for _, metric := range family.GetMetric() {
		for _, label := range metric.GetLabel() {
			labels[label.GetName()] = true
		}
		buckets = bounds(metric.GetHistogram())
	}
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	sort.Strings(names)
	kind := strings.ToLower(family.GetType().String())
	return strings.Join([]string{family.GetName(), kind, strings.Join(names, ","), buckets}, "\t")
}

// bounds are as they stand in `le`, without the `+Inf` that each histogram has.
func bounds(histogram *dto.Histogram) string {
	var texts []string
	for _, bucket := range histogram.GetBucket() {
		text := strconv.FormatFloat(bucket.GetUpperBound(), 'g', -1, 64)
		if text != "+Inf" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ",")
}
