#!/usr/bin/env bash
# Installs what the Makefile calls and the image lacks: rustop, in the version
# that PROJECT names, and kind.
set -euo pipefail

kind_version=v0.30.0

version="$(sed -n 's/^cliVersion: *//p' PROJECT | tr -d "\"'")"
cargo install rustop-cli --locked --version "$version"

case "$(uname -m)" in
x86_64) architecture=amd64 ;;
aarch64 | arm64) architecture=arm64 ;;
*)
  echo "kind has no binary for $(uname -m): \`make test-e2e\` will not work here" >&2
  exit 0
  ;;
esac

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
curl -fsSL -o "$folder/kind" "https://kind.sigs.k8s.io/dl/$kind_version/kind-linux-$architecture"
sudo install -m 0755 "$folder/kind" /usr/local/bin/kind

rustop version
kind version
