# Bare `make` prints the targets.
.DEFAULT_GOAL := help
GO ?= go

# Vector instructions, where the toolchain knows them (exec/vec/simd.go).
export GOEXPERIMENT ?= $(shell GOEXPERIMENT=simd $(GO) env GOEXPERIMENT >/dev/null 2>&1 && echo simd)

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

build: ## build bin/ovate
	$(GO) build -o bin/ovate ./cmd/ovate

quickstart: build ## build and run everything in one process, with the sample
	bin/ovate quickstart

unit: ## vet, gofmt and the tests that need nothing but Go; under 10 minutes
	$(GO) vet ./...
	@test -z "$$(gofmt -l . | grep -v /testdata/)" || { echo "gofmt these:"; gofmt -l .; exit 1; }
	$(GO) test -timeout 10m ./...
	OVATE_SIMD=off $(GO) test ./exec/vec

race: ## the tests of engine and servers with the race detector
	$(GO) test -race -timeout 25m ./exec/... ./planner/... ./cluster/... ./server/...

integration: ## tests against real clients, which it installs and starts
	.ci/integration

test: unit integration ## everything that must pass

fuzz: ## every fuzz target for a minute
	.ci/fuzz 60s

soak: ## the long runs: the corpus in other ways, random queries, fuzzing
	.ci/soak

differential: ## random SQL, asked of DuckDB and of ourselves in several ways
	.ci/differential

docs: ## write docs/functions.md from the registries
	$(GO) test ./internal/reference -rewrite

cluster: build ## a running cluster: master, 3 computes, broker, with the tutorial loaded
	OVATE=$(CURDIR)/bin/ovate .ci/tutorial serve

bench: build ## time our queries over the benchmark data
	.ci/bench

compare: build ## the same beside DuckDB and ClickHouse, interleaved, with ratios
	.ci/bench --peers

.PHONY: help build quickstart unit race integration test fuzz soak differential docs cluster bench compare
