#!/usr/bin/env bash
# How long rustop takes: medians of a release build, as a table. Not a test.
#
#   bench/run.sh            21 runs of each; RUNS=101 for more
#
# With hyperfine, where it is installed; else with a loop and the shell's clock.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
runs=${RUNS:-21}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base_median=

# median PREPARE COMMAND: milliseconds; both are run in the current folder.
median() {
    if command -v hyperfine >/dev/null 2>&1; then
        hyperfine --shell=none --style=none --warmup 2 --runs "$runs" --prepare "sh -c '$1'" \
            --export-csv "$work/result.csv" "$2" >/dev/null 2>&1
        awk -F, 'END { printf "%.1f\n", $(NF - 4) * 1000 }' "$work/result.csv"
    else
        loop "$1" "$2" | sort -n | awk '{ all[NR] = $1 } END { printf "%.1f\n", all[int((NR + 1) / 2)] / 1000 }'
    fi
}

# loop PREPARE COMMAND: microseconds of each run.
loop() {
    local run began
    for ((run = 0; run < runs; run++)); do
        sh -c "$1"
        began=${EPOCHREALTIME/[.,]/}
        $2
        echo $((${EPOCHREALTIME/[.,]/} - began))
    done
}

# row NAME PREPARE COMMAND: a line of the table; the ratio is to the first line.
row() {
    local found
    found=$(median "$2" "$3")
    base_median=${base_median:-$found}
    printf '| %-36s | %8s | %6s |\n' "$1" "$found" \
        "$(awk -v a="$found" -v b="$base_median" 'BEGIN { printf "%.1f", a / b }')"
}

# kinds UP_TO: adds kinds to the project in $work/kinds.
added=0
kinds() {
    cd "$work/kinds"
    while ((added < $1)); do
        added=$((added + 1))
        rustop create api --quiet --group apps --version v1 --kind "Kind$added" --resource --controller
    done
}

create_at() {
    local prepare
    kinds "$1"
    mkdir -p "$work/copy"
    cd "$work/copy"
    prepare="find . -mindepth 1 -delete; cp -R $work/kinds/. ."
    row "create api at $1 kinds" "$prepare" \
        "rustop create api --quiet --group apps --version v1 --kind Another --resource --controller"
}

init() {
    cd "$work"
    row "init" "rm -rf $work/fresh" "rustop init --quiet --domain example.com --project-name bench $work/fresh"
}

manifests() {
    local types=api/src/v1/kind1.rs
    export CARGO_TARGET_DIR="$repository/target/bench"
    rustop init --quiet --domain example.com --project-name bench "$work/one"
    cd "$work/one"
    rustop create api --quiet --group apps --version v1 --kind Kind1 --resource --controller
    rustop manifests --quiet
    row "manifests, nothing changed" true "rustop manifests --quiet"
    row "manifests, a field changed" "sed -i.old \"s|/// An example.*|/// An example, \$(date +%N).|\" $types" \
        "rustop manifests --quiet"
}

cd "$repository"
cargo build --locked --release --quiet
PATH="${CARGO_TARGET_DIR:-$repository/target}/release:$PATH"
export PATH

printf '| %-36s | %8s | %6s |\n|---|---:|---:|\n' command "median ms" "ratio"
init
rustop init --quiet --domain example.com --project-name bench "$work/kinds"
create_at 1
create_at 50
create_at 500
manifests
