#!/usr/bin/env bash
# The main job, from an empty folder to an operator that runs against a real API
# server: `make demo`.
#
# Each command is shown before it runs. Nothing is left behind but compiled
# dependencies (below target/) and the control plane's binaries (rustop's cache).
# With RUSTOP set to a rustop that is there, that one is taken.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$repository/target}
target=$(mkdir -p "$target" && cd "$target" && pwd)
work=
operator=
control_plane=
hint=

# What to say of a step: step TITLE, and what to do should it fail.
step() {
    printf '\n== %s\n' "$1"
    hint=$2
}

# Shows a command as it can be typed, and runs it.
run() {
    local word
    printf '$'
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=,@%+-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$@"
}

# until_says SECONDS TEXT COMMAND...: asks again until the answer is TEXT.
until_says() {
    local deadline=$((SECONDS + $1)) wanted=$2 answer=
    shift 2
    while answer=$("$@" 2>&1) || true; [ "$answer" != "$wanted" ]; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            printf '%s\n' "\`$*\` should say \`$wanted\`, but says \`$answer\`" >&2
            return 1
        fi
        sleep 0.2
    done
    printf '  -> %s\n' "$answer"
}

# stop PID: ends a process that this script started, and waits for it.
stop() {
    local status=0
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" || status=$?
    return "$status"
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    set +e
    if [ "$status" -gt 128 ]; then
        printf '\nstopped: everything that was started ends\n' >&2
    elif [ "$status" -ne 0 ]; then
        show_logs
        printf '\nthe demo failed, see above\nhelp: %s\n' "$hint" >&2
    fi
    [ -z "$operator" ] || stop "$operator"
    [ -z "$control_plane" ] || stop "$control_plane"
    [ -z "$work" ] || rm -rf "$work"
    exit "$status"
}

show_logs() {
    local log
    [ -n "$work" ] || return 0
    for log in "$work"/*.log; do
        [ -s "$log" ] || continue
        printf '\nthe end of %s:\n' "$(basename "$log")" >&2
        tail -n 15 "$log" >&2
    done
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

build_rustop() {
    step "build rustop" "the messages of cargo above say what is wrong; \`cargo build\` repeats them"
    cd "$repository"
    [ -n "${RUSTOP:-}" ] || run cargo build --locked
    export RUSTOP="${RUSTOP:-$target/debug/rustop}" # make in the project reads it too
    run rustop version
}

rustop() {
    "$RUSTOP" "$@"
}

scaffold() {
    step "scaffold the operator MyApp in a fresh folder" "please report this: rustop refused its own example"
    work=$(mktemp -d "${TMPDIR:-/tmp}/rustop-demo.XXXXXX")
    mkdir "$work/myapp-operator"
    cd "$work/myapp-operator"
    run rustop init --domain example.com --repo example.com/myapp-operator --project-name myapp-operator --quiet
    run rustop create api --group apps --version v1 --kind MyApp --resource --controller
}

# What a user would now write by hand: types, reconciler, sample.
fill_in() {
    step "fill in the types and the reconciler" "see that examples/myapp is complete: \`git status examples\`"
    local file
    for file in api/src/v1/my_app.rs src/controller/my_app.rs config/samples/apps_v1_myapp.yaml; do
        run cp "$repository/examples/myapp/$file" "$file"
    done
}

generate_and_build() {
    step "generate the manifests, build the operator" "the first build fetches and compiles the dependencies: it needs the network once"
    export CARGO_TARGET_DIR="$target/demo"
    [ -t 2 ] || export CARGO_TERM_QUIET=true
    run make --no-print-directory manifests
    run cargo build --locked
}

start_control_plane() {
    step "start a real etcd and kube-apiserver" "\`rustop envtest use\` says which way of getting them failed; without a download, Go builds them"
    run rustop envtest use
    export KUBECONFIG="$work/kubeconfig" KUBECACHEDIR="$work/kubectl-cache"
    printf '$ rustop envtest run --kubeconfig %s &\n' "$KUBECONFIG"
    "$RUSTOP" envtest run --kubeconfig "$KUBECONFIG" >"$work/control-plane.log" 2>&1 &
    control_plane=$!
    until_says 90 ok kubectl get --raw /readyz
}

start_operator() {
    step "install the CRD, run the operator" "the operator's log above says why it stopped"
    run make --no-print-directory install
    run kubectl wait --for=condition=established --timeout=30s crd/myapps.apps.example.com
    printf '$ target/debug/myapp-operator --health-probe-bind-address=0 &\n'
    "$CARGO_TARGET_DIR/debug/myapp-operator" --health-probe-bind-address=0 >"$work/operator.log" 2>&1 &
    operator=$!
}

show() {
    run kubectl get deployment,myapp
}

# deployment_says TEXT: waits for its replicas and image.
deployment_says() {
    until_says 30 "$1" kubectl get deployment myapp-sample \
        -o 'jsonpath={.spec.replicas} x {.spec.template.spec.containers[0].image}'
}

# status_says TEXT: waits for the message of the condition Ready.
status_says() {
    until_says 30 "$1" kubectl get myapp myapp-sample \
        -o 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'
}

# The nodes' part: here are none, so we say how many Pods are ready.
ready() {
    run kubectl patch deployment myapp-sample --subresource=status --type=merge \
        -p "{\"status\":{\"replicas\":$1,\"readyReplicas\":$1,\"availableReplicas\":$1}}"
}

apply_the_sample() {
    step "apply a sample: a Deployment appears" "the operator's log above says what it could not do"
    run kubectl apply -k config/samples
    deployment_says "2 x $(sed -n 's/^  image: //p' config/samples/apps_v1_myapp.yaml)"
    status_says '0 of 2 replicas are ready'
    show
}

follow_the_deployment() {
    step "Pods get ready (no nodes here, so we write the Deployment's status): the status follows" \
        "the operator's log above says what it could not do"
    ready 2
    status_says '2 of 2 replicas are ready'
    show
}

change_the_spec() {
    step "change replicas and image: the Deployment follows, and the status" \
        "the operator's log above says what it could not do"
    run kubectl patch myapp myapp-sample --type=merge -p '{"spec":{"replicas":3,"image":"example.com/app:2"}}'
    deployment_says '3 x example.com/app:2'
    status_says '2 of 3 replicas are ready'
    ready 3
    status_says '3 of 3 replicas are ready'
    ready 1
    status_says '1 of 3 replicas are ready'
    show
}

refuse_nonsense() {
    step "the API server refuses what the types do not allow" "the CRD lacks its validation: please report this"
    if run kubectl patch myapp myapp-sample --type=merge -p '{"spec":{"replicas":-1}}'; then
        return 1
    fi
}

delete_the_sample() {
    step "delete it: the Deployment belongs to it, so a cluster's garbage collector takes both" \
        "the operator's log above says what it could not do"
    until_says 5 'MyApp/myapp-sample' kubectl get deployment myapp-sample \
        -o 'jsonpath={.metadata.ownerReferences[0].kind}/{.metadata.ownerReferences[0].name}'
    run kubectl delete myapp myapp-sample --timeout=30s
    run kubectl delete deployment myapp-sample --timeout=30s
    until_says 10 'No resources found in default namespace.' kubectl get deployment,myapp
}

stop_everything() {
    step "stop the operator and the control plane" "the logs above say why one did not end well"
    local process
    process=$operator operator=
    printf '$ kill -TERM %s\n' "$process"
    stop "$process"
    echo "  -> the operator ended with 0"
    process=$control_plane control_plane=
    stop "$process"
    echo "  -> the control plane is gone"
}

"$repository/demo/prerequisites.sh"
build_rustop
scaffold
fill_in
generate_and_build
start_control_plane
start_operator
apply_the_sample
follow_the_deployment
change_the_spec
refuse_nonsense
delete_the_sample
stop_everything
printf '\nThe demo is done: everything it said it would show was seen.\n'
