# A thin front over cargo and npm: everything here can be typed by hand.

set shell := ["bash", "-euo", "pipefail", "-c"]

console := "services/console"

_list:
    @just --list

# Everything on one machine: addresses in a table, Ctrl-C ends it.
[group('dev')]
dev *options:
    cargo dev {{ options }}

# Every test: Rust, the console's units, the browser end to end.
[group('test')]
test *options:
    cargo dev test {{ options }}

# Throughput and latency, each beside the physical limit measured in the same run.
[group('test')]
bench *names:
    cargo bench --workspace --bench '*' {{ names }}

# Looks for inputs that break a parser: `just fuzz webhooks::entries 1h`. Needs `cargo install cargo-bolero`.
[group('test')]
fuzz target time='10m':
    cargo bolero test --package pagekeeper-fuzz --sanitizer NONE --time {{ time }} {{ target }}

# Leaves in a target's corpus only what reaches something that nothing else reaches.
[group('test')]
fuzz-reduce target:
    cargo bolero reduce --package pagekeeper-fuzz --sanitizer NONE --engine-args="-use_counters=0" {{ target }}

# What the gate runs.
[group('test')]
gate:
    .ci/run

# Formatting, clippy with warnings as errors, the console's types, the arrows between crates.
[group('lint')]
lint: deps-check
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cd {{ console }} && npm ci --ignore-scripts --no-audit --no-fund && npm run check

# Formats everything.
[group('lint')]
format:
    cargo fmt --all
    cd {{ console }} && npm run format

# Who may depend on whom (crates/README.md).
[group('lint')]
deps-check:
    .ci/deps-check

# deploy/rabbitmq/definitions.json from the topology in crates/bus.
[group('deploy')]
definitions:
    cargo run --quiet --package pagekeeper-bus --example definitions > deploy/rabbitmq/definitions.json

# Advisories, licences, sources and duplicate crates.
[group('lint')]
deny:
    cargo deny check
