#!/usr/bin/env bash
# The operator that rustop generates against the same one written by hand in Go. Not a test.
#
#   bench/operator.sh                     both, 1,000 objects, at the default concurrency, at 1 and at 16
#   bench/operator.sh --objects 4000 --concurrency 1
#   bench/operator.sh build               builds only, and says where the programs are
#   bench/operator.sh soak --minutes 10   see bench/README.md
#
# Ours is made by `rustop init` and `rustop create api`, with the reconciler in operator/rust/ in place of the stub,
# and built as the generated Dockerfile builds it: static, with the project's own profile. Needs Go, musl-gcc, ss, and
# the control plane of `rustop envtest use`.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
here=$repository/bench/operator
target=$(realpath -m "${CARGO_TARGET_DIR:-$repository/target}")
work=$target/bench-operator
musl=x86_64-unknown-linux-musl
export CARGO_TARGET_DIR=$target

build_rustop() {
    cargo build --quiet --locked --manifest-path "$repository/Cargo.toml"
}

# The project, generated anew; what cargo built of it before stays.
generate() {
    local project=$work/project
    rm -rf "$project"
    mkdir -p "$work"
    "$target/debug/rustop" init --quiet --domain example.com --project-name bench-operator "$project"
    (
        cd "$project"
        "$target/debug/rustop" create api --quiet --group bench --version v1 --kind Site --resource --controller \
            --field 'image:string' --field 'replicas:int32=1,min=0'
    )
    cp "$here/rust/site.rs" "$project/src/controller/site.rs"
}

build_ours() {
    generate
    CC_x86_64_unknown_linux_musl=${CC_x86_64_unknown_linux_musl:-musl-gcc} CARGO_TARGET_DIR=$work/target \
        cargo build --quiet --release --locked --target "$musl" --manifest-path "$work/project/Cargo.toml" \
        --bin bench-operator
    cp "$work/target/$musl/release/bench-operator" "$work/ours"
}

build_go() {
    (cd "$here/go" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$work/go" .)
}

build_driver() {
    cargo build --quiet --manifest-path "$here/driver/Cargo.toml"
}

driver() {
    local assets
    assets=${KUBEBUILDER_ASSETS:-$("$target/debug/rustop" envtest use --print path)}
    "$target/debug/bench-driver" --assets "$assets" --crds "$work/project/config/crd/bases" "$@"
}

mkdir -p "$work"
build_rustop
build_ours
build_go
build_driver
case ${1:-compare} in
build)
    echo "$work/ours $work/go $target/debug/bench-driver"
    ;;
soak)
    shift
    driver soak --operator "ours=$work/ours" "$@"
    ;;
*)
    if (($# == 0)); then
        set -- --objects 1000 --concurrency 0,1,16
    fi
    driver compare --operator "go=$work/go" --operator "ours=$work/ours" "$@"
    ;;
esac
