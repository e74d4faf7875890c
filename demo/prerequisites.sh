#!/usr/bin/env bash
# Says which of the tools that `make demo` and `make test` call are missing, and
# how to get each. Exits 1 when one is. It installs nothing.
#
#   demo/prerequisites.sh            what both need
#   demo/prerequisites.sh --tests    what `make test` needs as well
set -u

missing=0

# lacks NAME HOW: reports one tool.
lacks() {
    printf 'missing: %s\n  help: %s\n' "$1" "$2" >&2
    missing=1
}

# needs COMMAND HOW: reports the command when there is none of that name.
needs() {
    command -v "$1" >/dev/null 2>&1 || lacks "$1" "$2"
}

# The oldest Rust that works stands in Cargo.toml, once.
oldest_rust() {
    sed -n 's/^rust-version = "\(.*\)"/\1/p' "$(dirname "$0")/../Cargo.toml" | head -n 1
}

# is_older VERSION THAN
is_older() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

check_rust() {
    if ! command -v cargo >/dev/null 2>&1 || ! command -v rustc >/dev/null 2>&1; then
        lacks "Rust $(oldest_rust) or newer" "install it from https://rustup.rs"
        return
    fi
    local found
    found=$(rustc --version | cut -d ' ' -f 2)
    if is_older "$found" "$(oldest_rust)"; then
        lacks "Rust $(oldest_rust) or newer (found $found)" "run \`rustup update stable\`"
    fi
    cargo fmt --version >/dev/null 2>&1 || lacks rustfmt "run \`rustup component add rustfmt\`"
    cargo clippy --version >/dev/null 2>&1 || lacks clippy "run \`rustup component add clippy\`"
}

# A kubectl that knows `--subresource`: 1.24 or newer.
check_kubectl() {
    kubectl patch --help 2>/dev/null | grep -q -- --subresource && return
    lacks "kubectl 1.24 or newer" "install it from https://kubernetes.io/docs/tasks/tools, or build it:
        (cd controlplane/kubernetes && go build -o FOLDER k8s.io/kubernetes/cmd/kubectl)"
}

check_rust
needs make "install the package \`make\`"
needs git "install the package \`git\`"
needs cc "install the package \`gcc\`, or Xcode's command line tools: the linker is called through it"
check_kubectl
if [ "${1:-}" = --tests ]; then
    needs ps "install the package \`procps\`"
fi
exit "$missing"
